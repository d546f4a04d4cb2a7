"""Every place that a finding about a shared schema touches: each operation, and each way to it within one."""

from __future__ import annotations

from collections import deque

from contract.compare.report import Report
from contract.findings.finding import Finding, Touch
from contract.openapi.place import Path, Place
from contract.schema.gap import Comparison, Edge
from contract.schema.sample import UNLISTED
from contract.schema.witness import Wire, edges_by_target, step_name

# More ways than real schemas have. Where there are more, a place stands for all that is below it.
_MOST = 2_000
Fields = tuple[str, ...]
# What was found about each comparison, by its id.
Found = dict[int, list[tuple[Finding, Fields]]]


def add_touches(report: Report) -> None:
    """Complete `touches` and `operations` of the findings about schemas."""
    found: Found = {}
    for told in (report.told, report.twins):
        for (comparison, (_, _, fields)), finding in told.items():
            found.setdefault(comparison, []).append((finding, fields))
    seen = {id(finding): set(finding.touches) for held in found.values() for finding, _ in held}
    for place, root, wire in report.roots if found else ():
        for finding, touch in _Ways(found, place, wire).from_root(root):
            if touch not in seen[id(finding)]:
                seen[id(finding)].add(touch)
                finding.touches.append(touch)
                if place.operation not in finding.operations:
                    finding.operations.append(place.operation)


class _Ways:
    """Walks every way from one root to what was found."""

    def __init__(self, found: Found, place: Place, wire: Wire) -> None:
        self._found = found
        self._place = place
        self._wire = wire
        self._count = 0
        self._seen: set[tuple[int, Path]] = set()
        self.touches: list[tuple[Finding, Touch]] = []

    def from_root(self, root: Comparison) -> list[tuple[Finding, Touch]]:
        """Each finding below a root with each of its places."""
        self._leading = _leading(root, self._found)
        if id(root) in self._leading:
            self._visit(root, (), (), (id(root),))
        return self.touches

    def _visit(self, comparison: Comparison, way: tuple[Edge, ...], path: Path, above: tuple[int, ...]) -> None:
        if (id(comparison), path) in self._seen:
            return
        self._seen.add((id(comparison), path))
        self._count += 1
        if not (self._wire.excused and comparison.gaps and self._wire.excused(comparison, way)):
            self._touch(comparison, path)
        for edge in comparison.edges:
            further = (*path, *step_name(edge, comparison))
            if id(edge.to) not in self._leading:
                continue
            if id(edge.to) in above or self._count > _MOST:
                self._all_below(edge.to, further)
            else:
                self._visit(edge.to, (*way, edge), further, (*above, id(edge.to)))

    def _touch(self, comparison: Comparison, path: Path) -> None:
        for finding, fields in self._found.get(id(comparison), ()):
            for name in fields:
                self.touches.append((finding, _at_field(self._place, path, name, comparison)))
            if not fields:
                self.touches.append((finding, Touch(self._place, path)))

    def _all_below(self, comparison: Comparison, path: Path) -> None:
        """One place for all that is below it, where a schema contains itself."""
        for reached in comparison.reachable():
            for finding, _ in self._found.get(id(reached), ()):
                self.touches.append((finding, Touch(self._place, path, deeper=True)))


def _at_field(place: Place, path: Path, name: str, comparison: Comparison) -> Touch:
    if name != UNLISTED:
        return Touch(place, (*path, name))
    shared = (known for known, _, _ in comparison.shared)
    return Touch(place, (*path, "*"), declared=frozenset({*shared, *comparison.added, *comparison.removed}))


def _leading(root: Comparison, found: Found) -> set[int]:
    """The comparisons from which something is reached that was found."""
    sources = edges_by_target(root)
    pending = deque(reached for reached in sources if reached in found)
    leading = set(pending)
    while pending:
        for source in sources[pending.popleft()]:
            if source not in leading:
                leading.add(source)
                pending.append(source)
    return leading
