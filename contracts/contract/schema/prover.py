"""Whether every value that a writer may send is one that a reader takes.

Schemas are walked in step. Each demand of the reader is compared with the writer's shapes; one that does not follow is
a gap. Two schemas that are already being compared count as compatible, which ends recursion. A gap elsewhere still
shows.

A writer sends the fields that its document declares; others only under names that neither document knows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from contract.openapi.values import among
from contract.schema.gap import Comparison, Edge, Gap, Inner, Step, TooMuch
from contract.schema.kinds import atoms
from contract.schema.names import name_changes
from contract.schema.same import Sameness
from contract.schema.sample import Sampler
from contract.schema.shape import Nodes, Shape, TooManyBranchesError, shapes
from contract.schema.tableau import Tableau
from contract.schema.validator import Judge
from contract.schema.view import OPAQUE, Side

# Limits of nested comparisons, and of steps below one schema. What is beyond is unproven.
DEPTH = 300
STEPS = 10_000
KINDS = (("object",), ("array",), ("string",), ("integer", "fraction"), ("boolean",), ("null",))
View = dict[str, Any]
_DENIALS = frozenset({"not", "if", "oneOf"})
# Holds a shape of the writer against one keyword of a reader's view, and notes the gaps.
Rule = Callable[["Prover", Shape, View, Comparison], None]
# The rules by keyword, for each kind of value that the keywords are about (empty: for any).
Rules = tuple[tuple[str, dict[str, Rule]], ...]


class Prover:
    """Containment of schemas between one writer and one reader."""

    def __init__(self, writer: Side, reader: Side, same: Sameness, rules: Rules) -> None:
        self._by_kind = rules
        self.writer = writer
        self.reader = reader
        self.same = same
        self.judge = Judge(writer)
        self.reader_judge = Judge(reader)
        self.tableau = Tableau(self.judge, self.reader_judge, same)
        self.sampler = Sampler(self.judge, reader)
        self.reader_sampler = Sampler(self.reader_judge, writer)
        self._known: dict[tuple[tuple[int, ...], int], Comparison] = {}
        self.text = {"type": "string"}
        self.shown = True
        self.nested = 0
        self.tries = 0
        self._steps = 0

    def compare(self, writer: Nodes, reader: Any) -> Comparison:
        """Everything that the reader may refuse of what the writer may send."""
        writer = tuple(bare(self.writer, node) for node in writer)
        reader = bare(self.reader, reader)
        key = (tuple(id(node) for node in writer), id(reader))
        if key not in self._known:
            comparison = self._known[key] = Comparison(writer, reader)
            if len(writer) != 1 or not self.same.equal(writer[0], reader):
                if not self.nested:
                    self._steps = 0
                self.nested += 1
                if self.nested > DEPTH or self._steps > STEPS:
                    comparison.gap("alternatives", TooMuch.DEPTH, tuple)
                else:
                    self._fill(comparison)
                self.nested -= 1
            comparison.done = True
        return self._known[key]

    def _fill(self, comparison: Comparison) -> None:
        try:
            branches = shapes(self.writer, comparison.writer)
            if not branches:
                self._impossible(comparison)
            for branch in branches:
                for kind in KINDS:
                    shape = branch.of_type(frozenset(kind))
                    if shape.types:
                        self.check(shape, comparison.reader, comparison)
            name_changes(self.writer, self.reader, comparison, branches)
        except TooManyBranchesError:
            comparison.gap("alternatives", TooMuch.ALTERNATIVES, tuple)

    def _impossible(self, comparison: Comparison) -> None:
        """A schema that contradicts itself (`type: integer` beside `const: a`) allows no value, so that no value can
        prove anything."""
        plain = len(comparison.writer) == 1 and not excludes(comparison.writer)
        if plain and self.reader.view(comparison.reader) and shapes(self.reader, (comparison.reader,)):
            comparison.gap("contradiction", None, tuple)

    def check(self, shape: Shape, node: Any, comparison: Comparison, depth: int = 0) -> None:
        """Hold one shape of the writer against one node of the reader."""
        self._steps += 1
        view = self.reader.view(node)
        if "$ref" in view:
            if view["$ref"] in shape.labels and self.same.unchanged(view["$ref"]):
                return
            if depth > 30:
                raise TooManyBranchesError
            self.check(shape, self.reader.target(view), comparison, depth + 1)
        if self._finite(shape, node, comparison):
            self._rules(shape, view, comparison, idle=True)
            return
        if "type" in view and not shape.types <= atoms(view["type"]):
            self._type(shape, view, comparison)
            return
        for part in view.get("allOf", ()):
            self.check(shape, part, comparison, depth + 1)
        self._rules(shape, view, comparison)

    def _rules(self, shape: Shape, view: dict[str, Any], comparison: Comparison, idle: bool = False) -> None:
        """Hold a shape against the keywords of one node; `idle`: only against those that have no effect there."""
        for kind, rules in self._by_kind:
            stand_in = self._misplaced(shape, view, kind)
            for keyword in (word for word in rules if word in view):
                if not idle or stand_in or ("enum" in view and shape.states(keyword)):
                    gaps, edges = len(comparison.gaps), len(comparison.edges)
                    rules[keyword](self, stand_in or shape, view, comparison)
                    if idle or stand_in:
                        _count_as_policy(comparison.gaps[gaps:], comparison.edges[edges:])

    def _misplaced(self, shape: Shape, view: dict[str, Any], kind: str) -> Shape | None:
        """A stand-in for keywords that have no effect on the type beside them, such as `maximum` on a string.

        No value can prove what they mean, so a new or tighter one is unproven. So is a tighter limit beside an `enum`
        whose values it does not touch.
        """
        if not kind or "type" not in view or kind in atoms(view["type"]) or kind in shape.types:
            return None
        stand_in = shape.copy()
        stand_in.types = frozenset({kind})
        return stand_in

    def _type(self, shape: Shape, view: dict[str, Any], comparison: Comparison) -> None:
        missing = shape.of_type(shape.types - atoms(view["type"]))
        comparison.gap("type", view["type"], lambda: self.values(missing))

    def _finite(self, shape: Shape, node: Any, comparison: Comparison) -> bool:
        """Try each value, if there are few."""
        if shape.enums:
            values = shape.enums[0]
        elif shape.types <= {"boolean", "null"}:
            values = [
                *([False, True] if "boolean" in shape.types else []),
                *([None] if "null" in shape.types else []),
            ]
        else:
            return False
        refused = [
            value
            for value in values
            if self._allowed(shape, comparison, value) and not self.reader_judge.allows((node,), value)
        ]
        for value in refused:
            error = self.reader_judge.error((node,), value)
            rule, said = (str(error.validator), error.validator_value) if error else ("schema", None)
            if rule == "enum" and len(refused) > 1:
                comparison.gap(rule, self.reader.view(node).get("enum"), lambda: refused)
            else:
                comparison.gap(rule, said, lambda value=value: [value])  # type: ignore[misc]
        self._opaque(shape, node, comparison)
        return True

    def _opaque(self, shape: Shape, node: Any, comparison: Comparison, depth: int = 0) -> None:
        """Compare demands that no validator knows, also those of parts and alternatives."""
        view = self.reader.view(node)
        for _, rules in self._by_kind:
            if OPAQUE in rules:
                rules[OPAQUE](self, shape, view, comparison)
        if depth > 30 or not shape.enums:
            return
        target = [self.reader.target(view)] if "$ref" in view else []
        for part in (*target, *view.get("allOf", ())):
            self._opaque(shape, part, comparison, depth + 1)
        for word in ("anyOf", "oneOf"):
            trials = [Comparison(comparison.writer, part) for part in view.get(word, ()) if self._takes(part, shape)]
            for trial in trials:
                self._opaque(shape, trial.reader, trial, depth + 1)
            if trials and all(trial.gaps for trial in trials):
                comparison.gaps += trials[0].gaps

    def _takes(self, node: Any, shape: Shape) -> bool:
        """Whether the reader's node takes a value that the shape lists."""
        return any(self.reader_judge.allows((node,), value) for value in shape.enums[0])

    def _allowed(self, shape: Shape, comparison: Comparison, value: Any) -> bool:
        rest = all(among(value, values) for values in shape.enums[1:])
        return rest and self.judge.allows(comparison.writer, value)

    def values(self, shape: Shape, node: Any = None, fixed: Iterable[Any] = ()) -> Iterable[Any]:
        """Candidates for a witness: values of the writer near the edges of a reader's node."""
        edges: list[Shape | None] = [None]
        if node is not None:
            with contextlib.suppress(TooManyBranchesError):
                edges = [*shapes(self.reader, (node,))[:8], None]
        return chain(fixed, *(self.sampler.tried(shape, edge) for edge in edges))

    def link(self, comparison: Comparison, step: Step, shape: Shape, inner: Inner) -> None:
        """Compare what is within, and remember the way there."""
        comparison.edges.append(Edge(step, shape, self.compare(inner.writer, inner.reader)))

    def trial(self, shape: Shape, node: Any, owner: Comparison) -> Comparison:
        """One alternative on its own."""
        comparison = Comparison(owner.writer, node, given=owner.given, about=owner.about)
        self.check(shape, node, comparison)
        comparison.done = True
        return comparison


def bare(side: Side, node: Any) -> Any:
    """The target of a schema that is only a `$ref`, so that it is compared once for all who refer to it."""
    for _ in range(30):
        view = side.view(node)
        if set(view) != {"$ref"}:
            break
        node = side.target(view)
    return node


def _count_as_policy(gaps: list[Gap], edges: list[Edge]) -> None:
    for gap in gaps:
        gap.policy = True
    for edge in edges:
        edge.policy = True


def excludes(nodes: Nodes) -> bool:
    """Whether schemas say in so many words what they do not allow, so that they may allow nothing on purpose.

    Limits that contradict each other are a mistake: what is sent in truth is not known.
    """
    return any(map(_denies, nodes))


def _denies(node: Any) -> bool:
    if not isinstance(node, dict):
        return node is False
    inside = [part for key in ("allOf", "anyOf") for part in node.get(key) or ()]
    inside += [part for part in (node.get("properties") or {}).values() if isinstance(part, dict)]
    return not _DENIALS.isdisjoint(node) or any(map(_denies, inside))
