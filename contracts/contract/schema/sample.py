"""Values that a shape allows: the smallest ones, and ones at the edges of what either side says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from contract.openapi.values import among, integral
from contract.schema.formats import FORMATS
from contract.schema.shape import Nodes, Shape, TooManyBranchesError, shapes
from contract.schema.texts import fitting
from contract.schema.validator import Judge
from contract.schema.view import Side

UNLISTED = "unlisted"
DEPTH = 12
_PLAIN = 12
# About what a float can hold.
_LARGEST = 10**300


class NoValueError(Exception):
    """No value was found; there may be none."""


class Sampler:
    """Makes values from the schemas of one side. A validator decides whether they are allowed."""

    def __init__(self, judge: Judge, other: Side) -> None:
        self.side = judge.side
        self.other = other
        self._judge = judge
        self._some: dict[Any, tuple[Nodes, Nodes, list[Any]]] = {}
        self._failed: dict[tuple[int, ...], tuple[Nodes, int]] = {}
        self._smallest: dict[tuple[int, ...], tuple[Nodes, Any]] = {}

    def smallest(self, nodes: Nodes, depth: int = 0) -> Any:
        """The smallest allowed value; raises NoValueError."""
        key = tuple(id(node) for node in nodes)
        if key not in self._smallest:
            if depth >= self._failed.get(key, (nodes, DEPTH + 1))[1]:
                raise NoValueError
            # A value that is not found at one depth is not found deeper either.
            self._failed[key] = (nodes, depth)
            self._smallest[key] = (nodes, self._find(nodes, depth))
            del self._failed[key]
        return self._smallest[key][1]

    def _find(self, nodes: Nodes, depth: int) -> Any:
        if depth > DEPTH:
            raise NoValueError
        try:
            branches = shapes(self.side, nodes)
        except TooManyBranchesError:
            raise NoValueError from None
        for value in chain(_examples(nodes), *(islice(self.tried(one, None, depth), _PLAIN) for one in branches)):
            if self._judge.allows(nodes, value):
                return value
        for value in (
            value for one in branches for edge in self._excluded(one) for value in self.tried(one, edge, depth)
        ):
            if self._judge.allows(nodes, value):
                return value
        raise NoValueError

    def _excluded(self, shape: Shape) -> list[Shape]:
        """What a shape must not be: its limits are edges too."""
        try:
            return [edge for node in shape.nots for edge in shapes(self.side, (node,))[:6]]
        except TooManyBranchesError:
            return []

    def some(self, nodes: Nodes, near: Nodes = (), depth: int = 0, count: int = 12) -> list[Any]:
        """Up to `count` different values, also such as lie at the edges of the schemas `near`."""
        key = (tuple(map(id, nodes)), tuple(map(id, near)), depth, count)
        if key not in self._some:
            self._some[key] = (nodes, near, self._spread(nodes, near, depth, count))
        return self._some[key][2]

    def _spread(self, nodes: Nodes, near: Nodes, depth: int, count: int) -> list[Any]:
        if depth > DEPTH:
            return []
        try:
            edges: list[Shape | None] = [None, *(shapes(self.other, near) if near else [])][:6]
            branches = shapes(self.side, nodes)
        except TooManyBranchesError:
            return []
        found = []
        for shape in branches[:20]:
            for edge in [*edges, *self._excluded(shape)]:
                found += list(islice(self.tried(shape, edge, depth), count))
        return found

    def tried(self, shape: Shape, near: Shape | None, depth: int = 0) -> Iterator[Any]:
        """The same values as `values`, as far as they can be made."""
        try:
            yield from self.values(shape, near, depth)
        except NoValueError:
            return

    def values(self, shape: Shape, near: Shape | None, depth: int = 0) -> Iterator[Any]:
        """Values of a shape, the plainest first; `near` lends its limits."""
        if shape.enums:
            yield from shape.enums[0]
            return
        for kind, make in (("null", lambda *_: (None,)), ("object", self._objects), ("array", self._arrays),
                           ("string", _strings), ("integer", _integers), ("fraction", _fractions),
                           ("boolean", lambda *_: (False, True))):  # fmt: skip
            if kind in shape.types:
                yield from make(shape, near, depth)

    def build(self, shape: Shape, fixed: dict[str, Any], full: bool = False, depth: int = 0) -> dict[str, Any]:
        """An object with these members and what else is required (`full`: whatever is declared)."""
        made = {}
        wanted = list(shape.required)
        if full:
            wanted += [name for name in shape.properties if name not in shape.required]
        for name in wanted:
            if name in fixed:
                continue
            try:
                made[name] = self.smallest(shape.member(name) or (), depth + 1)
            except NoValueError:
                if name in shape.required:
                    raise
        made.update(fixed)
        self._complete(shape, made, depth)
        for number in range(int(shape.sizes.get("minProperties", 0)) - len(made)):
            made[f"{UNLISTED}{number or ''}"] = self.smallest(shape.member(UNLISTED) or ({"type": "integer"},), depth)
        return made

    def _complete(self, shape: Shape, made: dict[str, Any], depth: int) -> None:
        """Add what `dependentRequired` wants beside the fields that are there."""
        for _ in shape.dependent:
            for name, needed in shape.dependent:
                for other in needed if name in made else ():
                    if other not in made:
                        made[other] = self.smallest(shape.member(other) or ({"type": "integer"},), depth + 1)

    def array(self, shape: Shape, length: int, fixed: dict[int, Any] | None = None, depth: int = 0) -> list[Any]:
        """An array of this length; items differ where the schema wants them to."""
        fixed = fixed or {}
        made: list[Any] = []
        for index in range(length):
            if index in fixed:
                made.append(fixed[index])
                continue
            made.append(self._item(shape, index, made, depth))
        return made

    def _item(self, shape: Shape, index: int, before: list[Any], depth: int) -> Any:
        nodes = shape.item(index)
        contained = [schema for schema, least, _ in shape.contains for _ in range(least)]
        if index < len(contained):
            nodes = (*nodes, contained[index])
        if not shape.unique:
            return self.smallest(nodes, depth + 1)
        for value in self.some(nodes, depth=depth + 1, count=12 + index):
            if not among(value, before):
                return value
        raise NoValueError

    def _objects(self, shape: Shape, near: Shape | None, depth: int) -> Iterator[Any]:
        least = self.build(shape, {}, depth=depth)
        yield least
        if depth > 3:
            return
        full = self.build(shape, {}, full=True, depth=depth)
        yield full
        near_names = [*near.required, *(near.properties if shape.nots else ())] if near else []
        names = dict.fromkeys([*shape.properties, *near_names, UNLISTED])
        for name in names:
            yield from self._with(shape, near, name, depth)
        for name in full:
            yield {key: value for key, value in full.items() if key != name}
        yield {
            **full,
            **{f"{UNLISTED}{number}": number for number in range(_most(near, "maxProperties") + 1)},
        }

    def _with(self, shape: Shape, near: Shape | None, name: str, depth: int) -> Iterator[Any]:
        nodes = shape.member(name)
        edge = near.member(name) if near else None
        values = self.some(nodes or ({"type": "integer"},), edge or (), depth + 1, 6)
        for value in values:
            yield self.build(shape, {name: value}, depth=depth)
        if nodes and edge:
            for value in values[:3]:
                yield self.build(shape, {name: value}, full=True, depth=depth)

    def _arrays(self, shape: Shape, near: Shape | None, depth: int) -> Iterator[Any]:
        least = int(shape.sizes.get("minItems", sum(count for _, count, _ in shape.contains)))
        edges = [least, 1, 2, *(int(one.sizes[key]) + step for one in (shape, near) if one for key in
                 ("minItems", "maxItems") if key in one.sizes for step in (-1, 0, 1))]  # fmt: skip
        for length in dict.fromkeys(edges):
            if least <= length <= min(1100, shape.sizes.get("maxItems", 1100)):
                try:
                    yield self.array(shape, length, depth=depth)
                except NoValueError:
                    continue
        if depth < 4:
            nodes, edge = shape.item(0), near.item(0) if near else ()
            choices = [*near.contains, *shape.contains] if near else shape.contains
            near_nodes = (*edge, *(schema for schema, _, _ in choices))
            for value in self.some(nodes, near_nodes, depth + 1, 5):
                yield [value] * max(least, 1)
                yield [value] * (max(least, 1) + 1)


def _examples(nodes: Nodes) -> Iterator[Any]:
    """The examples of scalar schemas, which make a witness easy to read."""
    for node in nodes:
        listed = node.get("examples") if isinstance(node, dict) else None
        for value in listed if isinstance(listed, list) else ():
            if not isinstance(value, dict | list):
                yield value


def _most(near: Shape | None, keyword: str) -> int:
    return min(60, int(near.sizes.get(keyword, 0))) if near else 0


def _strings(shape: Shape, near: Shape | None, depth: int) -> Iterator[str]:
    low, high = int(shape.sizes.get("minLength", 0)), shape.sizes.get("maxLength")
    plain = [value for name in shape.formats for value in FORMATS[name].values if FORMATS[name].kind == "string"]
    both = [one for one in (shape, near) if one]
    for pattern in shape.patterns:
        plain += fitting(pattern, low, None if high is None else int(high))
    yield from plain
    if shape.formats and plain:
        return
    texts = ["a", "", "text", "A-1", "0", "12.5", "true", "not this"]
    for one in both:
        texts += [text for name in one.formats for text in FORMATS[name].values if isinstance(text, str)]
        texts += [text for pattern in one.patterns for text in fitting(pattern)[:6]]
        texts += [text for values in one.enums for text in values if isinstance(text, str)]
        for keyword in ("minLength", "maxLength"):
            length = int(one.sizes.get(keyword, 0))
            texts += ["a" * size for size in (length - 1, length, length + 1) if 0 < size < 100_000]
    texts += ["a" * low]
    yield from dict.fromkeys(text for text in texts if low <= len(text) and (high is None or len(text) <= high))


def _numbers(shape: Shape, near: Shape | None) -> Iterator[float]:
    bounds: list[float] = [0]
    for one in (near, shape):
        bounds += [edge[0] for edge in (one.low, one.high) if edge] if one else []
        bounds += [
            value
            for name in (one.formats if one else ())
            if FORMATS[name].kind == "number"
            for value in FORMATS[name].values
        ]
        bounds += [value for step in one.multiples for value in (step, step / 2)] if one else []
    beyond = [int(bound) + step for bound in bounds if abs(bound) > _LARGEST for step in (0, 1, -1)]
    # A number that is too large for a float is only near integers.
    bounds = [bound for bound in bounds if abs(bound) <= _LARGEST] or [0]
    for multiple in shape.multiples:
        bounds += [bound // multiple * multiple for bound in bounds]
    steps = (0, 1, -1, *(shape.multiples or ()), *(-step for step in shape.multiples), 0.5, -0.5)
    found = (bound + step for step in steps for bound in bounds)
    yield from dict.fromkeys(value for value in [*found, 1e39, 2**31, 2**63, *beyond] if _inside(shape, value))


def _inside(shape: Shape, value: float) -> bool:
    low, high = shape.low, shape.high
    if low and (value < low[0] or (low[1] and value == low[0])):
        return False
    return not (high and (value > high[0] or (high[1] and value == high[0])))


def _integers(shape: Shape, near: Shape | None, depth: int) -> Iterator[int]:
    yield from (int(value) for value in _numbers(shape, near) if integral(value))


def _fractions(shape: Shape, near: Shape | None, depth: int) -> Iterator[float]:
    yield from (value for value in _numbers(shape, near) if not integral(value))
