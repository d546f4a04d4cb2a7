"""Whether the objects of an OpenAPI document are where they belong, so that nobody after has to ask.

Schemas are left out: a keyword of the wrong type is a difference that cannot be proved, not a reason to stop.
"""

from __future__ import annotations

from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# For each kind of object: its keys, each with how its value is held (one, list, map) and of what kind that is.
GRAMMAR: dict[str, dict[str, tuple[str, str]]] = {
    "document": {
        "info": ("one", "any"),
        "paths": ("map", "item"),
        "webhooks": ("map", "item"),
        "components": ("one", "components"),
        "security": ("list", "requirement"),
        "servers": ("list", "server"),
    },
    "components": {
        "schemas": ("map", "schema"),
        "responses": ("map", "response"),
        "parameters": ("map", "parameter"),
        "headers": ("map", "parameter"),
        "requestBodies": ("map", "body"),
        "securitySchemes": ("map", "any"),
        "pathItems": ("map", "item"),
        "callbacks": ("map", "callback"),
    },
    "item": {
        **dict.fromkeys(METHODS, ("one", "operation")),
        "parameters": ("list", "parameter"),
        "servers": ("list", "server"),
    },
    "operation": {
        "parameters": ("list", "parameter"),
        "requestBody": ("one", "body"),
        "responses": ("map", "response"),
        "callbacks": ("map", "callback"),
        "security": ("list", "requirement"),
        "servers": ("list", "server"),
        "tags": ("list", "text"),
        "operationId": ("one", "text"),
    },
    "parameter": {
        "name": ("one", "text"),
        "in": ("one", "text"),
        "style": ("one", "text"),
        "schema": ("one", "schema"),
        "content": ("map", "media"),
    },
    "body": {"content": ("map", "media")},
    "response": {"content": ("map", "media"), "headers": ("map", "parameter"), "links": ("map", "any")},
    "media": {"schema": ("one", "schema")},
    "server": {"url": ("one", "text"), "variables": ("map", "any")},
    "callback": {},
    "requirement": {},
    "any": {},
}
# Objects that are maps themselves: what each of their values is.
MAPS = {"callback": ("one", "item"), "requirement": ("list", "text")}


def fault(node: Any, kind: str = "document", place: str = "") -> str | None:
    """The first thing that is not what it should be, as one sentence; None when all is well. Null counts as absent."""
    if node is None:
        return None
    if kind == "text":
        return None if isinstance(node, str) else f"{place} is not a text"
    if kind == "schema":
        return None if isinstance(node, dict | bool) else f"{place} is not a schema"
    if not isinstance(node, dict):
        return f"{place} is not an object"
    if "$ref" in node:
        return None if isinstance(node["$ref"], str) else f"{place}.$ref is not a text"
    held = GRAMMAR[kind]
    inner = {key: (how, node[key]) for key, how in held.items() if key in node}
    if kind in MAPS:
        inner = {key: (MAPS[kind], value) for key, value in node.items() if not key.startswith("x-")}
    return _first(_held(value, how, f"{place}.{key}".lstrip(".")) for key, (how, value) in inner.items())


def _held(value: Any, how: tuple[str, str], place: str) -> str | None:
    form, kind = how
    if value is None or form == "one":
        return fault(value, kind, place)
    if form == "list":
        if not isinstance(value, list):
            return f"{place} is not a list"
        return _first(_present(one, kind, f"{place}[{index}]") for index, one in enumerate(value))
    if not isinstance(value, dict):
        return f"{place} is not an object"
    return _first(fault(one, kind, f"{place}.{key}") for key, one in value.items() if not key.startswith("x-"))


def _present(node: Any, kind: str, place: str) -> str | None:
    return f"{place} is empty" if node is None else fault(node, kind, place)


def _first(found: Any) -> str | None:
    return next((one for one in found if one), None)
