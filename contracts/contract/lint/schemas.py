"""Rules about schemas: names, limits of requests, no anonymous objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract.lint.rule import Found, Rule, components, sent, within
from contract.openapi.document import Document, Operation

_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PASCAL = re.compile(r"([A-Z][a-z0-9]*)+")
# Formats that limit the length.
BOUNDED = frozenset({"uuid", "date", "date-time", "time", "duration", "ipv4", "ipv6"})


def _types(node: dict[str, Any]) -> set[str]:
    types = node.get("type")
    return set(types) if isinstance(types, list) else {types} if types else set()


def _schema_names(document: Document) -> Found:
    for name in components(document):
        if not _PASCAL.fullmatch(name):
            yield name, "is not in PascalCase"


def _field_names(document: Document) -> Found:
    for name, schema in components(document).items():
        for place, node in within(schema, name):
            for field in node.get("properties") or {}:
                if not _SNAKE.fullmatch(field):
                    yield place, f"the field {field!r} is not in snake_case"


def _strings(document: Document) -> Found:
    for place, node in _sent_nodes(document):
        bounded = {"maxLength", "enum", "const"} & set(node) or node.get("format") in BOUNDED
        if "string" in _types(node) and not bounded:
            yield place, "is a string of any length"


def _integers(document: Document) -> Found:
    for place, node in _sent_nodes(document):
        low, high = (
            {"minimum", "exclusiveMinimum"} & set(node),
            {"maximum", "exclusiveMaximum"} & set(node),
        )
        if "integer" in _types(node) and not (low and high) and not {"enum", "const"} & set(node):
            yield place, "is an integer of any size"


def _arrays(document: Document) -> Found:
    for place, node in _sent_nodes(document):
        if "array" in _types(node) and "maxItems" not in node:
            yield place, "is an array of any length"


def _sent_nodes(document: Document) -> Any:
    for name, schema in sent(document).items():
        yield from within(schema, name)
    for one in document.operations():
        for raw in [*(one.item.get("parameters") or ()), *(one.data.get("parameters") or ())]:
            parameter = document.resolve(raw)
            yield from within(parameter.get("schema"), f"{one.name} parameter {parameter.get('name')}")


def _anonymous(document: Document) -> Found:
    for name, schema in components(document).items():
        for place, node in within(schema, name):
            if place != name and node.get("properties"):
                yield place, "is an object without a name"
    for one in document.operations():
        for media_type, entry in _bodies(document, one):
            if any(node.get("properties") for _, node in within(entry.get("schema"), "")):
                yield one.name, f"the {media_type} body has an object without a name"


def _bodies(document: Document, one: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    raw = [one.data.get("requestBody"), *(one.data.get("responses") or {}).values()]
    for body in map(document.resolve, raw):
        yield from (body.get("content") or {}).items()


_KINDS = {
    "string": {"minLength", "maxLength", "pattern"},
    "array": {"minItems", "maxItems", "uniqueItems", "items"},
    "object": {"properties", "required", "additionalProperties"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}


def _misplaced(document: Document) -> Found:
    for name, schema in components(document).items():
        for place, node in within(schema, name):
            types = _types(node) | ({"number"} if "integer" in _types(node) else set())
            for kind, keywords in _KINDS.items():
                stray = keywords & set(node)
                if types and kind not in types and stray:
                    yield (
                        place,
                        f"{', '.join(sorted(stray))} has no effect on type {', '.join(sorted(types))}",
                    )


RULES = (
    Rule("schema-name", _schema_names, "use PascalCase: Product, ProductCreate, ProductPage"),
    Rule("field-name", _field_names, "use snake_case"),
    Rule(
        "bounded-string",
        _strings,
        "give every string that is sent a maxLength, an enum or a bounded format",
    ),
    Rule("bounded-integer", _integers, "give every integer that is sent a minimum and a maximum"),
    Rule("bounded-array", _arrays, "give every array that is sent maxItems"),
    Rule(
        "named-schema",
        _anonymous,
        "move it to components and refer to it; its name becomes a type in clients",
    ),
    Rule("misplaced-keyword", _misplaced, "remove it, or correct the type"),
)
