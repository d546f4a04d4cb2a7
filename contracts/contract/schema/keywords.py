"""The keywords that have a meaning for comparing, and what a value of each must be to have it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from contract.openapi.values import integral

TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
UNREADABLE = "unreadable"


class Opaque(NamedTuple):
    """A demand that no validator of ours knows: a difference in it can be seen, and not proved."""

    rule: str
    value: str


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _size(value: Any) -> bool:
    return _number(value) and value >= 0 and integral(value)


def _schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _schemas(value: Any) -> bool:
    return isinstance(value, list) and all(map(_schema, value))


def _map(value: Any) -> bool:
    return isinstance(value, dict) and all(_schema(one) or one is None for one in value.values())


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _needs(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_names, value.values()))


def _type(value: Any) -> bool:
    return _names(value if isinstance(value, list) else [value]) and set([value] if _text(value) else value) <= TYPES


def _bound(value: Any) -> bool:
    # OpenAPI 3.0 has `exclusiveMinimum: true`.
    return isinstance(value, bool) or _number(value)


def _items(value: Any) -> bool:
    return _schema(value) or _schemas(value)


def _listed(value: Any) -> bool:
    return isinstance(value, list)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


_FORMS: dict[Callable[[Any], bool], str] = {
    _text: "$ref pattern format contentEncoding contentMediaType",
    _type: "type",
    _listed: "enum",
    _bound: "minimum maximum exclusiveMinimum exclusiveMaximum",
    _size: "minLength maxLength minItems maxItems minContains maxContains minProperties maxProperties",
    _flag: "uniqueItems",
    _items: "items",
    _schema: "contains additionalProperties propertyNames not if then else unevaluatedProperties unevaluatedItems"
    " contentSchema",
    _schemas: "prefixItems allOf anyOf oneOf",
    _map: "properties patternProperties dependentSchemas",
    _names: "required",
    _needs: "dependentRequired",
    lambda value: _number(value) and value > 0: "multipleOf",
}
FORMS = {word: form for form, words in _FORMS.items() for word in words.split()}


def readable(node: dict[str, Any]) -> tuple[dict[str, Any], list[Opaque]]:
    """The keywords that can be read, and those that cannot. Null and empty lists say nothing."""
    kept, strange = {}, []
    for word, form in FORMS.items():
        value = node.get(word)
        if value is None or (value == [] and word != "enum") or (value == {} and form in (_map, _needs)):
            continue
        if form(value):
            # JSON has one kind of number: 2.0 is a size.
            kept[word] = int(value) if form is _size else value
        else:
            strange.append(Opaque(UNREADABLE, f"`{word}: {json.dumps(value, default=str)[:80]}`"))
    return kept, strange
