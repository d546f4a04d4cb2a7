"""The quick judge: whether a schema allows a value, by closures that are compiled once for each node.

It agrees with `jsonschema` and is many times faster, but gives no reasons. `jsonschema` confirms whatever a person is
shown (`Judge.confirms`), and judges nodes whose annotations count (`unevaluated...`).
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any

from contract.openapi.values import among, integral, unique
from contract.schema.formats import FORMATS
from contract.schema.multiples import divides
from contract.schema.texts import search
from contract.schema.view import Side

Check = Callable[[Any], bool]
_ASKED = 50_000
SLOW = ("unevaluatedProperties", "unevaluatedItems")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": _number,
    "integer": lambda value: _number(value) and integral(value),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


class Quick:
    """The compiled checks of one side. Nodes are kept beside their checks, so that an id stays its own."""

    def __init__(self, side: Side, slow: Callable[[Any, Any], bool]) -> None:
        self._side = side
        self._slow = slow
        self._known: dict[int, tuple[Any, Check]] = {}
        self._asked: dict[tuple[int, int], tuple[Check, Any, bool]] = {}

    def allows(self, node: Any, value: Any) -> bool:
        """Whether one node takes the value."""
        known = self._known.get(id(node))
        return (known[1] if known else self._compiled(node))(value)

    def _compiled(self, node: Any) -> Check:
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._compile(node))
        return known[1]

    def _compile(self, node: Any) -> Check:
        view = self._side.view(node)
        if any(word in view for word in SLOW):
            return lambda value: self._slow(node, value)
        checks = [check for word, make in _RULES.items() if word in view for check in make(self, view)]
        if not checks:
            return lambda value: True
        if len(checks) == 1:
            return checks[0]

        return _every(checks)

    def remembered(self, check: Check) -> Check:
        """The same check, asked once for each object: candidates for a witness share most of what is in them."""
        key = id(check)

        def asked(value: Any) -> bool:
            if not isinstance(value, dict | list):
                return check(value)
            known = self._asked.get((key, id(value)))
            if known is None:
                if len(self._asked) > _ASKED:
                    self._asked.clear()
                # Check and value are kept too, so that no other object gets their ids.
                known = self._asked[key, id(value)] = (check, value, check(value))
            return known[2]

        return asked

    def lazy(self, node: Any) -> Check:
        """The check of a node below, compiled when it is first needed (schemas go in circles)."""
        check: Check | None = None

        def compiled(value: Any) -> bool:
            nonlocal check
            if check is None:
                check = self._compiled(node)
            return check(value)

        return compiled


def _every(checks: list[Check]) -> Check:
    def every(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - a generator costs twice as much, and this is called most
            if not check(value):
                return False
        return True

    return every


def _type(quick: Quick, view: Any) -> list[Check]:
    names = view["type"] if isinstance(view["type"], list) else [view["type"]]
    tests = [_TYPES[name] for name in names]
    return [tests[0]] if len(tests) == 1 else [lambda value: any(test(value) for test in tests)]


def _enum(quick: Quick, view: Any) -> list[Check]:
    values = view["enum"]
    texts = frozenset(value for value in values if isinstance(value, str))
    others = [value for value in values if not isinstance(value, str)]
    return [lambda value: value in texts if isinstance(value, str) else among(value, others)]


def _ref(quick: Quick, view: Any) -> list[Check]:
    return [quick.remembered(quick.lazy(quick._side.target(view)))]


def _if_kind(test: Check, check: Check) -> list[Check]:
    return [lambda value: not test(value) or check(value)]


def _bound(word: str, holds: Callable[[Any, Any], bool]) -> Callable[[Quick, Any], list[Check]]:
    def made(quick: Quick, view: Any) -> list[Check]:
        edge = view[word]
        return _if_kind(_number, lambda value: holds(value, edge))

    return made


def _multiple(quick: Quick, view: Any) -> list[Check]:
    of = view["multipleOf"]
    return _if_kind(_number, lambda value: divides(of, value))


def _size(word: str, kind: type[Sized], holds: Callable[[int, Any], bool]) -> Callable[[Quick, Any], list[Check]]:
    def made(quick: Quick, view: Any) -> list[Check]:
        edge = view[word]
        return [lambda value: not isinstance(value, kind) or holds(len(value), edge)]

    return made


def _pattern(quick: Quick, view: Any) -> list[Check]:
    pattern = view["pattern"]
    return [lambda value: not isinstance(value, str) or search(pattern, value)]


def _format(quick: Quick, view: Any) -> list[Check]:
    known = FORMATS[view["format"]]
    test = _TYPES[known.kind]
    return [lambda value: not test(value) or known.check(value)]


def _properties(quick: Quick, view: Any) -> list[Check]:
    inner = {name: quick.lazy(node) for name, node in view["properties"].items()}

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for name in value:
                if name in inner and not inner[name](value[name]):
                    return False
        return True

    return [check]


def _required(quick: Quick, view: Any) -> list[Check]:
    names = frozenset(view["required"])
    return [lambda value: not isinstance(value, dict) or names <= value.keys()]


def _patterned(quick: Quick, view: Any) -> list[Check]:
    inner = [(pattern, quick.lazy(node)) for pattern, node in view["patternProperties"].items()]
    return [
        lambda value: (
            not isinstance(value, dict)
            or all(check(value[name]) for pattern, check in inner for name in value if search(pattern, name))
        )
    ]


def _extras(quick: Quick, view: Any) -> list[Check]:
    known, patterns = view.get("properties", {}), tuple(view.get("patternProperties", {}))
    check = quick.lazy(view["additionalProperties"])
    return [
        lambda value: (
            not isinstance(value, dict)
            or all(
                check(inner)
                for name, inner in value.items()
                if name not in known and not any(search(pattern, name) for pattern in patterns)
            )
        )
    ]


def _names(quick: Quick, view: Any) -> list[Check]:
    check = quick.lazy(view["propertyNames"])
    return [lambda value: not isinstance(value, dict) or all(map(check, value))]


def _needs(quick: Quick, view: Any) -> list[Check]:
    pairs = view["dependentRequired"].items()
    return [
        lambda value: (
            not isinstance(value, dict)
            or all(other in value for name, others in pairs if name in value for other in others)
        )
    ]


def _dependents(quick: Quick, view: Any) -> list[Check]:
    pairs = [(name, quick.lazy(node)) for name, node in view["dependentSchemas"].items()]
    return [lambda value: not isinstance(value, dict) or all(check(value) for name, check in pairs if name in value)]


def _prefix(quick: Quick, view: Any) -> list[Check]:
    checks = [quick.lazy(node) for node in view["prefixItems"]]
    return [
        lambda value: (
            not isinstance(value, list) or all(check(item) for check, item in zip(checks, value, strict=False))
        )
    ]


def _items(quick: Quick, view: Any) -> list[Check]:
    start, check = len(view.get("prefixItems", ())), quick.lazy(view["items"])
    return [lambda value: not isinstance(value, list) or all(map(check, value[start:] if start else value))]


def _contains(quick: Quick, view: Any) -> list[Check]:
    check, least, most = quick.lazy(view["contains"]), view.get("minContains", 1), view.get("maxContains")

    def counted(value: Any) -> bool:
        if not isinstance(value, list):
            return True
        count = sum(map(check, value))
        return count >= least and (most is None or count <= most)

    return [counted]


def _unique(quick: Quick, view: Any) -> list[Check]:
    wanted = view["uniqueItems"]
    return [lambda value: not wanted or not isinstance(value, list) or unique(value)]


def _all(quick: Quick, view: Any) -> list[Check]:
    return [quick.lazy(node) for node in view["allOf"]]


def _any(quick: Quick, view: Any) -> list[Check]:
    checks = [quick.lazy(node) for node in view["anyOf"]]
    return [lambda value: any(check(value) for check in checks)]


def _one(quick: Quick, view: Any) -> list[Check]:
    checks = [quick.lazy(node) for node in view["oneOf"]]

    def exactly(value: Any) -> bool:
        count = 0
        for check in checks:
            count += check(value)
            if count > 1:
                return False
        return count == 1

    return [exactly]


def _not(quick: Quick, view: Any) -> list[Check]:
    check = quick.lazy(view["not"])
    return [lambda value: not check(value)]


def _if(quick: Quick, view: Any) -> list[Check]:
    test, yes, no = (quick.lazy(view.get(word, True)) for word in ("if", "then", "else"))
    return [lambda value: yes(value) if test(value) else no(value)]


# In the order of their cost: what is cheap and often says no stands first.
_RULES: dict[str, Callable[[Quick, Any], list[Check]]] = {
    "type": _type,
    "enum": _enum,
    "required": _required,
    "minimum": _bound("minimum", lambda value, edge: value >= edge),
    "maximum": _bound("maximum", lambda value, edge: value <= edge),
    "exclusiveMinimum": _bound("exclusiveMinimum", lambda value, edge: value > edge),
    "exclusiveMaximum": _bound("exclusiveMaximum", lambda value, edge: value < edge),
    "multipleOf": _multiple,
    "minLength": _size("minLength", str, lambda size, edge: size >= edge),
    "maxLength": _size("maxLength", str, lambda size, edge: size <= edge),
    "minItems": _size("minItems", list, lambda size, edge: size >= edge),
    "maxItems": _size("maxItems", list, lambda size, edge: size <= edge),
    "minProperties": _size("minProperties", dict, lambda size, edge: size >= edge),
    "maxProperties": _size("maxProperties", dict, lambda size, edge: size <= edge),
    "pattern": _pattern,
    "format": _format,
    "dependentRequired": _needs,
    "uniqueItems": _unique,
    "$ref": _ref,
    "properties": _properties,
    "patternProperties": _patterned,
    "additionalProperties": _extras,
    "propertyNames": _names,
    "dependentSchemas": _dependents,
    "prefixItems": _prefix,
    "items": _items,
    "contains": _contains,
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _one,
    "not": _not,
    "if": _if,
}
