"""Demands on objects: which fields, how many, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from contract.schema.gap import Comparison, Inner, TooMuch
from contract.schema.names import sends
from contract.schema.prover import Prover, Rule, View
from contract.schema.sample import UNLISTED, NoValueError
from contract.schema.shape import Nodes, Shape, TooManyBranchesError, shapes
from contract.schema.texts import fitting, search
from contract.schema.view import HIDDEN


def unlisted(prover: Prover, shape: Shape) -> Nodes | None:
    """What the writer may put under a name that no document knows."""
    return sends(prover.writer, shape, UNLISTED) if shape.member(UNLISTED) is not None else (True,)


def _objects(prover: Prover, shape: Shape, *fixed: dict[str, Any]) -> Iterator[Any]:
    for members in fixed:
        for full in (False, True):
            try:
                yield prover.sampler.build(shape, members, full=full)
            except NoValueError:
                continue


def _without(prover: Prover, shape: Shape, name: str) -> Iterator[Any]:
    yield from _objects(prover, shape, {})
    for made in _objects(prover, shape, {}):
        yield {key: value for key, value in made.items() if key != name}


def _required(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    for name in view["required"]:
        if isinstance(name, str) and name and name not in shape.required:
            rule = "read-only" if HIDDEN in shape.properties.get(name, ()) else "required"
            comparison.gap(rule, name, lambda name=name: _without(prover, shape, name), name)  # type: ignore[misc]


def _properties(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    for name, node in view["properties"].items():
        nodes = sends(prover.writer, shape, name)
        if nodes is not None:
            _member(prover, shape, comparison, name, Inner(nodes, node))


def _member(prover: Prover, shape: Shape, comparison: Comparison, name: str, inner: Inner) -> None:
    if prover.reader.view(inner.reader).get("not") == {}:
        _refused(prover, shape, comparison, name, inner.writer)
    else:
        prover.link(comparison, ("property", name), shape, inner)


def _refused(prover: Prover, shape: Shape, comparison: Comparison, name: str, nodes: Nodes) -> None:
    def candidates() -> Iterable[Any]:
        return chain(*(_objects(prover, shape, {name: value}) for value in prover.sampler.some(nodes)))

    comparison.gap("additionalProperties", HIDDEN, candidates, name)


def _extras(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    known, patterns = view.get("properties", {}), view.get("patternProperties", {})

    def spoken_of(name: str) -> bool:
        return name in known or any(search(pattern, name) for pattern in patterns)

    _leftover(prover, shape, comparison, view["additionalProperties"], spoken_of)


def _leftover(
    prover: Prover,
    shape: Shape,
    comparison: Comparison,
    node: Any,
    spoken_of: Callable[[str], bool],
) -> None:
    """Hold every field that the reader does not speak of against what it says of all others."""
    names = [
        *shape.properties,
        *(name for pattern, _ in shape.others for name in fitting(pattern)[:2]),
    ]
    for name in names:
        nodes = sends(prover.writer, shape, name)
        if nodes is not None and not spoken_of(name):
            _member(prover, shape, comparison, name, Inner(nodes, node))
    nodes = unlisted(prover, shape)
    if nodes is not None and not spoken_of(UNLISTED):
        _member(prover, shape, comparison, UNLISTED, Inner(nodes, node))


def _unevaluated(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    try:
        branches = shapes(prover.reader, (comparison.reader,))
    except TooManyBranchesError:
        comparison.gap("unevaluatedProperties", TooMuch.ALTERNATIVES, tuple)
        return
    if all(branch.extras for branch in branches):
        return
    names = [frozenset(branch.properties) for branch in branches]
    patterns = {pattern for branch in branches for pattern, _ in branch.others}
    known = frozenset[str]().union(*names)
    unsure = sorted(name for name in known - names[0].intersection(*names) if sends(prover.writer, shape, name))
    if unsure or any(branch.extras for branch in branches):
        # It depends on the alternative that a value fits.
        node = view["unevaluatedProperties"]
        made = {name: value for name in unsure for value in prover.sampler.some(shape.member(name) or (True,))[:1]}
        candidates = lambda: chain(*(_objects(prover, shape, {name: made[name]}) for name in made))  # noqa: E731
        comparison.gap("unevaluatedProperties", node, candidates)

    def spoken_of(name: str) -> bool:
        return name in known or any(search(pattern, name) for pattern in patterns)

    _leftover(prover, shape, comparison, view["unevaluatedProperties"], spoken_of)


def _patterns(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    for pattern, node in view["patternProperties"].items():
        names = [name for name in shape.properties if search(pattern, name)]
        names += [name for own, _ in shape.others for name in fitting(own)[:6] if search(pattern, name)]
        names += [name for name in fitting(pattern)[:2] if name not in shape.properties]
        for name in dict.fromkeys(names):
            nodes = sends(prover.writer, shape, name)
            if nodes is None and shape.member(name) is None:
                nodes = (True,)
            if nodes is not None:
                _member(prover, shape, comparison, name, Inner(nodes, node))


def _names(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    node = view["propertyNames"]
    for name in shape.properties:
        if sends(prover.writer, shape, name) is not None and not prover.reader_judge.allows((node,), name):
            _refused(prover, shape, comparison, name, sends(prover.writer, shape, name) or ())
    if unlisted(prover, shape) is not None:
        prover.link(comparison, ("name", ""), shape, Inner((prover.text, *shape.names), node))


def _counts(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    least, most = view.get("minProperties", 0), view.get("maxProperties")
    if max(len(shape.required), shape.sizes.get("minProperties", 0)) < least:
        node = {"minProperties": least}
        comparison.gap("minProperties", least, lambda: prover.values(shape, node))
    if most is not None and _largest(prover, shape) > most:
        node = {"maxProperties": most}
        comparison.gap("maxProperties", most, lambda: prover.values(shape, node))


def _largest(prover: Prover, shape: Shape) -> float:
    declared = float("inf")
    if unlisted(prover, shape) is None and not shape.others:
        declared = sum(sends(prover.writer, shape, name) is not None for name in shape.properties)
    return min(declared, shape.sizes.get("maxProperties", float("inf")))


def _dependent(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    for name, needed in view["dependentRequired"].items():
        nodes = sends(prover.writer, shape, name)
        kept = {
            *shape.required,
            *(other for own, others in shape.dependent if own == name for other in others),
        }
        missing = [other for other in needed if other not in kept]
        if nodes is None or not missing:
            continue

        def candidates(name: str = name, nodes: Nodes = nodes) -> Iterable[Any]:
            return chain(*(_objects(prover, shape, {name: value}) for value in prover.sampler.some(nodes)))

        with comparison.where((frozenset({name}),)):
            comparison.gap("dependentRequired", name, candidates, *missing)


def _dependents(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    for name, node in view["dependentSchemas"].items():
        if sends(prover.writer, shape, name) is None:
            continue
        bound = shape.copy()
        bound.required[name] = None
        for own, schema in shape.dependents:
            if own == name:
                for part in shapes(prover.writer, (schema,))[:1]:
                    _merge(bound, part)
        with comparison.where((frozenset({name}),)):
            prover.check(bound, node, comparison)


def _merge(shape: Shape, part: Shape) -> None:
    shape.required.update(part.required)
    for name, nodes in part.properties.items():
        shape.properties[name] = (*shape.properties.get(name, ()), *nodes)
    shape.extras += part.extras
    shape.nots += part.nots


RULES: dict[str, Rule] = {
    "required": _required,
    "properties": _properties,
    "additionalProperties": _extras,
    "unevaluatedProperties": _unevaluated,
    "patternProperties": _patterns,
    "propertyNames": _names,
    "minProperties": _counts,
    "maxProperties": _counts,
    "dependentRequired": _dependent,
    "dependentSchemas": _dependents,
}


def _only_objects(rule: Rule) -> Rule:
    def guarded(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
        if "object" in shape.types:
            rule(prover, shape, view, comparison)

    return guarded


RULES = {keyword: _only_objects(rule) for keyword, rule in RULES.items()}
