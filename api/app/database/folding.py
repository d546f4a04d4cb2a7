"""Letters without case and accents, in which every text is searched.

The database folds what is searched for, and where: SQLite with ``fold`` itself, PostgreSQL with the
same as a function of SQL, because its ``lower()`` is another one with each locale. Columns hold
what that returned, so it is never replaced: another rule wants functions of another name.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from unicodedata import category, combining, normalize

# Between and beyond, none has a case, is a mark or is invisible.
POINTS = range(0x80, 0x20000), range(0xE0000, 0xE01F0)
# translate() takes longer the more letters it has, so those of a script are replaced together.
SCRIPTS = (0x80, 0x370), (0x370, 0x400), (0x400, 0x530), (0x1D00, 0x2C00), (0, 0x20000)
# The arguments' order is that of code points; lower() only makes the steps after it rarer.
CREATE = """
CREATE OR REPLACE FUNCTION fold_letters(words text) RETURNS text
IMMUTABLE STRICT PARALLEL SAFE COST 10 LANGUAGE plpgsql AS $$
DECLARE folded text COLLATE "C" := lower(normalize(words, NFKD) COLLATE "default");
BEGIN
    {steps}
    RETURN folded;
END $$
"""
STEP = """
    IF folded ~ '[{letters}]' THEN
        folded := {replaced};
    END IF;
"""


def fold(words: str | None) -> str | None:
    """Return a text without case, accents and compatibility (Unicode, 3.13.3); letter by letter.

    So what is found by a text is found by each part of it, in upper or lower case, composed or not.
    """
    if words is None or words.isascii():
        return words and words.lower()
    return "".join(map(_fold_letter, normalize("NFKD", words)))


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    # By way of the upper case: that of a dotless i is I, whose folded form is i.
    folded = normalize("NFKD", normalize("NFKD", letter.upper()).casefold())
    return "".join(each for each in folded if not _is_accent(each) and not _is_invisible(each))


def _is_accent(mark: str) -> bool:
    """Tell whether a mark stands above, below or over letters of any script (Unicode, 4.3).

    The classes from 7 to 199 are of one script each: voiced kana, viramas, vowels of Thai.
    """
    return combining(mark) > 0 and not 7 <= combining(mark) < 200


def _is_invisible(letter: str) -> bool:
    """Tell whether a letter only joins, parts or directs others, or chooses how one is drawn."""
    is_variation = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return category(letter) == "Cf" or is_variation or letter in "\u034f\u180b\u180c\u180d\u180f"


@cache
def fold_letters_in_sql() -> str:
    """Return the statement that gives PostgreSQL ``fold`` for texts that are not ASCII."""
    letters = [chr(point) for points in POINTS for point in points]
    folded = {each: _fold_letter(each) for each in letters if normalize("NFKD", each) == each}
    changed = {letter: to for letter, to in folded.items() if letter != to}
    accents = _ranges(letter for letter, to in changed.items() if not to)
    steps = [(accents, f"regexp_replace(folded, '[{accents}]+', '', 'g')")]
    ligatures = {letter: to for letter, to in changed.items() if len(to) > 1}
    replaced = "folded"
    for letter, to in ligatures.items():
        replaced = f"replace({replaced}, '{letter}', '{to}')"
    steps.append((_ranges(ligatures), replaced))
    rest = {letter: to for letter, to in changed.items() if len(to) == 1}
    for first, end in SCRIPTS:
        script = [letter for letter in rest if first <= ord(letter) < end]
        pairs = "".join(script), "".join(rest.pop(letter) for letter in script)
        steps.append((_ranges(script), f"translate(folded, '{pairs[0]}', '{pairs[1]}')"))
    written = (STEP.format(letters=each, replaced=replaced) for each, replaced in steps)
    return CREATE.format(steps="".join(written).strip())


def _ranges(letters: Iterable[str]) -> str:
    """Return letters, in ascending order, as a regular expression has them within brackets."""
    found: list[str] = []
    for letter in letters:
        if found and ord(found[-1][-1]) == ord(letter) - 1:
            found[-1] = f"{found[-1][0]}-{letter}"
        else:
            found.append(letter)
    return "".join(found)
