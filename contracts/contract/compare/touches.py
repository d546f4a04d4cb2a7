"""Every place that a finding about a shared schema touches: each operation, and each way to it within one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from contract.compare.report import Report
from contract.findings.finding import Finding, Touch
from contract.openapi.place import Path, Place
from contract.schema.gap import Comparison, Edge
from contract.schema.sample import UNLISTED
from contract.schema.witness import Wire, edges_by_target, step_name

# How many places one schema is followed to. What lies further is told by a place that stands for all below it.
_MOST = 100
Fields = tuple[str, ...]
# What was found about each comparison, by its id.
Found = dict[int, list[tuple[Finding, Fields]]]
# A finding with one way to it: the path to a comparison, and the field there; None for anything below the path.
Way = tuple[Finding, Path, Fields | None, Comparison]


def add_touches(report: Report) -> None:
    """Complete `touches` and `operations` of the findings about schemas."""
    found: Found = {}
    for told in (report.told, report.twins):
        for (comparison, (_, _, fields)), finding in told.items():
            found.setdefault(comparison, []).append((finding, fields))
    seen = {id(finding): set(finding.touches) for held in found.values() for finding, _ in held}
    known: dict[tuple[int, int], list[Way]] = {}
    for place, root, wire in report.roots if found else ():
        key = (id(root), id(wire.excused))
        if key not in known:
            known[key] = list(_ways(root, found, wire))
        for finding, touch in _touches(known[key], place):
            if touch not in seen[id(finding)]:
                seen[id(finding)].add(touch)
                finding.touches.append(touch)
                if place.operation not in finding.operations:
                    finding.operations.append(place.operation)


def _ways(root: Comparison, found: Found, wire: Wire) -> Iterator[Way]:
    """Each finding below a root with each way to it, shorter ways first."""
    leading = _leading(root, found)
    pending: deque[tuple[Comparison, tuple[Edge, ...], Path, frozenset[int]]] = deque([(root, (), (), frozenset())])
    seen: set[tuple[int, Path]] = set()
    while pending:
        comparison, way, path, above = pending.popleft()
        if id(comparison) not in leading or (id(comparison), path) in seen:
            continue
        if id(comparison) in above or len(seen) >= _MOST:
            # The schema contains itself, or there are too many ways.
            yield from ((one, path, None, comparison) for one in leading[id(comparison)])
            continue
        seen.add((id(comparison), path))
        if not (wire.excused and comparison.gaps and wire.excused(comparison, way)):
            yield from ((one, path, fields, comparison) for one, fields in found.get(id(comparison), ()))
        for edge in comparison.edges:
            further = (*path, *step_name(edge, comparison))
            pending.append((edge.to, (*way, edge), further, above | {id(comparison)}))


def _touches(ways: Iterable[Way], place: Place) -> Iterator[tuple[Finding, Touch]]:
    for finding, path, fields, comparison in ways:
        if fields is None:
            yield finding, Touch(place, path, deeper=True)
        elif not fields:
            yield finding, Touch(place, path)
        for name in fields or ():
            yield finding, _at_field(place, path, name, comparison)


def _at_field(place: Place, path: Path, name: str, comparison: Comparison) -> Touch:
    if name != UNLISTED:
        return Touch(place, (*path, name))
    shared = (known for known, _, _ in comparison.shared)
    return Touch(place, (*path, "*"), declared=frozenset({*shared, *comparison.added, *comparison.removed}))


def _leading(root: Comparison, found: Found) -> dict[int, list[Finding]]:
    """The comparisons from which something is reached that was found, each with all that is found below it."""
    sources = edges_by_target(root)
    leading: dict[int, dict[int, Finding]] = {}
    for start in sources:
        for finding, _ in found.get(start, ()):
            pending, seen = [start], {start}
            while pending:
                current = pending.pop()
                leading.setdefault(current, {})[id(finding)] = finding
                further = [source for source in sources[current] if source not in seen]
                seen.update(further)
                pending += further
    return {key: list(held.values()) for key, held in leading.items()}
