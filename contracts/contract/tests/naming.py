"""Differences of every rule, with a name of one's choice in each place where a document has names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from contract.openapi.document import Document
from contract.tests.building import I, S, document, obj

# Names that contain what a careless reader of sentences would look for.
ODD = (
    "request", "response", "header", "parameter", "X-Request-Id", "X-Response-Time", "request body", "each item",
    "200 response, header a", "is no longer", "is no longer accepted", "must now be", "need no longer be",
    "is no longer guaranteed to be", "is now guaranteed to be", "may now be answered", "was removed",
    "; its end was announced",
    ", and no end was announced that has come", "announced since 1.0.0 until 2020-01-01", "sunset", "required", "words",
    "a", "at", "of", "one", "a.b", "a[]", "[]", "*", "(name)", "_", "body", "type", "1", "true", "null", "`", "a/b",
)  # fmt: skip
# Names of components, and subtypes of a media type, are made of these.
COMPONENT = re.compile(r"[\w.-]+")
CALLERS = ("client", "webhook", "callback")
JSON = "application/json"
DONE = {"description": "Done."}
Change = tuple[dict[str, Any], dict[str, Any]]


def called(operation: dict[str, Any], by: str, **more: Any) -> Document:
    """A document in which a client calls this operation, or a server does: by a webhook, or back."""
    operation = {"responses": {"200": DONE}, **operation}
    if by == "client":
        return document(operation, **more)
    if by == "webhook":
        return document(webhooks={"told": {"post": operation}}, **more)
    return document({"callbacks": {"told": {"{$request.query.url}": {"post": operation}}}}, **more)


def body(schema: Any, **more: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}, **more}}


def answer(schema: Any, **more: Any) -> dict[str, Any]:
    return {"responses": {"200": {**DONE, "content": {JSON: {"schema": schema}}, **more}}}


def parameter(name: str, schema: Any = S, where: str = "query", **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": name, "in": where, "schema": schema, **more}]}


def header(name: str, **more: Any) -> dict[str, Any]:
    return {"responses": {"200": {**DONE, "headers": {name: {"schema": S, **more}}}}}


# A schema of each keyword, wide and narrow.
NARROWED: dict[str, tuple[Any, Any]] = {
    "type": (S, I),
    "enum": ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    "minimum": (I, {**I, "minimum": 3}),
    "exclusiveMinimum": (I, {**I, "exclusiveMinimum": 3}),
    "maximum": (I, {**I, "maximum": 3}),
    "exclusiveMaximum": (I, {**I, "exclusiveMaximum": 3}),
    "multipleOf": (I, {**I, "multipleOf": 3}),
    "minLength": (S, {**S, "minLength": 3}),
    "maxLength": (S, {**S, "maxLength": 3}),
    "pattern": (S, {**S, "pattern": "^x$"}),
    "format": (S, {**S, "format": "uuid"}),
    "format of a number": (I, {**I, "format": "int64"}),
    "format unknown": (S, {**S, "format": "made-up"}),
    "contentEncoding": (S, {**S, "contentEncoding": "quoted-printable"}),
    "x-minor-digits": ({**S, "x-minor-digits": {"EUR": 2}}, {**S, "x-minor-digits": {"EUR": 3}}),
    "contentSchema": (S, {**S, "contentMediaType": JSON, "contentSchema": I}),
    "unreadable": (I, {**I, "maximum": "many"}),
    "contradiction": ({"type": "integer", "const": "a"}, S),
    "items": ({"type": "array"}, {"type": "array", "prefixItems": [S], "items": False}),
    "minItems": ({"type": "array"}, {"type": "array", "minItems": 2}),
    "maxItems": ({"type": "array"}, {"type": "array", "maxItems": 2}),
    "uniqueItems": ({"type": "array"}, {"type": "array", "uniqueItems": True}),
    "contains": ({"type": "array"}, {"type": "array", "contains": I, "maxContains": 3}),
    "not": (I, {**I, "not": {"minimum": 5}}),
    "anyOf": ({"anyOf": [S, I]}, {"anyOf": [S]}),
    "oneOf": ({"oneOf": [S, I]}, {"oneOf": [S, {**S, "maxLength": 3}]}),
}


def fields(name: str) -> Iterator[tuple[str, Any, Any]]:
    """Schemas in which something of this name, or beneath it, is narrower."""
    for keyword, (wide, narrow) in NARROWED.items():
        yield keyword, obj(**{name: wide}), obj(**{name: narrow})
        yield f"{keyword} deeper", obj(**{name: obj(kept=wide)}), obj(**{name: obj(kept=narrow)})
    yield "required", obj(**{name: S}), {**obj(**{name: S}), "required": [name]}
    yield (
        "dependentRequired",
        obj(kept=S, **{name: S}),
        {**obj(kept=S, **{name: S}), "dependentRequired": {"kept": [name]}},
    )
    yield "additionalProperties", obj(**{name: S}), {**obj(), "additionalProperties": False}
    if name != "a":  # which is what is tried where any name will do
        yield "propertyNames", obj(**{name: S}), {**obj(**{name: S}), "propertyNames": {"pattern": "^kept$"}}
    yield "property", obj(kept=S, **{name: S}), obj(kept=S)
    yield "property and size", obj(kept=S, **{name: S}), {**obj(kept=S), "minProperties": 1, "maxProperties": 3}
    yield "deprecated", obj(**{name: S}), obj(**{name: {**S, "deprecated": True}})
    yield "sunset", obj(**{name: S}), obj(**{name: {**S, "deprecated": True, "x-sunset": "soon"}})
    yield (
        "readOnly",
        {**obj(**{name: {**S, "readOnly": True}}), "required": [name]},
        {**obj(**{name: S}), "required": [name]},
    )
    yield "description", obj(**{name: S}), obj(**{name: {**S, "description": "Other."}})
    yield "unknown keyword", obj(**{name: S}), obj(**{name: {**S, "made-up": 1}})
    yield "default", obj(**{name: S}), obj(**{name: {**S, "default": "a"}})
    yield "x-default", obj(**{name: S}), obj(**{name: {**S, "x-default": "a"}})
    hint = {"propertyName": name}
    yield "discriminator", {**obj(**{name: S}), "discriminator": hint}, obj(**{name: S})


def changes(name: str) -> Iterator[tuple[str, Change]]:
    """Two versions of an operation that differ in something of this name."""
    for kind, old, new in fields(name):
        yield f"body, {kind}", (body(old), body(new))
        yield f"answer, {kind}", (answer(old), answer(new))
    for keyword, (wide, narrow) in NARROWED.items():
        yield f"parameter, {keyword}", (parameter(name, wide), parameter(name, narrow))
        yield f"header, {keyword}", (header(name, schema=wide), header(name, schema=narrow))
    for where in ("query", "header", "cookie"):
        plain = parameter(name, where=where)
        yield f"{where} parameter", (plain, {})
        yield f"{where} parameter, required", (plain, parameter(name, where=where, required=True))
        yield f"{where} parameter, new", ({}, parameter(name, where=where, required=True))
        yield (
            f"{where} parameter, ended",
            (parameter(name, where=where, deprecated=True, **{"x-sunset": "2020-01-01"}), {}),
        )
        yield f"{where} parameter, deprecated", (plain, parameter(name, where=where, deprecated=True))
        yield f"{where} parameter, words", (plain, parameter(name, where=where, description="Other."))
    many = {"type": "array", "items": S}
    yield "style", (parameter(name, many), parameter(name, many, explode=False))
    yield "allowEmptyValue", (parameter(name, allowEmptyValue=True), parameter(name))
    yield "path-parameter", ({}, parameter(name, where="path", required=True))
    listed = ({"enum": ["a"]}, {"enum": ["a"], "x-extensible-enum": ["a"]})
    yield "x-extensible-enum", (parameter(name, listed[0]), parameter(name, listed[1]))
    yield "read as text", (parameter(name, {"type": ["string", "integer"]}), parameter(name))
    yield "header", (header(name), {})
    yield "header, required", (header(name), header(name, required=True))
    yield "required header", ({}, header(name, required=True))
    link = {"operationId": "read_thing"}
    yield "link", (answer(S, links={name: link}), answer(S))
    yield "link, changed", (answer(S, links={name: link}), answer(S, links={name: {"operationId": "other"}}))
    yield "callback", ({"callbacks": {name: {"{$url}": {"post": {"responses": {"200": DONE}}}}}}, {})
    for key in ("operationId", "summary"):
        yield key, ({key: name}, {})
    yield "tag", ({"tags": [name]}, {})
    yield "scope", ({"security": [{"key": []}]}, {"security": [{"key": [name]}]})
    yield "security relaxed", ({"security": [{"key": [name]}]}, {"security": [{"key": []}]})
    yield "extension", ({"x-note": name}, {})
    if COMPONENT.fullmatch(name):
        both, shorter = ({JSON: {"schema": S}, f"text/{name}": {"schema": one}} for one in (S, {**S, "maxLength": 3}))
        yield "media type", ({"requestBody": {"content": both}}, body(S, required=False))
        yield "answered media type", ({"responses": {"200": {**DONE, "content": both}}}, answer(S))
        yield "several media types", ({"requestBody": {"content": both}}, {"requestBody": {"content": shorter}})
    xml = {"type": "object", "xml": {"name": name}}
    forms = ({"schema": obj(**{name: obj()})}, {"schema": obj(**{name: obj()}), "encoding": {name: {}}})
    old, new = ({"requestBody": {"content": {"multipart/form-data": form}}} for form in forms)
    yield "encoding", (old, new)
    old, new = ({"requestBody": {"content": {"application/xml": {"schema": one}}}} for one in (xml, obj()))
    yield "xml", (old, new)
    yield (
        "stability",
        ({"x-stability-level": "stable", "summary": name}, {"x-stability-level": "beta", "summary": name}),
    )
    yield "body", (body(obj(**{name: S})), {})
    yield "body, optional", (body(obj(**{name: S})), body(obj(**{name: S}), required=False))
    yield "status", ({"responses": {"200": DONE, "201": {"description": name}}}, {})
    yield "draft", ({"x-stability-level": "draft", "summary": name}, {"x-stability-level": "draft"})


def documents(name: str) -> Iterator[tuple[str, Document, Document]]:
    """Two documents that differ in something of this name, outside of one operation."""
    gone = document()
    kinds: dict[str, dict[str, Any]] = {
        "operation": {},
        "ended operation": {"deprecated": True, "x-sunset": "2020-01-01"},
        "draft operation": {"x-stability-level": "draft"},
        "operation of no level": {"x-stability-level": name},
    }
    for kind, more in kinds.items():
        paths = {**gone.data["paths"], f"/{name}": {"get": {"responses": {"200": DONE}, **more}}}
        yield kind, Document({**gone.data, "paths": paths}, gone.path), gone
    yield "base path", document(servers=[{"url": f"/{name}"}]), document(servers=[{"url": "/v2"}])
    undeclared = {"responses": {"204": DONE}}
    declared = {**undeclared, "parameters": [{"name": name, "in": "path", "schema": S}]}
    old, new = (document(paths={f"/things/{{{name}}}": {"post": one}}) for one in (undeclared, declared))
    yield "path parameter", old, new
    yield "title", document(info={"title": name, "version": "1.0.0"}), gone
    if not COMPONENT.fullmatch(name):
        return
    hosts = (f"https://{name}.test/v1", "https://b.test/v1")
    old, new = (document(servers=[{"url": host}]) for host in hosts)
    yield "server", old, new
    yield "component", document(components={"schemas": {name: S}}), gone
    known = {"schemas": {name: {**S, "const": "a"}}}
    yield "dialect", document(components=known, version="3.0.3"), document(components=known)
    for keyword in ("anyOf", "oneOf"):
        like = {"Cat": obj(kept=S), "Dog": obj(kept=S, breed=S), name: obj(kept=S)}
        three = [{"$ref": f"#/components/schemas/{one}"} for one in ("Cat", "Dog", name)]
        old, new = (document(body({keyword: union}), components={"schemas": like}) for union in (three, three[:2]))
        yield f"{keyword} alternative", old, new
    cats = {"Cat": obj(kind=S), "Dog": obj(kind=S)}
    hints = ({"propertyName": "kind", "mapping": {name: cat}} for cat in cats)
    schemas = [{**obj(kind=S), "discriminator": hint} for hint in hints]
    old, new = (document(body(schema), components={"schemas": cats}) for schema in schemas)
    yield "mapping", old, new


def pairs(name: str, by: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Document, Document]]:
    """The pairs of documents for one caller, of the wanted kinds."""
    for kind, (old, new) in changes(name):
        if wanted(kind):
            yield kind, called(old, by), called(new, by)
    yield from (pair for pair in (documents(name) if by == "client" else ()) if wanted(pair[0]))


def kinds_of(by: str) -> list[str]:
    """The names of all kinds for one caller."""
    changed = [kind for kind, _ in changes("request")]
    return changed + [kind for kind, *_ in (documents("request") if by == "client" else ())]
