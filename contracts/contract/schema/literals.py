"""What is claimed of a value: that a schema takes it, or does not; and what each keyword claims by itself.

A claim that a schema does not take a value is a choice between the claims of its keywords, each denied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from contract.schema.formats import FORMATS
from contract.schema.kinds import ATOMS, atoms
from contract.schema.unevaluated import Known, evaluated
from contract.schema.view import DIGITS, OPAQUE, Side

NUMBERS = frozenset({"integer", "fraction"})
_STRING, _ARRAY, _OBJECT = frozenset({"string"}), frozenset({"array"}), frozenset({"object"})
View = dict[str, Any]


class Literal(NamedTuple):
    """That a schema of one side takes the value, or (not `holds`) that it does not."""

    side: Side
    node: Any
    holds: bool

    def denied(self) -> Literal:
        """The opposite."""
        return Literal(self.side, self.node, not self.holds)


class Atom(NamedTuple):
    """A claim that speaks of one type of value; `kind` is the keyword, or what its denial amounts to."""

    kind: str
    value: Any = None


Claim = Literal | Atom
# One of these holds, with all its claims.
Choice = list[list[Claim]]
# The denial of a branch of a schema that cannot be looked into: it may be true.
OPEN = Atom("open")


def claims(side: Side, view: View) -> tuple[list[Claim], list[Choice]]:
    """What holds of each value that a schema takes: single claims, and choices."""
    single: list[Claim] = [Literal(side, part, True) for part in view.get("allOf", ())]
    if "$ref" in view:
        single.append(Literal(side, side.target(view), True))
    if "not" in view:
        single.append(Literal(side, view["not"], False))
    single += [Atom(word, (side, view)) for word in view if word in _PLAIN]
    single += [Atom("opaque", demand) for demand in _opaque(view)]
    choices: list[Choice] = []
    if "anyOf" in view:
        choices.append([[Literal(side, part, True)] for part in view["anyOf"]])
    if "oneOf" in view:
        choices.append([_only(side, view["oneOf"], part) for part in view["oneOf"]])
    if "if" in view and ("then" in view or "else" in view):
        choices.append(
            [
                [Literal(side, view["if"], chosen), *([Literal(side, view[word], True)] if word in view else [])]
                for chosen, word in ((True, "then"), (False, "else"))
            ]
        )
    choices += [_depends(side, name, needed) for name, needed in view.get("dependentRequired", {}).items()]
    for name, schema in view.get("dependentSchemas", {}).items():
        with_it = [*_has(name), Literal(side, schema, True)]
        choices.append([[Atom("lacks", name)], with_it, [Atom("types", frozenset(ATOMS) - _OBJECT)]])
    return single, choices


def _only(side: Side, parts: list[Any], chosen: Any) -> list[Claim]:
    return [Literal(side, part, part is chosen) for part in parts]


def _has(name: str) -> list[Claim]:
    return [Atom("types", _OBJECT), Atom("has", name)]


def _depends(side: Side, name: str, needed: list[str]) -> Choice:
    others: list[list[Claim]] = [[*_has(name), *(Atom("has", other) for other in needed)]]
    return [[Atom("lacks", name)], [Atom("types", frozenset(ATOMS) - _OBJECT)], *others]


def _opaque(view: View) -> Iterator[Any]:
    yield from view.get(OPAQUE, ())
    if DIGITS in view or "contentSchema" in view:
        yield str([view.get(DIGITS), view.get("contentSchema")])


def denials(side: Side, view: View) -> Choice:
    """What holds of a value that a schema does not take: the denial of one of its keywords."""
    found = [option for word, deny in _DENIED_LOGIC.items() if word in view for option in deny(side, view)]
    for name, needed in view.get("dependentRequired", {}).items():
        found += [[*_has(name), Atom("lacks", other)] for other in needed]
    for name, schema in view.get("dependentSchemas", {}).items():
        found.append([*_has(name), Literal(side, schema, False)])
    for word, deny in _DENIALS.items():
        if word in view:
            found += deny(side, view)
    found += [[Atom("not-opaque", demand)] for demand in _opaque(view)]
    return found


def _not_one(side: Side, parts: list[Any]) -> Choice:
    none: Choice = [[Literal(side, part, False) for part in parts]]
    return none + [
        [Literal(side, one, True), Literal(side, other, True)]
        for index, one in enumerate(parts)
        for other in parts[index + 1 :]
    ]


_DENIED_LOGIC: dict[str, Callable[[Side, View], Choice]] = {
    "allOf": lambda side, view: [[Literal(side, part, False)] for part in view["allOf"]],
    "$ref": lambda side, view: [[Literal(side, side.target(view), False)]],
    "not": lambda side, view: [[Literal(side, view["not"], True)]],
    "anyOf": lambda side, view: [[Literal(side, part, False) for part in view["anyOf"]]],
    "oneOf": lambda side, view: _not_one(side, view["oneOf"]),
    "if": lambda side, view: [
        [Literal(side, view["if"], chosen), Literal(side, view[word], False)]
        for chosen, word in ((True, "then"), (False, "else"))
        if word in view
    ],
}


def _bound(opposite: str, word: str) -> Callable[[Side, View], Choice]:
    return lambda side, view: [[Atom("types", NUMBERS), Atom(opposite, (side, {opposite: view[word]}))]]


def _size(word: str, opposite: str, types: frozenset[str], step: int) -> Callable[[Side, View], Choice]:
    def deny(side: Side, view: View) -> Choice:
        size = view[word] + step
        return [[Atom("types", types), Atom(opposite, (side, {opposite: size}))]] if size >= 0 else []

    return deny


def _format(side: Side, view: View) -> Choice:
    kind = NUMBERS if FORMATS[view["format"]].kind == "number" else _STRING
    return [[Atom("types", kind), Atom("not-format", view["format"])]]


def _contains(side: Side, view: View) -> Choice:
    one, least, most = Literal(side, view["contains"], True), view.get("minContains", 1), view.get("maxContains")
    found: Choice = [[Atom("types", _ARRAY), Atom("at-most", (one, least - 1))]] if least else []
    return found + ([[Atom("types", _ARRAY), Atom("at-least", (one, most + 1))]] if most is not None else [])


def _extras(side: Side, view: View) -> Choice:
    known = Known(frozenset(view.get("properties", ())), tuple(view.get("patternProperties", ())))
    return [[Atom("types", _OBJECT), Atom("some-extra", (known, Literal(side, view["additionalProperties"], False)))]]


def _unevaluated_properties(side: Side, view: View) -> Choice:
    known = evaluated(side, view, "unevaluatedProperties")
    if known is None:
        return [[Atom("types", _OBJECT), OPEN]]
    denied = Literal(side, view["unevaluatedProperties"], False)
    return [[Atom("types", _OBJECT), Atom("some-extra", (known, denied))]] if isinstance(known, Known) else []


def _unevaluated_items(side: Side, view: View) -> Choice:
    start = evaluated(side, view, "unevaluatedItems")
    if start is None:
        return [[Atom("types", _ARRAY), OPEN]]
    denied = Literal(side, view["unevaluatedItems"], False)
    return [[Atom("types", _ARRAY), Atom("some-item", (start, denied))]] if isinstance(start, int) else []


_DENIALS: dict[str, Callable[[Side, View], Choice]] = {
    "type": lambda side, view: [[Atom("types", frozenset(ATOMS) - atoms(view["type"]))]],
    "enum": lambda side, view: [[Atom("not-enum", view["enum"])]],
    "minimum": _bound("exclusiveMaximum", "minimum"),
    "maximum": _bound("exclusiveMinimum", "maximum"),
    "exclusiveMinimum": _bound("maximum", "exclusiveMinimum"),
    "exclusiveMaximum": _bound("minimum", "exclusiveMaximum"),
    "multipleOf": lambda side, view: [[Atom("types", NUMBERS), Atom("not-multiple", view["multipleOf"])]],
    "format": _format,
    "pattern": lambda side, view: [[Atom("types", _STRING), Atom("not-pattern", view["pattern"])]],
    "minLength": _size("minLength", "maxLength", _STRING, -1),
    "maxLength": _size("maxLength", "minLength", _STRING, 1),
    "minItems": _size("minItems", "maxItems", _ARRAY, -1),
    "maxItems": _size("maxItems", "minItems", _ARRAY, 1),
    "minProperties": _size("minProperties", "maxProperties", _OBJECT, -1),
    "maxProperties": _size("maxProperties", "minProperties", _OBJECT, 1),
    "required": lambda side, view: [[Atom("types", _OBJECT), Atom("lacks", name)] for name in view["required"]],
    "properties": lambda side, view: [
        [*_has(name), Atom("member", (name, Literal(side, node, False)))] for name, node in view["properties"].items()
    ],
    "patternProperties": lambda side, view: [
        [Atom("types", _OBJECT), Atom("some-match", (pattern, Literal(side, node, False)))]
        for pattern, node in view["patternProperties"].items()
    ],
    "additionalProperties": _extras,
    "propertyNames": lambda side, view: [
        [Atom("types", _OBJECT), Atom("some-name", Literal(side, view["propertyNames"], False))]
    ],
    "unevaluatedProperties": _unevaluated_properties,
    "prefixItems": lambda side, view: [
        [Atom("types", _ARRAY), Atom("item", (index, Literal(side, node, False)))]
        for index, node in enumerate(view["prefixItems"])
    ],
    "items": lambda side, view: [
        [Atom("types", _ARRAY),
         Atom("some-item", (len(view.get("prefixItems", ())), Literal(side, view["items"], False)))]
    ],
    "contains": _contains,
    "uniqueItems": lambda side, view: [[Atom("types", _ARRAY), Atom("twice")]] if view["uniqueItems"] else [],
    "unevaluatedItems": _unevaluated_items,
}  # fmt: skip
_PLAIN = _DENIALS.keys()
