"""Demands that leave a choice, or exclude: `anyOf`, `oneOf`, `not`, `if`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from contract.schema.disjoint import disjoint
from contract.schema.gap import Comparison, Edge, Gap
from contract.schema.given import named, presupposed
from contract.schema.lookalikes import Counterparts, counterparts, mistaken
from contract.schema.prover import Prover, Rule, View
from contract.schema.sample import NoValueError
from contract.schema.shape import Shape, TooManyBranchesError, conditional, shapes

_SAME = ("same", "")
# Up to this depth, alternatives without a common value are compared too, to find the nearest one.
NEAR = 8


def _any(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    _choose(prover, shape, view["anyOf"], comparison)


def _if(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    if "then" in view or "else" in view:
        parts = [view[word] for word in ("if", "then", "else") if word in view]
        # What only has a `then` asks nothing of a value that does not fit its `if`.
        given = presupposed(prover.reader, view["if"]) if "else" not in view else ()
        count = len(comparison.edges)
        with comparison.where(given, named(prover.reader, *parts)):
            _choose(prover, shape, conditional(view), comparison)
        if not given:
            # The gaps of one alternative stand for those of the other.
            for gap in (gap for edge in comparison.edges[count:] if edge.step == _SAME for gap in edge.to.gaps):
                gap.given = ()


def _one(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    taken = _choose(prover, shape, view["oneOf"], comparison)
    if taken is None or len(view["oneOf"]) < 2:
        return
    for other in view["oneOf"]:
        if other is not taken and not disjoint(prover, shape, other):
            candidates = _overlap(prover, shape, view, other)
            comparison.gaps.append(Gap("oneOf", view["oneOf"], candidates, doubtful=True))
            return


def _overlap(prover: Prover, shape: Shape, view: View, other: Any) -> Any:
    node = {"oneOf": view["oneOf"]}

    def candidates() -> Iterator[Any]:
        for value in _near(prover, shape, other):
            if not prover.reader_judge.allows((node,), value):
                yield value

    return candidates


def _near(prover: Prover, shape: Shape, node: Any) -> Iterable[Any]:
    """Values of the writer that are close to a schema of the reader."""
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
    own = counterparts(prover, shape, choices)
    order = sorted(choices, key=lambda choice: _distance(prover, shape, choice))
    tried: dict[int, Comparison] = {}
    found = _held(prover, shape, order, tried, own, comparison)
    if found is not None:
        comparison.edges.append(Edge(_SAME, shape, found))
        return found.reader
    if own is not None and any(trial.holds() for trial in tried.values()):
        return mistaken(prover, shape, _every(prover, shape, order, tried, comparison), own, comparison)
    parts = _split(prover, shape, len(choices))
    for part in parts:
        _choose(prover, part, choices, comparison)
    if not parts:
        _nearest(prover, shape, order, tried, comparison)
    return None


def _held(
    prover: Prover,
    shape: Shape,
    order: list[Any],
    tried: dict[int, Comparison],
    own: Counterparts | None,
    comparison: Comparison,
) -> Comparison | None:
    """The first alternative that takes the whole shape and may stand for the writer's; `tried` gets every trial."""
    for choice in order:
        # An alternative without a common value cannot accept the shape. It is compared only if nothing nearer is found.
        if len(order) > 1 and disjoint(prover, shape, choice):
            continue
        trial = tried[id(choice)] = prover.trial(shape, choice, comparison)
        if trial.holds() and _may_stand(own, trial):
            return trial
    if any(trial.holds() for trial in tried.values()):
        return None
    if not _named(prover, shape, tried) and prover.nested <= NEAR:
        # A shape without values is disjoint from every schema, and contained in every schema.
        for choice, trial in zip(order, _every(prover, shape, order, tried, comparison), strict=True):
            tried[id(choice)] = trial
    return next((trial for trial in tried.values() if trial.holds() and _may_stand(own, trial)), None)


def _may_stand(own: Counterparts | None, trial: Comparison) -> bool:
    """Whether this alternative is a counterpart of the writer's."""
    return own is None or own.include(trial.reader)


def _named(prover: Prover, shape: Shape, tried: dict[int, Comparison]) -> bool:
    return any(_distance(prover, shape, trial.reader) == 0 for trial in tried.values())


def _every(
    prover: Prover, shape: Shape, order: list[Any], tried: dict[int, Comparison], comparison: Comparison
) -> list[Comparison]:
    """A trial of each alternative, also of those that were passed over."""
    return [tried.get(id(choice)) or prover.trial(shape, choice, comparison) for choice in order]


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


def _nearest(
    prover: Prover, shape: Shape, order: list[Any], tried: dict[int, Comparison], comparison: Comparison
) -> None:
    def apart(trial: Comparison) -> tuple[bool, bool]:
        wrong_type = any(gap.rule == "type" for gap in trial.gaps)
        return wrong_type, bool(_distance(prover, shape, trial.reader))

    def badness(trial: Comparison) -> tuple[bool, bool, int]:
        count = sum(len(reached.gaps) for reached in trial.reachable()) if len(trials) > 1 else 0
        return *apart(trial), count

    def candidates() -> Iterable[Any]:
        edges = (_near(prover, shape, choice) for choice in order)
        return chain(prover.values(shape), *edges)

    trials = list(tried.values())
    # An alternative of the same name is always the nearest.
    if not any(apart(trial) == (False, False) for trial in trials) and prover.nested <= NEAR:
        trials = _every(prover, shape, order, tried, comparison)
    ranked = sorted(trials, key=badness)
    if ranked and not badness(ranked[0])[0]:
        comparison.edges.append(Edge(_SAME, shape, ranked[0], chosen=True))
        ranked[0].gap("anyOf", None, candidates)
    elif ranked and len(order) == 1:
        comparison.edges.append(Edge(_SAME, shape, ranked[0]))
    else:
        comparison.gap("anyOf", len(order), candidates)


def _not(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    excluded = view["not"]
    if any(prover.same.equal(own, excluded) for own in shape.nots) or disjoint(prover, shape, excluded):
        return
    values = _listed(prover, excluded)
    if values and not any(prover.judge.allows(comparison.writer, value) for value in values):
        return
    about = comparison.about or named(prover.reader, excluded)
    with comparison.where(presupposed(prover.reader, excluded), about):
        comparison.gap("not", excluded, lambda: _near(prover, shape, excluded))


def _listed(prover: Prover, node: Any) -> list[Any]:
    """Every value of a schema that lists them; otherwise nothing."""
    try:
        found = shapes(prover.reader, (node,))
    except TooManyBranchesError:
        return []
    return [value for shape in found for value in shape.enums[0]] if all(shape.enums for shape in found) else []


RULES: dict[str, Rule] = {"anyOf": _any, "oneOf": _one, "not": _not, "if": _if}
