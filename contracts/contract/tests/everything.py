"""A document in which each kind of object stands with each of its keys, and every edit of one leaf of a document."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

Way = tuple[Any, ...]
WORDS = {"summary": "Short.", "description": "Long."}
MEDIA = "application/json"


def everything(version: str) -> dict[str, Any]:
    """Valid by the grammar of this version; each component is used."""
    modern = version >= "3.1"
    schema = {
        "title": "Thing", "description": "A thing.", "type": "object", "required": ["id", "kind"],
        "minProperties": 1, "maxProperties": 20,
        "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 99, "multipleOf": 1, "format": "int32", "default": 3},
            "kind": {"type": "string", "enum": ["a", "b"], "x-extensible-enum": ["a", "b"], "x-minor-digits": {"a": 2}},
            "name": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[a-z]+$", "deprecated": True,
                     "x-sunset": "2999-01-01"},
            "secret": {"type": "string", "writeOnly": True},
            "made": {"type": "string", "format": "date-time", "readOnly": True},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 9, "uniqueItems": True},
            "default": {"$ref": "#/components/schemas/Leaf"},
            "more": {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0 if modern
                                                                 else True, "minimum": 0}},
            "one": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                    "discriminator": {"propertyName": "pet", "mapping": {"cat": "#/components/schemas/Cat"}}},
            "not": {"not": {"type": "string", "maxLength": 2}},
            **({"const": {"const": 5}, "when": {"if": {"minLength": 3}, "then": {"pattern": "^a"}, "type": "string"},
                "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}]},
                "dict": {"type": "object", "propertyNames": {"maxLength": 5}, "patternProperties": {
                    "^x": {"type": "integer"}}, "dependentRequired": {"a": ["b"]}},
                "null": {"type": ["string", "null"], "contentMediaType": "text/plain"}}
               if modern else {"null": {"type": "string", "nullable": True}}),
        },
        "additionalProperties": False,
        "externalDocs": {"url": "https://example.com"},
    }  # fmt: skip
    pets = {
        name: {
            "type": "object",
            "required": ["pet"],
            "properties": {"pet": {"type": "string"}, name: {"type": "string"}},
        }
        for name in ("Cat", "Dog")
    }
    operation = {
        **WORDS, "operationId": "make", "tags": ["things"], "deprecated": False, "security": [{"token": ["write"]}],
        "parameters": [
            {"$ref": "#/components/parameters/Size"},
            {"name": "filter", "in": "query", "style": "deepObject", "explode": True, "allowReserved": True,
             "schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
            {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string", "maxLength": 9}},
            {"name": "body", "in": "query", "content": {MEDIA: {"schema": {"type": "object"}}}},
        ],
        "requestBody": {"$ref": "#/components/requestBodies/Thing"},
        "responses": {
            "200": {"$ref": "#/components/responses/Thing"},
            "default": {"description": "Bad.", "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Leaf"}}}},
        },
        "callbacks": {"done": {"{$request.query.filter}": {"post": {
            "requestBody": {"content": {MEDIA: {"schema": {"type": "string", "maxLength": 5}}}},
            "responses": {"204": {"description": "Thanks."}}}}}},
        "servers": [{"url": "https://{host}.example.com/v1", "description": "Ours.",
                     "variables": {"host": {"default": "a", "enum": ["a", "b"], "description": "Where."}}}],
        "externalDocs": {"url": "https://example.com/make"}, "x-own": 1,
    }  # fmt: skip
    data: dict[str, Any] = {
        "openapi": f"{version}.0",
        "info": {"title": "All", "version": "1.0.0", "description": "All of it.", "license": {"name": "MIT"}},
        "tags": [{"name": "things", "description": "Things."}],
        "externalDocs": {"url": "https://example.com/all"},
        "security": [{"token": []}],
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "description": "One thing.", "post": operation,
                "get": {"responses": {"200": {"$ref": "#/components/responses/Thing"}}},
            },
        },
        "components": {
            "schemas": {"Thing": schema, "Leaf": {"type": "string", "maxLength": 30}, **pets},
            "parameters": {"Size": {"name": "size", "in": "query", "required": False, "description": "How many.",
                                    "allowEmptyValue": True, "example": 5, "schema": {"type": "integer", "default": 5}}},
            "requestBodies": {"Thing": {"description": "One.", "required": True, "content": {
                MEDIA: {"schema": {"$ref": "#/components/schemas/Thing"}, "examples": {"a": {"value": {"id": 1}}}},
                "multipart/form-data": {"schema": {"type": "object", "properties": {"f": {"type": "string"}}},
                                        "encoding": {"f": {"contentType": "image/png"}}}}}},
            "responses": {"Thing": {
                "description": "Done.", "headers": {"X-Left": {"$ref": "#/components/headers/Left"}},
                "links": {"again": {"operationId": "make", "parameters": {"id": "$response.body#/id"}}},
                "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
            "headers": {"Left": {"required": True, "description": "Left.", "schema": {"type": "integer"}}},
            "securitySchemes": {
                "token": {"type": "oauth2", "flows": {"clientCredentials": {
                    "tokenUrl": "https://example.com/token", "scopes": {"write": "Write."}}}}},
        },
    }  # fmt: skip
    if modern:
        data["webhooks"] = {"made": {"post": {"responses": {"200": {"description": "Ok."}}, "requestBody": {
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Leaf"}}}}}}}  # fmt: skip
        data["jsonSchemaDialect"] = "https://spec.openapis.org/oas/3.1/dialect/base"
    if version == "3.2":
        item = data["paths"]["/things/{id}"]
        item["query"] = {"responses": {"200": {"description": "Found.", "content": {
            "application/jsonl": {"itemSchema": {"type": "object", "required": ["a"], "properties": {
                "a": {"type": "integer"}}}}}}}}  # fmt: skip
        item["additionalOperations"] = {"COPY": {"responses": {"204": {"description": "Copied."}}}}
        data["tags"][0] |= {"kind": "nav", "summary": "Things"}
    return data


def leaves(node: Any, way: Way = ()) -> Iterator[Way]:
    """The way to every scalar of a document."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, (*way, key))
    else:
        yield way


