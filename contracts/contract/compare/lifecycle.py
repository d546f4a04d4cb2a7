"""Promises about time: `deprecated`, `x-sunset`, `x-stability-level`.

A document that names the day on which something ends promises that it lasts until then (RFC 8594, Sunset).
Something that is marked draft or alpha promises nothing yet.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from contract.finding import Verdict

if TYPE_CHECKING:
    from contract.compare.report import Place, Report

LEVELS = {"draft": 0, "alpha": 1, "beta": 2, "stable": 3}
KNOWN = (None, *LEVELS)
_KEY = "x-sunset"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def today() -> dt.date:
    """The day in UTC, so that the answer does not depend on where it is asked."""
    return dt.datetime.now(dt.UTC).date()


def sunset(node: dict[str, Any]) -> dt.date | None:
    """The promised last day; None when there is none, or it is no full-date of RFC 3339."""
    day = node.get(_KEY)
    if not isinstance(day, str) or not _DAY.fullmatch(day):
        return None
    try:
        return dt.date.fromisoformat(day)
    except ValueError:
        return None


def unreadable(node: dict[str, Any]) -> bool:
    """Whether a sunset is written that is no date."""
    return bool(node.get("deprecated")) and _KEY in node and sunset(node) is None


def unpromised(node: dict[str, Any]) -> bool:
    """Whether this was marked as not to be relied on."""
    return node.get("x-stability-level") in ("draft", "alpha")


def announced(node: dict[str, Any]) -> bool:
    """Whether the end was announced for a day, and that day has come; without a day nothing is announced."""
    day = sunset(node)
    return node.get("deprecated") is True and day is not None and day <= today()


def life(report: Report, place: Place, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Compare the promises that two nodes make about themselves."""
    if new.get("deprecated") is True and old.get("deprecated") is not True:
        report.add(Verdict.COMPATIBLE, "deprecated", place, "is deprecated", kind="Deprecated")
    if unreadable(new) and (not unreadable(old) or new[_KEY] != old[_KEY]):
        text = "x-sunset is not a date: nobody can tell what is promised"
        report.wire("sunset", place, text, f"{place.name} has x-sunset {new[_KEY]!r}")
        return
    if new.get("deprecated"):
        _sunset(report, place, old if old.get("deprecated") else {}, new)
    _stability(report, place, old, new)


def _sunset(report: Report, place: Place, old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = sunset(old), sunset(new)
    if after and not before and after < today():
        text = f"its end is announced for {after}, which is over: nobody had notice"
        report.wire("sunset", place, text, f"a call on {today()}")
    elif before and not after:
        report.wire("sunset", place, f"the end on {before} is no longer promised", f"a call on {before}")
    elif before and after and after < before and after < today():
        report.wire(
            "sunset",
            place,
            f"the end was moved from {before} to {after}",
            f"a call between {after} and {before}",
        )


def _stability(report: Report, place: Place, old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = old.get("x-stability-level"), new.get("x-stability-level")
    for level in (before, after):
        if level not in KNOWN:
            text = f"x-stability-level is none of {', '.join(LEVELS)}"
            report.wire("stability", place, text, f"{place.name} has x-stability-level {level!r}")
            return
    if before is not None and LEVELS[before] > LEVELS.get(after or "", -1) and before != after:
        text = f"was {before}, is {after or 'without a level'}"
        report.wire(
            "stability",
            place,
            f"the promise of stability was lowered: it {text}",
            f"a client that relies on {before}",
        )
