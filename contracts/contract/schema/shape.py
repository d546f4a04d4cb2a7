"""A schema as a list of shapes: each one type of value, with every `$ref`, `allOf` and alternative worked in.

A value is allowed when one of the shapes allows it. `oneOf` is read as `anyOf` and `not` is kept beside, so that
the shapes may allow a little more than the schema, never less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from contract.schema.keywords import Opaque
from contract.schema.kinds import ATOMS, SIZES, atoms
from contract.schema.texts import search
from contract.schema.view import DIGITS, OPAQUE, Side, json_type

BRANCHES = 400
Nodes = tuple[Any, ...]


class TooManyBranchesError(Exception):
    """A schema has more combinations of alternatives than are worth looking at."""


@dataclass(eq=False)
class Alternative:
    """One of the schemas of a union, with all of them. `exclusive`: of a `oneOf`."""

    node: Any
    union: list[Any]
    exclusive: bool


@dataclass
class Shape:
    """The conjunction of one branch. Lists hold what each part of an `allOf` says."""

    types: frozenset[str] = frozenset(ATOMS)
    enums: list[list[Any]] = field(default_factory=list)
    low: tuple[float, bool] | None = None
    high: tuple[float, bool] | None = None
    sizes: dict[str, int] = field(default_factory=dict)
    multiples: list[float] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    properties: dict[str, Nodes] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    extras: list[tuple[frozenset[str], tuple[str, ...], Any]] = field(default_factory=list)
    others: list[tuple[str, Any]] = field(default_factory=list)
    names: list[Any] = field(default_factory=list)
    dependent: list[tuple[str, list[str]]] = field(default_factory=list)
    dependents: list[tuple[str, Any]] = field(default_factory=list)
    prefixes: list[list[Any]] = field(default_factory=list)
    items: list[tuple[int, Any]] = field(default_factory=list)
    contains: list[tuple[Any, int, int | None]] = field(default_factory=list)
    unique: bool = False
    nots: list[Any] = field(default_factory=list)
    unevaluated: list[tuple[str, Any]] = field(default_factory=list)
    contents: list[Any] = field(default_factory=list)
    opaque: frozenset[Opaque] = frozenset()
    digits: dict[str, Any] = field(default_factory=dict)
    # The schema references that this branch went through.
    labels: frozenset[str] = frozenset()
    # The alternatives that this branch took.
    taken: tuple[Alternative, ...] = ()

    def copy(self) -> Shape:
        """A shape of its own, sharing nothing that is changed in place."""
        made = replace(self)
        for name, value in vars(self).items():
            if isinstance(value, list | dict):
                setattr(made, name, value.copy())
        return made

    def of_type(self, atoms: frozenset[str]) -> Shape:
        """The same, for values of these types only."""
        shape = self.copy()
        shape.types = self.types & atoms
        return shape

    def add(self, view: dict[str, Any]) -> None:
        """Take in all keywords of one node but those that combine schemas."""
        if "type" in view:
            self.types &= atoms(view["type"])
        if "enum" in view:
            self.enums.append(view["enum"])
            self.types &= {atom for value in view["enum"] for atom in atoms(json_type(value))}
        self.opaque |= frozenset(view.get(OPAQUE, ()))
        self.digits.update(view.get(DIGITS, {}))
        self._add_scalars(view)
        self._add_object(view)
        self._add_array(view)
        if "not" in view:
            self.nots.append(view["not"])
            if view["not"] is True or view["not"] == {}:
                self.types = frozenset()

    def _add_scalars(self, view: dict[str, Any]) -> None:
        self._add_bounds(view)
        for keyword, held in (
            ("pattern", self.patterns),
            ("format", self.formats),
            ("contentSchema", self.contents),
            ("multipleOf", self.multiples),
        ):
            if keyword in view:
                held.append(view[keyword])
        for keyword, better in SIZES.items():
            if isinstance(view.get(keyword), int | float):
                self.sizes[keyword] = better(self.sizes.get(keyword, view[keyword]), view[keyword])

    def _add_bounds(self, view: dict[str, Any]) -> None:
        for keyword, exclusive in (("minimum", False), ("exclusiveMinimum", True)):
            if keyword in view:
                self.low = max(filter(None, (self.low, (view[keyword], exclusive))))
        for keyword, exclusive in (("maximum", False), ("exclusiveMaximum", True)):
            if keyword in view:
                self.high = min(filter(None, (self.high, (view[keyword], exclusive))), key=_tightness)

    def _add_object(self, view: dict[str, Any]) -> None:
        properties = view.get("properties", {})
        for name, schema in properties.items():
            self.properties[name] = (*self.properties.get(name, ()), schema)
        self.required.update(dict.fromkeys(name for name in view.get("required", ()) if isinstance(name, str) and name))
        patterns = view.get("patternProperties", {})
        self.others.extend(patterns.items())
        if "additionalProperties" in view:
            self.extras.append((frozenset(properties), tuple(patterns), view["additionalProperties"]))
        if "propertyNames" in view:
            self.names.append(view["propertyNames"])
        self.dependent.extend(view.get("dependentRequired", {}).items())
        self.dependents.extend(view.get("dependentSchemas", {}).items())
        for keyword in ("unevaluatedProperties", "unevaluatedItems"):
            if keyword in view:
                self.unevaluated.append((keyword, view[keyword]))

    def _add_array(self, view: dict[str, Any]) -> None:
        prefix = view.get("prefixItems", [])
        if prefix:
            self.prefixes.append(prefix)
        if "items" in view:
            self.items.append((len(prefix), view["items"]))
        if "contains" in view:
            self.contains.append((view["contains"], view.get("minContains", 1), view.get("maxContains")))
        self.unique = self.unique or view.get("uniqueItems") is True

    def contradicts_itself(self) -> bool:
        """Whether the limits allow no value."""
        if self.types <= {"integer", "fraction"} and self.low and self.high:
            return self.low[0] > self.high[0] or (self.low[0] == self.high[0] and (self.low[1] or self.high[1]))
        return any(
            self.types <= {kind} and self.sizes.get(f"min{noun}", 0) > self.sizes.get(f"max{noun}", float("inf"))
            for kind, noun in (("string", "Length"), ("array", "Items"), ("object", "Properties"))
        )

    def states(self, keyword: str) -> bool:
        """Whether this side has a limit by a keyword, or by its twin."""
        if "imum" in keyword.lower():
            return (self.low if "min" in keyword.lower() else self.high) is not None
        return keyword in self.sizes

    def item(self, index: int) -> Nodes:
        """What the item at this place must be."""
        nodes = [prefix[index] for prefix in self.prefixes if index < len(prefix)]
        nodes += [schema for start, schema in self.items if index >= start]
        if not nodes:
            nodes += [schema for keyword, schema in self.unevaluated if keyword == "unevaluatedItems"]
        return tuple(nodes)

    def member(self, name: str) -> Nodes | None:
        """What a property of this name must be; None when the schema does not speak of it."""
        nodes = list(self.properties.get(name, ()))
        nodes += [schema for pattern, schema in self.others if search(pattern, name)]
        for own, patterns, schema in self.extras:
            if name not in own and not any(search(pattern, name) for pattern in patterns):
                nodes.append(schema)
        if not nodes:
            nodes += [schema for keyword, schema in self.unevaluated if keyword == "unevaluatedProperties"]
        return tuple(nodes) if nodes else None


def _tightness(bound: tuple[float, bool]) -> tuple[float, bool]:
    return bound[0], not bound[1]


def shapes(side: Side, nodes: Nodes) -> list[Shape]:
    """Every branch of a conjunction of schemas, in the order in which they are written."""
    key = tuple(id(node) for node in nodes)
    if key not in side.shapes:
        try:
            made: list[Shape] | None = _shapes(side, nodes)
        except TooManyBranchesError:
            made = None
        # The nodes are kept too, so that no other object gets their ids.
        side.shapes[key] = (nodes, made)
    known: list[Shape] | None = side.shapes[key][1]
    if known is None:
        raise TooManyBranchesError
    return known


def _shapes(side: Side, nodes: Nodes) -> list[Shape]:
    found = []
    for shape in _expand(side, list(nodes), Shape(), 0):
        if shape.types and not shape.contradicts_itself():
            found.append(shape)
        if len(found) > BRANCHES:
            raise TooManyBranchesError
    return found


def _expand(side: Side, nodes: list[Any], shape: Shape, depth: int) -> Iterator[Shape]:
    shape = shape.copy()
    groups: list[tuple[str, list[Any]]] = []
    pending = list(nodes)
    while pending:
        node = pending.pop(0)
        depth += 1
        if depth > 500:
            raise TooManyBranchesError
        view = side.view(node)
        shape.add(view)
        pending[:0] = view.get("allOf", [])
        doubly = view.get("not")
        if isinstance(doubly, dict) and set(doubly) == {"not"}:
            pending.append(doubly["not"])
        if "$ref" in view:
            shape.labels |= {view["$ref"]}
            pending.insert(0, side.target(view))
        groups += alternatives(view)
    yield from _branches(side, groups, shape, depth)


def alternatives(view: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """The choices that a node leaves: each a keyword and a list of schemas of which one must hold."""
    groups: list[tuple[str, list[Any]]] = [
        (keyword, view[keyword]) for keyword in ("anyOf", "oneOf") if keyword in view
    ]
    if "if" in view and ("then" in view or "else" in view):
        groups.append(("if", conditional(view)))
    return groups


def conditional(view: dict[str, Any]) -> list[Any]:
    """`if`, `then`, `else` as two alternatives; the same objects each time, so that they can be recognised."""
    if "x-branches" not in view:
        yes = {"allOf": [view["if"], view.get("then", True)]}
        no = {"allOf": [{"not": view["if"]}, view.get("else", True)]}
        view["x-branches"] = [yes, no]
    branches: list[Any] = view["x-branches"]
    return branches


def _branches(side: Side, groups: list[tuple[str, list[Any]]], shape: Shape, depth: int) -> Iterator[Shape]:
    if not shape.types:
        return
    if not groups:
        yield shape
        return
    (keyword, first), *rest = groups
    for choice in first:
        taken = () if keyword == "if" else (Alternative(choice, first, keyword == "oneOf"),)
        for branch in _expand(side, [choice], replace(shape, taken=shape.taken + taken), depth):
            yield from _branches(side, rest, branch, depth)


def types_of(side: Side, node: Any) -> frozenset[str]:
    """The disjoint types that a schema allows; none where it has too many branches."""
    try:
        return frozenset().union(*(shape.types for shape in shapes(side, (node,))))
    except TooManyBranchesError:
        return frozenset()
