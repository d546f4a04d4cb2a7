"""Texts that fit a pattern, and whether every text of one pattern fits another."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]  # the parser of `re` is not in its public face
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from contract.schema.ecma import python

EVERYTHING = frozenset({"", ".*", "^.*$", "^.*", ".*$", "^", "$", "(.*)", "^(.*)$", r"[\s\S]*", r"^[\s\S]*$"})
_ALPHABET = "aA0" + string.ascii_letters + string.digits + " -_./:@!é漢"
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_OFTEN = 10
_CLASSES = {
    op.CATEGORY_DIGIT: "0123456789",
    op.CATEGORY_NOT_DIGIT: "aA-_ ",
    op.CATEGORY_SPACE: " \t",
    op.CATEGORY_NOT_SPACE: "aA0-_",
    op.CATEGORY_WORD: "aA0_z9",
    op.CATEGORY_NOT_WORD: "- .!",
}


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of ECMA 262, ready to search with; None if it cannot be translated."""
    made = python(pattern)
    return None if made is None else re.compile(made)


def search(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text; one that cannot be translated is found nowhere."""
    known = compiled(pattern)
    return known is not None and known.search(text) is not None


@lru_cache(maxsize=4096)
def comparable(pattern: str) -> bool:
    """Whether a pattern can be translated, and searched for in a time that does not double with each letter."""
    return python(pattern) is not None and not backtracks(pattern)


def parsed(pattern: str) -> Any:
    """The parts of a translated pattern, as Python's parser names them; None if there are none."""
    made = python(pattern)
    return None if made is None else _parser.parse(made)


@lru_cache(maxsize=4096)
def backtracks(pattern: str) -> bool:
    """Whether a search may take a time that doubles with each letter: a repeat of what is itself repeated, with nothing
    between, or of alternatives that begin alike."""
    return _doubles(parsed(pattern) or ())


def _doubles(tree: Any) -> bool:
    return any(_part_doubles(kind, value) for kind, value in tree)


def _part_doubles(kind: Any, value: Any) -> bool:
    if kind in _REPEATS:
        return (value[1] > _OFTEN and _ambiguous(value[2])) or _doubles(value[2])
    if kind is op.SUBPATTERN:
        return _doubles(value[3])
    return kind is op.BRANCH and any(map(_doubles, value[1]))


def _ambiguous(tree: Any) -> bool:
    """Whether a text of several rounds can be cut into rounds in more than one way, as far as a look tells."""
    needed = [(kind, value) for kind, value in tree if not (kind in _REPEATS and value[0] == 0) and kind is not op.AT]
    if len(needed) != 1:
        return not needed and any(kind in _REPEATS for kind, _ in tree)
    kind, value = needed[0]
    if kind is op.SUBPATTERN:
        return _ambiguous(value[3])
    if kind is op.BRANCH:
        starts = [str(part[0]) for part in value[1] if len(part)]
        return len(set(starts)) < len(starts) or any(map(_ambiguous, value[1]))
    return kind in _REPEATS and bool(value[1] > _OFTEN)


def universal(pattern: str) -> bool:
    """Whether a pattern fits every text (line breaks left aside)."""
    return pattern in EVERYTHING


@lru_cache(maxsize=2048)
def fitting(pattern: str, low: int = 0, high: int | None = None, count: int = 24) -> tuple[str, ...]:
    """Texts in which the pattern is found, of a length between the limits; the shortest first."""
    tree = parsed(pattern)
    if tree is None:
        return ()
    found = dict.fromkeys(
        text
        for seed in range(count * 4)
        for text in _stretched(_text(tree, random.Random(seed), seed), pattern, low)
        if low <= len(text) and (high is None or len(text) <= high) and search(pattern, text)
    )
    return tuple(sorted(found, key=len)[:count])


def _stretched(text: str, pattern: str, low: int) -> Iterator[str]:
    yield text
    missing = low - len(text)
    if missing > 0:
        yield text + (text[-1:] or "a") * missing
        yield (text[:1] or "a") * missing + text
    if not pattern.startswith("^"):
        yield "!" + text
    if not pattern.endswith("$"):
        yield text + "!"


def _text(tree: Any, chance: random.Random, seed: int) -> str:
    return "".join(_part(kind, value, chance, seed) for kind, value in tree)


def _part(kind: Any, value: Any, chance: random.Random, seed: int) -> str:
    if kind in _REPEATS:
        return _repeat(value, chance, seed)
    if kind in (op.BRANCH, op.SUBPATTERN):
        return _text(chance.choice(value[1]) if kind is op.BRANCH else value[3], chance, seed)
    return _letter(kind, value, chance)


def _letter(kind: Any, value: Any, chance: random.Random) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.NOT_LITERAL:
        return next(letter for letter in _ALPHABET if letter != chr(value))
    if kind is op.ANY:
        return chance.choice(_ALPHABET)
    # Anchors and look-arounds take no room; whoever asked searches again.
    return _one_of(value, chance) if kind is op.IN else ""


def _repeat(value: Any, chance: random.Random, seed: int) -> str:
    least, most, inner = value
    most = min(int(most), least + 5)
    count = least if seed == 0 else most if seed == 1 else chance.randint(least, most)
    return "".join(_text(inner, chance, seed) for _ in range(count))


def _one_of(members: list[Any], chance: random.Random) -> str:
    if members and members[0][0] is op.NEGATE:
        outside = [letter for letter in _ALPHABET if not any(_holds(member, letter) for member in members[1:])]
        return chance.choice(outside or ["\u00b6"])
    kind, value = chance.choice(members)
    if kind is op.RANGE:
        return chr(chance.choice((value[0], value[1], chance.randint(*value))))
    if kind is op.CATEGORY:
        return chance.choice(_CLASSES[value])
    return chr(value)


def _holds(member: Any, letter: str) -> bool:
    kind, value = member
    if kind is op.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    if kind is op.CATEGORY:
        return letter in _CLASSES[value]
    return letter == chr(value)
