"""A search finds every text in each part of itself, in any case, whatever the letters."""

import random
import sys

from sqlalchemy import String, bindparam, select

from app.database.functions import contains, search_pattern

NAME = bindparam("name", type_=String)
FOUND = select(NAME).where(contains(NAME, "q"))
# Letters whose case depends on their place, changes their number, or has three forms; wildcards.
ODD = "ΣσςİıIiẞßǅǄǆﬀÅÅµμKkſs\u0301\u0307 %_\\aZ1😀"
TWO_CASES = [
    (letter, letter.lower())
    for letter in map(chr, range(0x530))
    if letter.lower() != letter and letter.lower().upper() == letter
]


async def find(app, name: str, words: str) -> bool:
    return bool(
        await app.state.database.read.all(FOUND, {"name": name, "q": search_pattern(words)})
    )


async def test_a_text_is_found_by_each_of_its_letters(app, record_property):
    letters = [chr(point) for point in range(1, sys.maxunicode, 7) if not 0xD800 <= point < 0xE000]
    names = ["".join(letters[start : start + 200]) for start in range(0, len(letters), 200)]

    assert [name for name in names if not await find(app, name, name)] == []
    record_property("letters searched for as they are stored", len(letters))


async def test_a_text_is_found_by_each_part_of_it(app, record_property):
    chance = random.Random(7)  # noqa: S311  (the same texts each time)
    names = [
        "ΟΔΟΣΗΜΑ",
        "ΟΔΟΣ ΑΘΗΝΑΣ",
        "İSTANBUL",
        *("".join(chance.choices(ODD, k=6)) for _ in range(30)),
    ]
    parts = [(name, name[a:b]) for name in names for b in range(len(name) + 1) for a in range(b)]

    assert [part for part in parts if not await find(app, *part)] == []
    record_property("parts of texts searched for", len(parts))


async def test_upper_case_and_lower_case_find_each_other(app, record_property):
    for upper, lower in TWO_CASES:
        assert await find(app, f"a{upper}a", f"A{lower}A"), upper
        assert await find(app, f"a{lower}a", f"A{upper}A"), lower
    record_property("letters searched for in the other case", 2 * len(TWO_CASES))


async def test_wildcards_are_letters(app):
    assert not await find(app, "abc", "%")
    assert not await find(app, "abc", "a_c")
