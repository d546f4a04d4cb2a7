"""Patterns: ECMA 262 regular expressions, as JSON Schema has them, in the spelling of Python's `re`.

Where the two mean different texts (`$`, `.`, `\\d`, `\\w`, `\\s`, `\\b` beyond ASCII), the translation keeps to ECMA.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NoReturn

_DIGIT, _WORD = "0-9", "A-Za-z0-9_"
# ECMA 262, WhiteSpace and LineTerminator.
_SPACE = "\\t\\n\\x0b\\x0c\\r\\x20\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_NO_SPACE = (
    "\\x00-\\x08\\x0e-\\x1f\\x21-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e"
    "\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\U0010ffff"
)
# The members of each class escape, as they stand within brackets.
_CLASSES = {
    "d": _DIGIT,
    "D": "\\x00-/:-\\U0010ffff",
    "w": _WORD,
    "W": "\\x00-/:-@\\[-\\^`{-\\U0010ffff",
    "s": _SPACE,
    "S": _NO_SPACE,
}
_CONTROLS = {"t": "\\t", "n": "\\n", "v": "\\x0b", "f": "\\x0c", "r": "\\r", "0": "\\x00"}
_ESCAPE = re.compile(
    r"\\(?:u\{(?P<point>[0-9A-Fa-f]{1,6})\}"
    r"|u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|u(?P<unit>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|c(?P<control>[A-Za-z])"
    r"|(?P<sign>[pP])\{(?P<property>[A-Za-z_=]+)\}|k<(?P<named>[A-Za-z_$][\w$]*)>|(?P<back>[1-9][0-9]*)"
    r"|(?P<letter>[^\d]|0(?![0-9])))",
    re.DOTALL,
)
_GROUP = re.compile(r"\(\?(?:(?P<plain>[:=!]|<[=!])|<(?P<name>[A-Za-z_]\w*)>)")
_SINGLE = re.compile(r"[^\\]|\\(U[0-9a-f]{8}|x[0-9a-f]{2}|[^A-Za-z0-9]|[tnr])", re.DOTALL)
_COUNT = re.compile(r"\{\d+(,\d*)?\}")


class _NotTranslatedError(Exception):
    """Python has no way to say this, or it is no pattern of ECMA 262."""


@lru_cache(maxsize=4096)
def python(pattern: str) -> str | None:
    """The pattern for Python's `re`; None if it cannot be said there, or is none of ECMA 262."""
    try:
        made = "".join(_translated(pattern))
        re.compile(made)
    except (_NotTranslatedError, re.error, OverflowError, RecursionError, ValueError):
        return None
    return made


def _translated(pattern: str) -> Iterator[str]:
    at, repeatable = 0, False
    while at < len(pattern):
        letter = pattern[at]
        text, width = letter, 1
        if letter == "\\":
            text, width = _escaped(pattern, at)
        elif letter == "[":
            text, width = _class(pattern, at)
        elif letter == "(":
            text, width = _group(pattern, at)
        elif letter in "*+?{":
            text, width = _repeated(pattern, at, repeatable)
        elif letter in "$.]}":
            text = {"$": "\\Z", ".": "[^\\n\\r\\u2028\\u2029]"}.get(letter, f"\\{letter}")
        repeatable = letter not in "(|^$*+?" and not (letter == "{" and text != "\\{")
        at += width
        yield text


def _group(pattern: str, at: int) -> tuple[str, int]:
    if not pattern.startswith("(?", at):
        return "(", 1
    match = _GROUP.match(pattern, at)
    if match is None:
        raise _NotTranslatedError
    return f"(?P<{match['name']}>" if match["name"] else match[0], len(match[0])


def _repeated(pattern: str, at: int, repeatable: bool) -> tuple[str, int]:
    match = _COUNT.match(pattern, at)
    if pattern[at] == "{" and match is None:
        return "\\{", 1
    if not repeatable:
        raise _NotTranslatedError
    text = match[0] if match else pattern[at]
    lazy = "?" if pattern.startswith("?", at + len(text)) else ""
    return text + lazy, len(text) + len(lazy)


def _escaped(pattern: str, at: int) -> tuple[str, int]:
    """An escape outside of brackets, and how many letters it takes."""
    match = _ESCAPE.match(pattern, at)
    if match is None:
        raise _NotTranslatedError
    letter = match["letter"]
    if letter in ("b", "B"):
        made = f"(?a:\\{letter})"
    elif match["named"]:
        made = f"(?P={match['named']})"
    elif match["back"]:
        made = f"(?:\\{match['back']})"
    elif letter in _CLASSES or match["property"]:
        made = f"[{_members(match)}]"
    else:
        made = _members(match)
    return made, len(match[0])


