"""What a node of a document promises about time: `deprecated`, `x-sunset`, `x-stability-level`.

A day on which something ends is a promise that it lasts until then (RFC 8594, Sunset). Something that is marked draft
or alpha promises nothing yet.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

LEVELS = {"draft": 0, "alpha": 1, "beta": 2, "stable": 3}
SUNSET = "x-sunset"
STABILITY = "x-stability-level"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def today() -> dt.date:
    """The day in UTC, so that the answer does not depend on where it is asked."""
    return dt.datetime.now(dt.UTC).date()


def day_of(text: Any) -> dt.date | None:
    """A full-date (RFC 3339, section 5.6); None for anything else."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def begins_with_a_day(text: Any) -> bool:
    """Whether a person can tell the day, as in a date-time."""
    return bool(_DAY.match(str(text)))


def sunset(node: dict[str, Any]) -> dt.date | None:
    """The promised last day; None when there is none that can be read."""
    return day_of(node.get(SUNSET))


def announced_day(node: Any) -> dt.date | None:
    """The day on which it ends; None when nothing is announced: not deprecated, no day, or no full-date."""
    return sunset(node) if isinstance(node, dict) and node.get("deprecated") is True else None


def has_ended(node: dict[str, Any]) -> bool:
    """Whether its end was announced for a day, and that day has come."""
    day = announced_day(node)
    return day is not None and day <= today()


def is_level(value: Any) -> bool:
    """Whether a value is one of the levels of stability."""
    return isinstance(value, str) and value in LEVELS


def is_unpromised(node: dict[str, Any]) -> bool:
    """Whether it is marked as not to be relied on."""
    return node.get(STABILITY) in ("draft", "alpha")
