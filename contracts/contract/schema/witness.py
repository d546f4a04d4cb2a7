"""From a gap between two schemas to a value that proves it.

A value counts only when the validator says: allowed by the writer's whole schema, refused by the reader's whole
schema. A gap for which no value is found stays unproven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from contract.schema.gap import Comparison, Edge, Gap
from contract.schema.keywords import UNREADABLE
from contract.schema.prover import Prover, excludes
from contract.schema.sample import UNLISTED, NoValueError
from contract.schema.view import DIGITS

TRIES = 120
# How many values are tried for all gaps below one schema. Other gaps stay unproven.
MOST = 2_500
NONE: Any = object()
TOLD: Any = object()
Path = tuple[Edge, ...]
Refuses = Callable[[Any], bool]
Told = Callable[[Comparison, Gap], bool]
# Whether a gap does not count, because the value travels in another form.
Excuse = Callable[[Comparison, Path], bool]
# A witness for one of these must fail at this keyword. For the others any failure will do.
EXACT = frozenset({
    "type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "format", "required", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties",
})  # fmt: skip
# Rules that count although no value can show a difference.
POLICIES = frozenset({"alternative", "contradiction", "contentSchema", DIGITS, UNREADABLE})


@dataclass
class Proof:
    """A gap, how to get there, and the value that proves it (NONE when it is unproven)."""

    gap: Gap
    comparison: Comparison
    path: Path
    value: Any = NONE

    @property
    def names(self) -> tuple[str, ...]:
        """The way to the field by names; empty for the whole value."""
        return (*steps(self.path), *([", ".join(self.gap.fields)] if self.gap.fields else ()))

    @property
    def group(self) -> int:
        """The nearest alternative that the gap belongs to. One proof is enough for all of its gaps."""
        chosen = [edge for edge in self.path if edge.chosen]
        return id(chosen[0]) if chosen else 0


def steps(path: Path) -> tuple[str, ...]:
    """A path by names: of properties, `*` for any other property, `[]` for an item, `(name)` for a property's name."""
    return tuple(_step_name(edge) for edge in path if edge.step[0] != "same")


def step_name(edge: Edge, owner: Comparison) -> tuple[str, ...]:
    """A step of a path, as `steps` has it; `*` also for a name that no document declares, as it fits a pattern."""
    if edge.step[0] == "same":
        return ()
    named = edge.step[0] != "property" or edge.step[1] in edge.shape.properties or edge.step[1] in owner.added
    return (_step_name(edge),) if named else ("*",)


def edges_by_target(root: Comparison) -> dict[int, list[int]]:
    """The comparisons below a root by id, each with those that lead to it."""
    found: dict[int, list[int]] = {id(root): []}
    for comparison in root.reachable():
        for edge in comparison.edges:
            found.setdefault(id(edge.to), []).append(id(comparison))
    return found


def _step_name(edge: Edge) -> str:
    kind, name = edge.step
    if kind == "property":
        return "*" if name == UNLISTED else str(name)
    return {"item": "[]", "name": "(name)"}[kind]


@dataclass(frozen=True)
class Wire:
    """How values travel if not as JSON.

    `refuses` judges in place of the reader's schema. `excused` names gaps that do not count. `shown` writes a witness.
    """

    refuses: Refuses | None = None
    excused: Excuse | None = None
    shown: Callable[[Any], str] | None = None


JSON = Wire()


@dataclass(frozen=True)
class _Search:
    """Looks for values that the writer allows below a root and the reader refuses."""

    prover: Prover
    root: Comparison
    refuses: Refuses

    def proves(self, value: Any) -> bool:
        """Whether both judges agree that the value is a witness."""
        is_witness = self.prover.judge.allows(self.root.writer, value) and self.refuses(value)
        return is_witness and _sure(self, value)


def proofs(prover: Prover, root: Comparison, wire: Wire = JSON, known: Told | None = None) -> list[Proof]:
    """Every gap below a comparison with its proof, where there is one.

    `known` says which gaps were proved below another root; their value is TOLD.
    """
    if root.holds() and not any(gap.doubtful for reached in root.reachable() for gap in reached.gaps):
        return []
    prover.tries = MOST
    search = _Search(
        prover, root, wire.refuses or (lambda value: not prover.reader_judge.allows((root.reader,), value))
    )
    found = [
        Proof(gap, comparison, path, TOLD if known and known(comparison, gap) else NONE)
        for comparison, path in walk(root)
        for gap in (() if wire.excused and comparison.gaps and wire.excused(comparison, path) else comparison.gaps)
    ]
    for proof in found:
        if proof.value is NONE:
            proof.value = _find(search, proof)
    _last_resort(search, found)
    found = [proof for proof in found if not _is_settled_by_logic(prover, root, proof)]
    proven = {proof.group for proof in found if proof.value is not NONE}
    kept = [proof for proof in found if proof.value is not NONE or not _settled(proof, proven, found)]
    return [proof for proof in kept if not _is_told_within(proof, kept)]


