"""What follows from a pattern: the lengths of its texts, and whether all of them fit another one.

The second is exact where the patterns are small enough.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf
from re import _constants as op  # type: ignore[attr-defined]  # the parser of `re` is not in its public face

import greenery

from contract.schema.texts import parsed

_LIMIT = 80


@lru_cache(maxsize=512)
def contains(inner: str, outer: str) -> bool:
    """Whether each text in which `inner` is found is one in which `outer` is found; False when it is not known."""
    if inner == outer:
        return True
    try:
        one, other = greenery.parse(_whole(inner)), greenery.parse(_whole(outer))
    except Exception:
        return False
    return bool(one.to_fsm() <= other.to_fsm())


@lru_cache(maxsize=4096)
def lengths(pattern: str) -> tuple[int, float]:
    """The least and the greatest length of a text in which a pattern is found; 0 and infinity when it is not known."""
    tree = parsed(pattern)
    if tree is None:
        return 0, inf
    low, high = tree.getwidth()
    anchors = [value for kind, value in (*tree[:1], *tree[-1:]) if kind is op.AT]
    is_whole = anchors[:1] == [op.AT_BEGINNING] and anchors[-1:] in ([op.AT_END], [op.AT_END_STRING])
    return int(low), int(high) if is_whole and high < op.MAXREPEAT and not tree.state.flags & re.MULTILINE else inf


def _whole(pattern: str) -> str:
    """A pattern that is searched for, as one that fits the whole text."""
    pattern = _respelled(pattern)
    repeats = [int(number) for number in re.findall(r"\d+(?=[,}])", pattern)]
    if len(pattern) > _LIMIT or sum(repeats) > _LIMIT or re.search(r"\(\?|\\[bB1-9]|(?<!\\)[*+?}][?+]", pattern):
        raise ValueError(pattern)
    start, end = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    core = pattern[start : len(pattern) - end]
    if (
        ((start or end) and "|" in _top_level(core))
        or "^" in re.sub(r"\[\^", "", core)
        or "$" in core.replace("\\$", "")
    ):
        raise ValueError(pattern)
    return f"{'' if start else '.*'}({core}){'' if end else '.*'}"


def _respelled(pattern: str) -> str:
    """The same pattern in spellings that greenery reads: no `\\u0000`, no `\\/`, no bare `-` at the end of a class."""
    pattern = re.sub(r"(?<!\\)\\u([0-9A-Fa-f]{4})", _code_unit, pattern)
    pattern = re.sub(r"(?<!\\)\\([/\"'<>=!:;,@#%&~`])", r"\1", pattern)
    pattern = re.sub(r"(?<!\\)(\[\^?)-", r"\1\-", pattern)
    return re.sub(r"(?<!\\)-\]", r"\-]", pattern)


def _code_unit(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    if 0xD800 <= number < 0xE000:
        raise ValueError(match[0])  # Half of a character.
    return f"\\x{number:02x}" if number < 0x100 else chr(number)


def _top_level(pattern: str) -> str:
    """A pattern without what stands in classes and groups."""
    pattern = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "", pattern)
    shorter = re.sub(r"\([^()]*\)", "", pattern)
    return pattern if shorter == pattern else _top_level(shorter)


@lru_cache(maxsize=512)
def apart(own: tuple[str, ...], refused: tuple[str, ...]) -> bool:
    """Whether no text fits all of `own` and none of `refused`; False when it is not known."""
    try:
        machine = greenery.parse(".*").to_fsm()
        for pattern in own:
            machine &= greenery.parse(_whole(pattern)).to_fsm()
        for pattern in refused:
            machine -= greenery.parse(_whole(pattern)).to_fsm()
        return bool(machine.empty())
    except Exception:
        return False
