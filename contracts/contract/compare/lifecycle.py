"""Promises about time: `deprecated`, `x-sunset`, `x-stability-level`.

A document that names the day on which something ends promises that it lasts until then (RFC 8594, Sunset).
Something that is marked draft or alpha promises nothing yet.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from contract.finding import Verdict, Witness

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


def _unreadable(old: dict[str, Any], new: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those whose sunset is no date; one that is released already and begins with a date may stay or be corrected."""
    written = [node.get("deprecated") is True and _KEY in node for node in (old, new)]
    if written[1] and sunset(new) is None and new[_KEY] != old.get(_KEY):
        yield new
    if written[0] and new.get("deprecated") and not _DAY.match(str(old[_KEY])):
        yield old


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
    for node in _unreadable(old, new):
        text = "x-sunset is not a date: nobody can tell what is promised"
        report.wire("sunset", place, text, f"{place.name} has x-sunset {node[_KEY]!r}")
        return
    if new.get("deprecated"):
        _sunset(report, place, old if old.get("deprecated") else {}, new)
    _stability(report, place, old, new)


def _sunset(report: Report, place: Place, old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = sunset(old), sunset(new)
    if after and not before and after < today():
        # What was deprecated already may only be announced late; a release of it would be no notice.
        verdict = Verdict.SOURCE if old else Verdict.WIRE
        text = f"its end is announced for {after}, which is over: nobody had notice"
        report.add(verdict, "sunset", place, text, witness=None if old else Witness(f"a call on {today()}"))
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