def _is_settled_by_logic(prover: Prover, root: Comparison, proof: Proof) -> bool:
    """Whether an unproven gap is none, because the reader takes every value that the writer's schema allows."""
    gap = proof.gap
    if not prover.shown or proof.value is not NONE or gap.doubtful or gap.policy or gap.rule in POLICIES:
        return False
    if any(edge.policy for edge in proof.path):
        return False
    places = {id(one): one for one in (proof.comparison, root)}.values()
    return any(
        prover.tableau.contains(one.writer, one.reader)
        and (excludes(one.writer) or not prover.tableau.is_empty(one.writer))
        for one in places
    )


def _is_told_within(proof: Proof, found: list[Proof]) -> bool:
    """Whether a rule inside of the nearest alternative says more than that no alternative fits."""
    if proof.gap.rule != "anyOf" or not proof.path or not proof.path[-1].chosen:
        return False
    within = {id(reached) for reached in proof.comparison.reachable()}
    rules = (other for other in found if other.value is not NONE and other.gap.rule != "anyOf")
    return any(id(other.comparison) in within for other in rules)


def _settled(proof: Proof, proven: set[int], found: list[Proof]) -> bool:
    """Whether an unproven gap need not be reported, because another gap of the same alternative is."""
    if proof.gap.doubtful:
        return True
    if not proof.group:
        return False
    first = next(one for one in found if one.group == proof.group)
    return proof.group in proven or first is not proof


def walk(root: Comparison) -> Iterator[tuple[Comparison, Path]]:
    """Everything within, each once, on the shortest way."""
    seen = {id(root)}
    queue: list[tuple[Comparison, Path]] = [(root, ())]
    for comparison, path in queue:
        yield comparison, path
        for edge in comparison.edges:
            if id(edge.to) not in seen:
                seen.add(id(edge.to))
                queue.append((edge.to, (*path, edge)))


def _find(search: _Search, proof: Proof) -> Any:
    prover = search.prover
    for value in islice(_safely(proof.gap), min(TRIES, prover.tries)):
        prover.tries -= 1
        if not _local(prover, proof, value):
            continue
        for whole in lift(prover, proof.path, value):
            if search.proves(whole):
                return whole
    return NONE


def _sure(search: _Search, value: Any) -> bool:
    """Whether the independent judge agrees with the quick one."""
    prover = search.prover
    if not prover.shown:
        return True
    if not prover.judge.confirms(search.root.writer, value):
        return False
    with prover.reader_judge.independent():
        return search.refuses(value)


def _safely(gap: Gap) -> Iterator[Any]:
    try:
        yield from gap.candidates()
    except NoValueError:
        return


def _local(prover: Prover, proof: Proof, value: Any) -> bool:
    gap, comparison = proof.gap, proof.comparison
    if not prover.judge.allows(comparison.writer, value) or prover.reader_judge.allows((comparison.reader,), value):
        return False
    errors = list(prover.reader_judge.errors((comparison.reader,), value))
    return bool(errors) and (gap.rule not in EXACT or any(_fails(error, gap.rule) for error in errors))


def _fails(error: Any, rule: str) -> bool:
    return error.validator == rule or any(_fails(inner, rule) for inner in error.context or ())


def lift(prover: Prover, path: Path, value: Any) -> Iterator[Any]:
    """The whole value in which `value` stands at the end of the path: a small one, then a full one."""
    for full in (False, True):
        whole = value
        try:
            for edge in reversed(path):
                whole = _put(prover, edge, whole, full)
        except NoValueError:
            continue
        yield whole


def _put(prover: Prover, edge: Edge, value: Any, full: bool) -> Any:
    kind, name = edge.step
    shape, sampler = edge.shape, prover.sampler
    if kind == "property":
        return sampler.build(shape, {name: value}, full=full)
    if kind == "item":
        length = max(int(shape.sizes.get("minItems", 0)), name + 1)
        return sampler.array(shape, length, {name: value})
    if kind == "name":
        if not isinstance(value, str):
            raise NoValueError
        return sampler.build(shape, {value: sampler.smallest(shape.member(value) or (True,))}, full=full)
    return value


def _last_resort(search: _Search, found: list[Proof]) -> None:
    """If the candidates failed, try other values. One that is refused for any reason proves the first gap."""
    open_gaps = [proof for proof in found if proof.value is NONE and not proof.gap.doubtful]
    if not open_gaps or any(proof.value is not NONE for proof in found):
        return
    root = search.root
    spread: Iterable[Any] = search.prover.sampler.some(root.writer, (root.reader,), count=80)
    for value in islice(spread, 4 * TRIES):
        if search.proves(value):
            open_gaps[0].value = value
            return