def other(value: Any, key: Any) -> Any:
    """Another value of the same type, such as a person may have meant."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if value is None:
        return "changed"
    if key == "type":
        return "integer" if value != "integer" else "string"
    if key == "in":
        return "header" if value != "header" else "query"
    return f"{value}x"


def objects(node: Any, way: Way = ()) -> Iterator[Way]:
    """The way to every object of a document."""
    if isinstance(node, dict):
        yield way
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from objects(value, (*way, key))


def edited(data: dict[str, Any]) -> list[tuple[Way, str]]:
    """Each leaf that can be changed or taken out, and each object that can get one more key."""
    ways = [(way, how) for way in leaves(data) for how in ("changed", "removed")]
    return ways + [((*way, "unheard-of"), "added") for way in objects(data)]


def kind(edit: tuple[Way, str]) -> tuple[str, ...]:
    """What an edit is about: the last keys, without names and numbers, and what is done."""
    way, how = edit
    return (*[str(key) for key in way if isinstance(key, str)][-1 - (how == "added") :], how)


def edits(
    data: dict[str, Any], ways: Iterable[tuple[Way, str]] | None = None
) -> Iterator[tuple[Way, str, dict[str, Any]]]:
    """The document with one leaf changed, one leaf taken out, or one key added, for each of the ways (else for all)."""
    for way, how in edited(data) if ways is None else ways:
        made = copy.deepcopy(data)
        node = made
        for part in way[:-1]:
            node = node[part]
        if how == "removed":
            del node[way[-1]]
        else:
            node[way[-1]] = other(node[way[-1]], way[-1]) if how == "changed" else "new"
        yield way, how, made
