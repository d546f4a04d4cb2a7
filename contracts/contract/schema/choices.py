"""Demands that leave a choice, or exclude: `anyOf`, `oneOf`, `not`, `if`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from contract.schema.disjoint import disjoint
from contract.schema.gap import Comparison, Edge, Gap
from contract.schema.lookalikes import counterparts, mistaken
from contract.schema.sample import NoValueError
from contract.schema.scalars import Rule, View
from contract.schema.shape import Shape, TooManyBranchesError, conditional, shapes

if TYPE_CHECKING:
    from contract.schema.prove import Prover

_SAME = ("same", "")


def _any(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    _choose(prover, shape, view["anyOf"], comparison)


def _if(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    if "then" in view or "else" in view:
        _choose(prover, shape, conditional(view), comparison)


def _one(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    taken = _choose(prover, shape, view["oneOf"], comparison)
    if taken is None or len(view["oneOf"]) < 2:
        return
    for other in view["oneOf"]:
        if other is not taken and not disjoint(prover, shape, other):
            candidates = _overlap(prover, shape, view, other)
            comparison.gaps.append(Gap("oneOf", "exactly one of the alternatives", candidates, doubtful=True))
            return


def _overlap(prover: Prover, shape: Shape, view: View, other: Any) -> Any:
    node = {"oneOf": view["oneOf"]}

    def candidates() -> Iterator[Any]:
        for value in _near(prover, shape, other):
            if not prover.reader_judge.allows((node,), value):
                yield value

    return candidates


def _near(prover: Prover, shape: Shape, node: Any) -> Iterable[Any]:
    """Values of the writer that lean towards a schema of the reader."""
    made = prover.reader_sampler.some((node,))[:8]
    return chain(prover.values(shape, node), made, *(_mixed(prover, shape, value) for value in made))


def _mixed(prover: Prover, shape: Shape, value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and "object" in shape.types:
        for full in (False, True):
            try:
                yield prover.sampler.build(shape, value, full=full)
            except NoValueError:
                return


def _choose(prover: Prover, shape: Shape, choices: list[Any], comparison: Comparison) -> Any:
    """Find an alternative that takes the whole shape; when there is none, link the nearest one and its gaps."""
    trials = []
    own = counterparts(prover, shape, choices)
    for choice in sorted(choices, key=lambda choice: _distance(prover, shape, choice)):
        trial = prover.trial(shape, choice, comparison)
        trials.append(trial)
        if trial.holds() and (own is None or any(choice is one for one in own[1])):
            comparison.edges.append(Edge(_SAME, shape, trial))
            return choice
    if own is not None and any(trial.holds() for trial in trials):
        return mistaken(prover, shape, trials, own, comparison)
    parts = _split(prover, shape, len(choices))
    if parts:
        for part in parts:
            _choose(prover, part, choices, comparison)
        return None
    _nearest(prover, shape, trials, comparison)
    return None


def _distance(prover: Prover, shape: Shape, choice: Any) -> int:
    view = prover.reader.view(choice)
    return 0 if view.get("$ref") in shape.labels else 1


def _split(prover: Prover, shape: Shape, choices: int) -> list[Shape]:
    """One shape for each value of a required field that has few: what a discriminator is made of."""
    if choices < 2 or "object" not in shape.types:
        return []
    for name in shape.required:
        values = _few(prover, shape, name)
        if 1 < len(values) <= 60:
            return [_fixed(shape, name, value) for value in values]
    return []


def _few(prover: Prover, shape: Shape, name: str) -> list[Any]:
    for node in shape.member(name) or ():
        view = prover.writer.view(node)
        while "$ref" in view and "enum" not in view:
            view = prover.writer.view(prover.writer.target(view))
        if "enum" in view:
            return [value for value in view["enum"] if prover.judge.allows(shape.member(name) or (), value)]
        if view.get("type") == "boolean":
            return [value for value in (False, True) if prover.judge.allows(shape.member(name) or (), value)]
    return []


def _fixed(shape: Shape, name: str, value: Any) -> Shape:
    part = shape.copy()
    part.properties[name] = ({"enum": [value]}, *part.properties.get(name, ()))
    return part


def _nearest(prover: Prover, shape: Shape, trials: list[Comparison], comparison: Comparison) -> None:
    def badness(trial: Comparison) -> tuple[bool, bool, int]:
        gaps = [gap for reached in trial.reachable() for gap in reached.gaps]
        wrong_type = any(gap.rule == "type" for gap in trial.gaps)
        chosen = _distance(prover, shape, trial.reader)
        return wrong_type, bool(chosen), len(gaps)

    def candidates() -> Iterable[Any]:
        edges = (_near(prover, shape, trial.reader) for trial in trials)
        return chain(prover.values(shape), *edges)

    ranked = sorted(trials, key=badness)
    if ranked and not badness(ranked[0])[0]:
        comparison.edges.append(Edge(_SAME, shape, ranked[0], chosen=True))
        ranked[0].gap("anyOf", "one of the alternatives", candidates)
    elif ranked and len(trials) == 1:
        comparison.edges.append(Edge(_SAME, shape, ranked[0]))
    else:
        kind = "anyOf" if len(trials) > 1 else "type"
        comparison.gap(kind, f"one of the {len(trials)} alternatives", candidates)


def _not(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    excluded = view["not"]
    if any(prover.same.equal(own, excluded) for own in shape.nots) or disjoint(prover, shape, excluded):
        return
    values = _listed(prover, excluded)
    if values and not any(prover.judge.allows(comparison.writer, value) for value in values):
        return
    demand = "left out" if excluded in (True, {}) else "outside of what `not` excludes"
    comparison.gap("not", demand, lambda: _near(prover, shape, excluded))


def _listed(prover: Prover, node: Any) -> list[Any]:
    """Every value of a schema that lists them; otherwise nothing."""
    try:
        found = shapes(prover.reader, (node,))
    except TooManyBranchesError:
        return []
    return [value for shape in found for value in shape.enums[0]] if all(shape.enums for shape in found) else []


RULES: dict[str, Rule] = {"anyOf": _any, "oneOf": _one, "not": _not, "if": _if}