def _members(match: re.Match[str]) -> str:
    """An escape as it stands within brackets."""
    if match["property"]:
        return _property(match["property"], match["sign"] == "P")
    if match["named"] or match["back"]:
        raise _NotTranslatedError
    letter = match["letter"]
    if letter is not None:
        if letter in _CLASSES or letter in _CONTROLS:
            return _CLASSES.get(letter) or _CONTROLS[letter]
        if letter.isascii() and letter.isalnum():
            raise _NotTranslatedError  # `\A`, `\Z`, `\G` of other dialects.
        return f"\\{letter}" if letter.isascii() and letter != "_" else letter
    return f"\\U{_point(match):08x}"


def _point(match: re.Match[str]) -> int:
    if match["control"]:
        return ord(match["control"].upper()) - 64
    if match["high"]:
        return 0x10000 + ((int(match["high"], 16) - 0xD800) << 10) + int(match["low"], 16) - 0xDC00
    point = int(match["point"] or match["unit"] or match["byte"], 16)
    if 0xD800 <= point < 0xE000:
        raise _NotTranslatedError  # Half of a character.
    return point


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A class in brackets, and how many letters it takes."""
    start = at + 1 + pattern.startswith("^", at + 1)
    end, members = start, []
    while not pattern.startswith("]", end):
        text, width = _member(pattern, end)
        members.append(text)
        end += width
    inside = "".join(_joined(members))
    if not inside:
        return "[\\s\\S]" if start > at + 1 else "(?!)", end + 1 - at
    return f"[{pattern[at + 1 : start]}{inside}]", end + 1 - at


def _joined(members: list[str]) -> Iterator[str]:
    """The members of a class. `-` between two single letters is a range; elsewhere it is itself."""
    at = 0
    while at < len(members):
        if (
            members[at + 1 : at + 2] == ["-"]
            and all(map(_SINGLE.fullmatch, members[at : at + 3 : 2]))
            and members[at + 2 :]
        ):
            yield f"{_quoted(members[at])}-{_quoted(members[at + 2])}"
            at += 3
        else:
            yield "\\-" if members[at] == "-" else _quoted(members[at])
            at += 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    if pattern.startswith(("\\b", "\\-"), at):
        return "\\x08" if pattern[at + 1] == "b" else "\\-", 2
    if not pattern.startswith("\\", at):
        return pattern[at : at + 1] or _refused(), 1
    match = _ESCAPE.match(pattern, at) or _refused()
    return _members(match), len(match[0])


def _refused() -> NoReturn:
    raise _NotTranslatedError


def _quoted(member: str) -> str:
    return f"\\{member}" if member in ("[", "^", "&", "~", "|") else member


@cache
def _property(name: str, negated: bool) -> str:
    """The members of a Unicode property: a general category, by its short or long name."""
    value = name.removeprefix("General_Category=").removeprefix("gc=")
    short = _CATEGORIES.get(value, value)
    if short == "Any":
        inside = [True] * (sys.maxunicode + 1)
    elif short == "ASCII":
        inside = [point < 128 for point in range(sys.maxunicode + 1)]
    elif short in _CATEGORIES.values():
        inside = [unicodedata.category(chr(point)).startswith(short) for point in range(sys.maxunicode + 1)]
    else:
        raise _NotTranslatedError
    return "".join(_ranges(inside, not negated)) or "\\ud800"  # Half of a character is in no text.


def _ranges(inside: list[bool], wanted: bool) -> Iterator[str]:
    start = None
    for point, known in enumerate([*inside, not wanted]):
        if (known is wanted) and start is None and point < len(inside):
            start = point
        elif known is not wanted and start is not None:
            yield f"\\U{start:08x}-\\U{point - 1:08x}"
            start = None


_CATEGORIES = {
    "Any": "Any", "ASCII": "ASCII",
    "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "Letter_Number": "Nl", "Other_Number": "No",
    "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So",
    "Punctuation": "P", "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf", "Other_Punctuation": "Po",
    "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C",
    "Control": "Cc", "Format": "Cf", "Private_Use": "Co", "Unassigned": "Cn",
}  # fmt: skip
