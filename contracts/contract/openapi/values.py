"""Equality of JSON values: `1` is `1.0` and is not `true` (RFC 8259 knows one kind of number)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same to JSON; the order of an object's keys says nothing."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(key in other and equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


def among(value: Any, values: Iterable[Any]) -> bool:
    """Whether a value is one of these."""
    return any(equal(value, one) for one in values)


def unique(values: list[Any]) -> bool:
    """Whether no two values are the same."""
    if all(isinstance(value, str) for value in values):
        return len(set(values)) == len(values)
    return not any(among(value, values[:index]) for index, value in enumerate(values))


def integral(value: Any) -> bool:
    """Whether a number has no fraction; an integer of any size is one."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
