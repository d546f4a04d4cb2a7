"""Demands on arrays: how many items, which, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.schema.gap import Comparison, Inner, TooMuch
from contract.schema.prover import Prover, Rule, View
from contract.schema.sample import NoValueError
from contract.schema.shape import Nodes, Shape, TooManyBranchesError, shapes

_ENDLESS = float("inf")


def _sends(prover: Prover, shape: Shape, index: int) -> Nodes | None:
    """The writer's schemas of one item; None if no array is so long."""
    nodes = shape.item(index) or (True,)
    if index >= shape.sizes.get("maxItems", _ENDLESS):
        return None
    return None if any(prover.writer.view(node).get("not") == {} for node in nodes) else nodes


def _longest(prover: Prover, shape: Shape) -> float:
    most = shape.sizes.get("maxItems", _ENDLESS)
    for index in range(_listed(shape) + 1):
        if _sends(prover, shape, index) is None:
            return min(most, index)
    return most


def _listed(shape: Shape) -> int:
    return max((len(prefix) for prefix in shape.prefixes), default=0)


def _lengths(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    least = view.get("minItems", 0)
    if least > max(shape.sizes.get("minItems", 0), *(low for _, low, _ in shape.contains), 0):
        node = {"minItems": least}
        comparison.gap("minItems", least, lambda: prover.values(shape, node))
    most = view.get("maxItems", _ENDLESS)
    if _longest(prover, shape) > most:
        node = {"maxItems": most}
        comparison.gap("maxItems", most, lambda: prover.values(shape, node))


def _unique(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    if view["uniqueItems"] is True and not shape.unique and _longest(prover, shape) > 1:
        comparison.gap(
            "uniqueItems",
            True,
            lambda: prover.values(shape, {"uniqueItems": True}),
        )


def _prefix(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    for index, node in enumerate(view["prefixItems"]):
        _place(prover, shape, comparison, index, node)


def _items(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    _rest(prover, shape, comparison, view["items"], len(view.get("prefixItems", ())))


def _rest(prover: Prover, shape: Shape, comparison: Comparison, node: Any, start: int) -> None:
    for index in range(start, max(start, _listed(shape)) + 1):
        _place(prover, shape, comparison, index, node)


def _place(prover: Prover, shape: Shape, comparison: Comparison, index: int, node: Any) -> None:
    nodes = _sends(prover, shape, index)
    if nodes is None:
        return
    if prover.reader.view(node).get("not") != {}:
        prover.link(comparison, ("item", index), shape, Inner(nodes, node))
        return

    def longer() -> Iterator[Any]:
        try:
            yield prover.sampler.array(shape, index + 1)
        except NoValueError:
            return

    comparison.gap("items", index, longer)


def _unevaluated(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    try:
        branches = shapes(prover.reader, (comparison.reader,))
    except TooManyBranchesError:
        comparison.gap("unevaluatedItems", TooMuch.ALTERNATIVES, tuple)
        return
    if all(branch.items for branch in branches):
        return
    if any(branch.items or branch.contains or branch.prefixes != branches[0].prefixes for branch in branches):
        node = {"unevaluatedItems": view["unevaluatedItems"]}
        comparison.gap("unevaluatedItems", view["unevaluatedItems"], lambda: prover.values(shape, node))
    else:
        start = min(_listed(branch) for branch in branches) if branches else 0
        _rest(prover, shape, comparison, view["unevaluatedItems"], start)


def _contains(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    wanted, least, most = view["contains"], view.get("minContains", 1), view.get("maxContains")
    kept = [own for own in shape.contains if prover.compare((own[0],), wanted).holds()]
    exact = [own for own in shape.contains if own[0] is wanted or prover.same.equal(own[0], wanted)]
    every = shape.sizes.get("minItems", 0) >= least and _all_items(prover, shape, wanted)
    if least and not every and not any(own[1] >= least for own in kept):
        _gap(prover, shape, comparison, "minContains", least, {"contains": wanted, "minContains": least})
    bounded = any(own[2] is not None and own[2] <= (most or 0) for own in exact)
    if most is not None and not bounded and _longest(prover, shape) > most:
        node = {"contains": wanted, "minContains": 0, "maxContains": most}
        _gap(prover, shape, comparison, "maxContains", most, node)


def _all_items(prover: Prover, shape: Shape, wanted: Any) -> bool:
    places = range(_listed(shape) + 1)
    return all(prover.compare(shape.item(index) or (True,), wanted).holds() for index in places)


def _gap(prover: Prover, shape: Shape, comparison: Comparison, rule: str, count: int, node: Any) -> None:

    def candidates() -> Iterator[Any]:
        yield from prover.values(shape, node)
        wanted = list(prover.reader_sampler.some((node["contains"],)))[:6]
        for length in range(count + 3):
            for value in wanted:
                yield [value] * length
                try:
                    yield prover.sampler.array(shape, length + 1, dict.fromkeys(range(length), value))
                except NoValueError:
                    continue

    comparison.gap(rule, count, candidates)


def _only_arrays(rule: Rule) -> Rule:
    def guarded(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
        if "array" in shape.types:
            rule(prover, shape, view, comparison)

    return guarded


RULES: dict[str, Rule] = {
    keyword: _only_arrays(rule)
    for keyword, rule in {
        "minItems": _lengths,
        "maxItems": _lengths,
        "uniqueItems": _unique,
        "prefixItems": _prefix,
        "items": _items,
        "contains": _contains,
        "unevaluatedItems": _unevaluated,
    }.items()
}
