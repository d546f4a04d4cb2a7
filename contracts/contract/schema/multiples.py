"""Whether one number is a multiple of another, exactly, as they are written in decimal."""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def divides(of: Any, value: Any) -> bool:
    """Whether `value` is a multiple of `of`: 0.3 is one of 0.1, whatever binary fractions say."""
    return _exact(value) % _exact(of) == 0


def _exact(value: Any) -> Fraction:
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))
