"""Promises about time: deprecation, end and stability of two nodes."""

from __future__ import annotations

from typing import Any

from contract.compare.change import Change
from contract.findings.difference import ABSENT
from contract.findings.finding import Verdict, Witness
from contract.openapi.lifecycle import LEVELS, STABILITY, SUNSET, begins_with_a_day, is_level, sunset, today
from contract.openapi.place import Path


def compare_lifecycle(change: Change, path: Path = ()) -> None:
    """Compare the promises that two nodes make about themselves."""
    old, new = (node if isinstance(node, dict) else {} for node in (change.old, change.new))
    if new.get("deprecated") is True and old.get("deprecated") is not True:
        change.add(Verdict.COMPATIBLE, "deprecated", path=path, after=True, kind="Deprecated")
    if _is_unreadable(old, new):
        before, after = (node.get(SUNSET, ABSENT) for node in (old, new))
        change.add_break("sunset", path=path, before=before, after=after)
        return
    if new.get("deprecated"):
        _sunset(change.of(old if old.get("deprecated") else {}, new), path)
    _stability(change, path, old.get(STABILITY), new.get(STABILITY))


def _is_unreadable(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether a sunset is not a date. A released one that begins with a date may stay, or be corrected."""
    was_written, is_written = (node.get("deprecated") is True and SUNSET in node for node in (old, new))
    if is_written and sunset(new) is None and new[SUNSET] != old.get(SUNSET):
        return True
    return bool(was_written and new.get("deprecated") and not begins_with_a_day(old[SUNSET]))


def _sunset(change: Change, path: Path) -> None:
    before, after = sunset(change.old), sunset(change.new)
    fields: dict[str, Any] = {
        "path": path,
        "before": ABSENT if before is None else before.isoformat(),
        "after": ABSENT if after is None else after.isoformat(),
    }
    if after and not before and after < today():
        if change.old:
            # It was deprecated before, so the announcement is only late. Clients would still have no notice.
            change.add(Verdict.SOURCE, "sunset", **fields)
        else:
            change.add_break("sunset", Witness(f"a call on {today()}"), **fields)
    elif before and not after:
        # Who was told to leave by a day may stay.
        change.add(Verdict.COMPATIBLE, "sunset", **fields)
    elif before and after and after < before and after < today():
        change.add_break("sunset", **fields)


def _stability(change: Change, path: Path, before: Any, after: Any) -> None:
    values = {"before": ABSENT if before is None else before, "after": ABSENT if after is None else after}
    unknown = [level for level in (before, after) if level is not None and not is_level(level)]
    lowered = not unknown and before is not None and before != after and LEVELS[before] > LEVELS.get(after or "", -1)
    if unknown or lowered:
        change.add_break("stability", None, path=path, **values)
