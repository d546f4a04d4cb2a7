"""Every change that is played, by name."""

from collections.abc import Iterable
from dataclasses import replace

from evolution.changes import Change, Json
from evolution.fields import new_fields
from evolution.limits import limits
from evolution.surroundings import surroundings

# What of a place several kinds of changes alter, by words in their names: only one of them can be made at once.
ASPECTS = (
    ("deprecated", ("deprecated",)),
    ("default", ("default",)),
    ("header", ("new header of answers", "new required header of answers")),
    ("security", ("no scope needed", "for everyone", "another way to sign in")),
    ("type", (" allowed in requests", "number for integer", "no format")),
)


def aspect(change: Change) -> str:
    """What of its place a change alters; changes of two aspects of one place can be made together."""
    found = (name for name, words in ASPECTS if any(word in change.kind for word in words))
    return f"{next(found, change.kind)} of {change.place}"


def changes(raw: Json) -> dict[str, Change]:
    """All changes of a document; two of one name would be one."""
    edits = [replace(change, alters=change.alters or aspect(change)) for change in (*limits(raw), *surroundings(raw))]
    made = [*new_fields(), *edits]
    found = {change.name: change for change in made}
    assert len(found) == len(made), "two changes have one name"
    return found


def kinds(made: Iterable[Change]) -> dict[str, list[Change]]:
    """The changes by their kind."""
    found: dict[str, list[Change]] = {}
    for change in made:
        found.setdefault(change.kind, []).append(change)
    return found


def apart(chosen: Iterable[Change], size: int) -> list[list[Change]]:
    """Groups of at most this size, within which no change touches what another one touches."""
    groups: list[list[Change]] = []
    for change in sorted(chosen, key=lambda change: (change.last, change.source)):
        fitting = (group for group in groups if len(group) < size and not any(clash(change, one) for one in group))
        group = next(fitting, None)
        if group is None:
            group = []
            groups.append(group)
        group.append(change)
    return groups


def clash(one: Change, other: Change) -> bool:
    """Whether two changes edit the same, or one moves, hides or ends what the other one needs."""
    alone = any(change.announce or change.refuses for change in (one, other)) or one.last != other.last
    hides = ("deprecated" in one.kind) != ("deprecated" in other.kind)
    return alone or hides or (bool(one.alters) and one.alters == other.alters)
