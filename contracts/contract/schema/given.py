"""Which fields a demand on an object is about, as far as its schema tells."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from contract.schema.view import Side

_MOST, _DEPTH = 16, 8
# Keywords of objects that speak of fields without naming them, and of the whole value.
_UNNAMED = frozenset({
    "additionalProperties", "patternProperties", "propertyNames", "unevaluatedProperties", "minProperties",
    "maxProperties", "enum",
})  # fmt: skip
# Names that an object has to have, in each of the ways to be allowed; empty when it may have none.
Given = tuple[frozenset[str], ...]


def presupposed(side: Side, node: Any) -> Given:
    """The fields without which a schema allows no object: all of one of these sets."""
    found = _ways(side, node, _DEPTH)
    return () if any(not names for names in found) else tuple(found)


def _ways(side: Side, node: Any, depth: int) -> list[frozenset[str]]:
    view = side.view(node)
    parts = [[frozenset[str](view.get("required", ()))]]
    parts += [_ways(side, side.target(view), depth - 1)] if "$ref" in view and depth else []
    parts += [_ways(side, part, depth - 1) for part in view.get("allOf", ()) if depth]
    for word in ("anyOf", "oneOf"):
        if view.get(word) and depth:
            parts.append([way for option in view[word] for way in _ways(side, option, depth - 1)])
    found = {frozenset[str]()}
    for part in parts:
        found = {one | other for one, other in product(found, part)}
        if len(found) > _MOST:
            return [frozenset()]
    return sorted(found, key=sorted)


def named(side: Side, *nodes: Any) -> frozenset[str]:
    """The fields that schemas speak of; empty when they speak of the object as a whole."""
    found = [one for node in nodes for one in _names(side, node, _DEPTH)]
    return frozenset() if None in found else frozenset(name for name in found if name is not None)


def mentioned(side: Side, node: Any) -> frozenset[str]:
    """Every field that a schema names."""
    return frozenset(name for name in _names(side, node, _DEPTH) if name is not None)


def _names(side: Side, node: Any, depth: int) -> Iterator[str | None]:
    view = side.view(node)
    if not depth:
        yield None
        return
    if _UNNAMED & view.keys():
        yield None
    yield from view.get("properties", ())
    yield from view.get("required", ())
    for name, needed in view.get("dependentRequired", {}).items():
        yield from (name, *needed)
    inner = [side.target(view)] if "$ref" in view else []
    inner += [view[word] for word in ("not", "if", "then", "else") if word in view]
    inner += [part for word in ("allOf", "anyOf", "oneOf") for part in view.get(word, ())]
    inner += view.get("dependentSchemas", {}).values()
    for part in inner:
        yield from _names(side, part, depth - 1)
