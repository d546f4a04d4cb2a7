"""Small pairs of documents, each of a kind, with the verdict that semantics give it.

break: a client that keeps to the old document may fail. safe: none can. source: only generated code. told: either is
fine, as long as it is said. refused: nobody can tell (exit code 2).
"""

from __future__ import annotations

import copy
from typing import Any

from contract.tests.building import I, S, obj

JSON, FORM, MANY = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
DONE = {"204": {"description": "Done."}}


def doc(operation=None, version="3.1.0", path="/t", method="post", **more):
    """A document of one operation."""
    operation = {"operationId": "t", "responses": DONE, **(operation or {})}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {path: {method: operation}}, **more}


def asks(schema, media=JSON, version="3.1.0", entry=None, **more):
    content = {media: {"schema": schema, **(entry or {})}}
    return doc({"requestBody": {"required": True, "content": content}}, version, **more)


def tells(schema, media=JSON, version="3.1.0", status="200", **more):
    return doc({"responses": {status: {"description": "D.", "content": {media: {"schema": schema}}}}}, version, **more)


def param(schema=S, where="query", name="q", **more):
    return {"name": name, "in": where, "schema": schema, **({"required": True} if where == "path" else {}), **more}


def takes(*parameters, path="/t", **more):
    return doc({"parameters": list(parameters)}, path=path, method="get", **more)


def answers(responses, **more):
    return doc({"responses": responses}, **more)


def body(schema=S, media=JSON):
    return {"description": "D.", "content": {media: {"schema": schema}}}


def header(schema=S, name="X-A", **more):
    return answers({"200": {"description": "D.", "headers": {name: {"schema": schema, **more}}}})


def secured(*ways):
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "other": {"type": "apiKey", "in": "query", "name": "k"},
        "oauth": {"type": "oauth2", "flows": {}},
        "ref": {"$ref": "#/components/securitySchemes/key"},
    }
    return doc({"security": list(ways)}, components={"securitySchemes": schemes})


def at(place, kind):
    """A document in which one field of one type is reached by a reference that stands at an unusual place."""
    leaf = obj(a={"type": kind})
    media = {"schema": leaf}
    response = {"description": "D.", "content": {JSON: media}}
    operation = {"responses": {"200": response}}
    item = {"get": operation}
    parts = {"x-parts": {"media": media, "operation": operation, "item": item, "response": response, "leaf": leaf}}
    made = doc({"responses": {"200": response}}, method="get", **parts)
    ref = {"$ref": f"#/x-parts/{place}"}
    if place == "item":
        made["paths"] = {"/t": ref}
    elif place == "operation":
        made["paths"] = {"/t": {"get": ref}}
    elif place == "response":
        made["paths"]["/t"]["get"]["responses"] = {"200": ref}
    elif place == "media":
        made["paths"]["/t"]["get"]["responses"]["200"] = {"description": "D.", "content": {JSON: ref}}
    else:
        made["paths"]["/t"]["get"]["responses"]["200"] = {"description": "D.", "content": {JSON: {"schema": ref}}}
    return made


def component(section, value, use, **more):
    """A document that uses one component."""
    return doc(use, components={section: {"One": value}}, **more)


def one(section):
    return {"$ref": f"#/components/{section}/One"}


def schemas(top, **named):
    return asks(top, components={"schemas": named})


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def callback(schema):
    call = {"requestBody": {"content": {JSON: {"schema": schema}}}, "responses": DONE}
    return doc({"callbacks": {"done": {"{$request.body#/url}": {"post": call}}}})


def webhook(schema, answer=None):
    call = {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
            "responses": {"200": body(answer)} if answer else DONE}  # fmt: skip
    return doc(webhooks={"sold": {"post": call}})


TREE = {"type": "object", "properties": {"next": ref("Tree"), "a": S}}
A, B = {**obj(kind={"const": "a"}, x=S), "required": ["kind"]}, {**obj(kind={"const": "b"}, y=S), "required": ["kind"]}
LIST = {"type": "array", "items": S}
MAP = obj(a=S, b=S)
NOTE = {"type": ["string", "null"]}

PAIRS: list[Any] = [
    # references wherever they stand
    *(("reference", f"a field behind a reference to a {place}", "break", at(place, "string"), at(place, "integer"))
      for place in ("item", "operation", "response", "media", "leaf")),
    ("reference", "parameter component", "break", component("parameters", param(), {"parameters": [one("parameters")]}),
     component("parameters", param(required=True), {"parameters": [one("parameters")]})),
    ("reference", "body component", "break", component("requestBodies", {"content": {JSON: {"schema": S}}},
     {"requestBody": one("requestBodies")}), component("requestBodies", {"content": {JSON: {"schema": I}}},
     {"requestBody": one("requestBodies")})),
    ("reference", "header component", "break", component("headers", {"required": True, "schema": S},
     {"responses": {"200": {"description": "D.", "headers": {"X": one("headers")}}}}), component("headers",
     {"schema": S}, {"responses": {"200": {"description": "D.", "headers": {"X": one("headers")}}}})),
    ("reference", "default response", "break", *(component("responses", body({**S, "enum": kinds}), {"responses": {
     "default": one("responses")}}) for kinds in (["a"], ["a", "b"]))),
    ("reference", "callback component", "break", *(component("callbacks", {"{$request.body#/u}": {"post": {
     "requestBody": {"content": {JSON: {"schema": {**S, "maxLength": most}}}}, "responses": DONE}}},
     {"callbacks": {"c": one("callbacks")}}) for most in (5, 9))),
    ("reference", "link component", "source", *(component("links", {"operationId": name}, {"responses": {"200": {
     "description": "D.", "links": {"l": one("links")}}}}) for name in ("t", "u"))),
    ("reference", "scheme that is a reference", "safe", secured({"key": []}), secured({"ref": []})),
    ("reference", "words beside a reference in 3.0", "safe", *(asks({**ref("L"), **more}, version="3.0.3", components={
     "schemas": {"L": S}}) for more in ({}, {"maxLength": 3}))),
    ("reference", "words beside a reference in 3.1", "break", *(asks({**ref("L"), **more}, components={
     "schemas": {"L": S}}) for more in ({}, {"maxLength": 3}))),
    ("reference", "required beside a parameter's reference", "safe", *(component("parameters", param(), {"parameters": [
     {**one("parameters"), **more}]}) for more in ({}, {"required": True}))),
    ("reference", "percent-encoded pointer", "break", *(asks({"$ref": "#/components/schemas/A%20b~1c"}, components={
     "schemas": {"A b/c": {"type": kind}}}) for kind in ("string", "integer"))),
    ("reference", "into a property", "break", *(schemas(ref("A/properties/x"), A=obj(x={"type": kind})) for kind in
     ("string", "integer"))),
    ("reference", "by $anchor", "break", *(schemas({"$ref": "#leaf"}, A={"$anchor": "leaf", "type": kind}) for kind in
     ("string", "integer"))),
    ("reference", "by $id", "break", *(schemas({"$ref": "https://example.com/leaf"}, A={
     "$id": "https://example.com/leaf", "type": kind}) for kind in ("string", "integer"))),
    ("reference", "within an $id", "break", *(schemas(ref("A"), A={"$id": "https://example.com/a", "properties": {
     "x": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": kind}}}) for kind in ("string", "integer"))),
    ("reference", "by $dynamicRef", "break", *(schemas(ref("A"), A={"$dynamicAnchor": "node", "type": "object",
     "properties": {"v": {"type": kind}, "next": {"$dynamicRef": "#node"}}}) for kind in ("string", "integer"))),
    ("reference", "by $dynamicRef with two meanings", "refused", *(schemas(ref("A"), A={"$dynamicAnchor": "n",
     "properties": {"next": {"$dynamicRef": "#n"}}}, B={"$dynamicAnchor": "n"}) for _ in range(2))),
    ("reference", "to nothing", "refused", asks(S), schemas(ref("Gone"))),
    ("reference", "over a network", "refused", asks(S), asks({"$ref": "https://example.com/a.json#/A"})),
    ("reference", "to another file", "refused", asks(S), asks({"$ref": "nowhere.json#/A"})),
    ("reference", "in place of properties", "refused", asks(S), asks({"type": "object", "properties": {
     "$ref": "#/components/schemas/A"}})),
    ("reference", "in place of paths", "refused", doc(), {**doc(), "paths": {"$ref": "#/x-paths"}, "x-paths": {}}),
    ("reference", "in place of responses", "refused", doc(), answers({"$ref": "#/x-a"})),
    ("reference", "parameter to itself", "refused", doc(), component("parameters", one("parameters"), {
     "parameters": [one("parameters")]})),
    ("reference", "to what is no object", "refused", doc(), component("parameters", 5, {"parameters": [
     {"$ref": "#/info/title"}]})),
    ("reference", "of a discriminator to nothing", "refused", asks(S), asks({"oneOf": [A, B], "discriminator": {
     "propertyName": "kind", "mapping": {"a": "#/components/schemas/Gone"}}})),
    ("reference", "operation with more beside", "refused", doc(), {**doc(), "x-o": {"responses": DONE}, "paths": {"/t": {
     "post": {"$ref": "#/x-o", "tags": ["a"]}}}}),
    # equality of values
    ("equality", "1 and true in an enum", "break", tells({"enum": [1]}), tells({"enum": [True]})),
    ("equality", "0 and false in an enum", "break", tells({"enum": [0]}), tells({"enum": [False]})),
    ("equality", "1 and true as a constant", "break", asks({"const": 1}), asks({"const": True})),
    ("equality", "1 and 1.0", "safe", tells({"enum": [1, 2.0]}), tells({"enum": [1.0, 2]})),
    ("equality", "1 and true within an array", "break", asks({"enum": [[1], "a"]}), asks({"enum": [[True], "a"]})),
    ("equality", "1 and true within an object", "break", asks({"const": {"a": 1}}), asks({"const": {"a": True}})),
    ("equality", "1 and true within a union", "break", asks({"anyOf": [{"const": 1}, {"const": "a"}]}), asks({"anyOf": [
     {"const": True}, {"const": "a"}]})),
    ("equality", "unique items of 1 and true", "break", asks({"enum": [[1, True], [2]]}), asks({"enum": [[1, 1], [2]]})),
    ("equality", "a default of 1 and true", "told", asks(obj(a={"default": 1})), asks(obj(a={"default": True}))),
    # what is said although nothing breaks
    *(("told", name, "told", old, new) for name, old, new in (
        ("a default of a parameter", takes(param({**I, "default": 1})), takes(param({**I, "default": 2}))),
        ("a default that is new", asks(obj(a=S)), asks(obj(a={**S, "default": "x"}))),
        ("a description", doc({"description": "a"}), doc({"description": "b"})),
        ("an example", asks({**S, "example": "a"}), asks({**S, "example": "b"})),
        ("an extension", doc({"x-a": 1}), doc({"x-a": 2})),
        ("a summary of a path", {**doc(), "paths": {"/t": {"summary": "a", "post": {"responses": DONE}}}},
         {**doc(), "paths": {"/t": {"summary": "b", "post": {"responses": DONE}}}}),
        ("a deprecation taken back", doc({"deprecated": True}), doc({"deprecated": False})),
        ("a body made optional", doc({"requestBody": {"required": True, "content": {JSON: {}}}}),
         doc({"requestBody": {"content": {JSON: {}}}})),
        ("a title", doc(), {**doc(), "info": {"title": "U", "version": "1"}}),
        ("a component that nobody uses", doc(), doc(components={"schemas": {"A": S}})),
        ("a keyword that is none", asks({**S, "maxLenght": 1}), asks({**S, "maxLenght": 2})),
        ("the operation that a name refers to", schemas(ref("A"), A=S, B=S), schemas(ref("B"), A=S, B=S)),
        ("an open enum that grows", tells({**S, "x-extensible-enum": ["a"]}), tells({**S, "x-extensible-enum": ["a", "b"]})),
        ("readOnly taken back", tells(obj(a={**S, "readOnly": True})), tells(obj(a=S))),
        ("a pattern of the same language", asks({**S, "pattern": "^a+$"}), asks({**S, "pattern": "^aa*$"})),
        ("a path parameter renamed", takes(param(where="path", name="a"), path="/t/{a}"),
         takes(param(where="path", name="b"), path="/t/{b}")),
        ("a concrete path beside a template", takes(param(where="path", name="a"), path="/t/{a}"), {
            **takes(), "paths": {**takes(param(where="path", name="a"), path="/t/{a}")["paths"],
                                 "/t/mine": {"get": {"responses": DONE}}}}),
        ("an optional field that is gone", tells(obj(a=S, b=S)), tells(obj(a=S))),
        ("a status as a range", tells(S), tells(S, status="2XX")),
    )),
    # what travels as text
    ("text", "null of a query", "safe", takes(param(NOTE)), takes(param(S))),
    ("text", "null of a query, as anyOf", "safe", takes(param({"anyOf": [S, {"type": "null"}]})), takes(param(S))),
    ("text", "null of a query, as an enum", "safe", takes(param({"enum": ["a", None]})), takes(param({"enum": ["a"]}))),
    ("text", "null of a header", "safe", takes(param(NOTE, "header")), takes(param(S, "header"))),
    ("text", "nullable of 3.0 in a query", "safe", *(takes(param({**S, **more}), version="3.0.3") for more in (
     {"nullable": True}, {}))),
    ("text", "null of a query, and a limit", "break", takes(param(NOTE)), takes(param({**S, "maxLength": 3}))),
    ("text", "integer of a form to string", "safe", asks(obj(a=I), FORM), asks(obj(a=S), FORM)),
    ("text", "integers of a form to strings", "safe", asks(obj(a={**LIST, "items": I}), FORM), asks(obj(a=LIST), FORM)),
    ("text", "integer of a multipart form to string", "safe", asks(obj(a=I), MANY), asks(obj(a=S), MANY)),
    ("text", "string of a form to integer", "break", asks(obj(a=S), FORM), asks(obj(a=I), FORM)),
    ("text", "integer of a form to a short string", "break", asks(obj(a=I), FORM), asks(obj(a={**S, "maxLength": 2}), FORM)),
    ("text", "integer of JSON to string", "break", asks(obj(a=I)), asks(obj(a=S))),
    ("text", "object within a form to string", "break", asks(obj(a=MAP), FORM), asks(obj(a=S), FORM)),
    # parameters
    ("parameter", "explode dropped", "break", takes(param(LIST)), takes(param(LIST, explode=False))),
    ("parameter", "spaces to commas", "break", takes(param(LIST, style="spaceDelimited", explode=False)),
     takes(param(LIST, explode=False))),
    ("parameter", "style of a single value", "safe", takes(param(S)), takes(param(S, explode=False))),
    ("parameter", "form object to deepObject", "break", takes(param(MAP)), takes(param(MAP, style="deepObject"))),
    ("parameter", "simple path to label", "break", *(takes(param(where="path", name="a", **more), path="/t/{a}") for more
     in ({}, {"style": "label"}))),
    ("parameter", "schema to content", "break", takes(param(MAP)), takes({"name": "q", "in": "query", "content": {JSON: {
     "schema": MAP}}})),
    ("parameter", "content narrowed", "break", *(takes({"name": "q", "in": "query", "content": {JSON: {"schema": {
     **S, **more}}}}) for more in ({}, {"maxLength": 3}))),
    ("parameter", "a header's case", "safe", takes(param(where="header", name="X-A")), takes(param(where="header", name="x-a"))),
    ("parameter", "a query's case", "break", takes(param(name="Q")), takes(param(name="q"))),
    ("parameter", "a path parameter declared at last", "safe", takes(path="/t/{a}"), takes(param(where="path", name="a"),
     path="/t/{a}")),
    ("parameter", "a path parameter declared as an enum", "break", takes(path="/t/{a}"), takes(param({"enum": ["x"]}, "path",
     "a"), path="/t/{a}")),
    ("parameter", "required: false in a path", "refused", takes(param(where="path", name="a"), path="/t/{a}"),
     takes(param(where="path", name="a", required=False), path="/t/{a}")),
    ("parameter", "in a place that is none", "refused", takes(), takes(param(where="body"))),
    ("parameter", "without a name", "refused", takes(), takes({"in": "query", "schema": S})),
    ("parameter", "moved to the path item", "safe", takes(param()), {**takes(), "paths": {"/t": {"parameters": [param()],
     "get": {"operationId": "t", "responses": DONE}}}}),
    ("parameter", "deprecated without a day, removed", "break", takes(param(deprecated=True)), takes()),
    # operations
    ("operation", "deprecated without a day, removed", "break", doc({"deprecated": True}), {**doc(), "paths": {}}),
    ("operation", "deprecated, the day has come, removed", "safe", doc({"deprecated": True, "x-sunset": "2020-01-01"}),
     {**doc(), "paths": {}}),
    ("operation", "a trailing slash", "break", doc(path="/t"), doc(path="/t/")),
    ("operation", "two templates that are the same", "refused", doc(), {**doc(), "paths": {"/a/{x}": {"get": {
     "responses": DONE}}, "/a/{y}": {"get": {"responses": DONE}}}}),
    ("operation", "of an extension of paths", "told", doc(), {**doc(), "paths": {**doc()["paths"], "x-a": {"get": 1}}}),
    # media types
    ("media", "a charset", "safe", tells(S), tells(S, f"{JSON}; charset=utf-8")),
    ("media", "a type's case", "safe", asks(S), asks(S, "Application/JSON")),
    ("media", "any to one", "break", asks(S, "*/*"), asks(S)),
    ("media", "one to any of its range", "safe", asks(S), asks(S, "application/*")),
    ("media", "another encoding of a part", "break", *(asks(obj(f=S), MANY, entry={"encoding": {"f": {"contentType": kind}}})
     for kind in ("image/png", "image/gif"))),
    ("media", "binary as 3.1 says it", "safe", asks(obj(f={**S, "format": "binary"}), MANY, "3.0.3"), asks(obj(f={**S,
     "contentMediaType": "application/octet-stream"}), MANY)),
    ("media", "base64 as 3.1 says it", "safe", asks(obj(f={**S, "format": "byte"}), version="3.0.3"), asks(obj(f={**S,
     "contentEncoding": "base64"}))),
    # responses
    ("response", "a new success", "source", tells(S), answers({"200": body(), "202": body(I)})),
    ("response", "a 204 beside it", "source", tells(S), answers({"200": body(), "204": {"description": "D."}})),
    ("response", "an error that falls to another default", "break", answers({"200": body(), "404": body(obj(a=S)),
     "default": body(I)}), answers({"200": body(), "default": body(I)})),
    ("response", "a success within the range", "break", tells(S, status="2XX"), answers({"2XX": body(), "201": body(I)})),
    ("response", "the size of a number forgotten", "source", tells(obj(n={**I, "format": "int64"})), tells(obj(n=I))),
    ("response", "a larger size of a number", "break", tells(obj(n={**I, "format": "int32"})), tells(obj(n={**I,
     "format": "int64"}))),
    ("response", "a text's format forgotten", "break", tells({**S, "format": "date-time"}), tells(S)),
    ("response", "a header's case", "safe", header(name="ETag"), header(name="etag")),
    ("response", "a required header made optional", "break", header(required=True), header()),
    ("response", "a header's object written in another way", "break", header(MAP), header(MAP, explode=True)),
    ("response", "a header of another type", "break", header(I, required=True), header(S, required=True)),
    # security
    ("security", "both instead of one", "break", secured({"key": []}, {"other": []}), secured({"key": [], "other": []})),
    ("security", "one instead of both", "safe", secured({"key": [], "other": []}), secured({"key": []})),
    ("security", "made optional", "safe", secured({"key": []}), secured({"key": []}, {})),
    ("security", "a scope more", "break", secured({"oauth": ["a"]}), secured({"oauth": ["a", "b"]})),
    ("security", "a scope less", "safe", secured({"oauth": ["a", "b"]}), secured({"oauth": ["a"]})),
    ("security", "behind a component", "break", doc({"security": [{"k": []}]}, components={"securitySchemes": {"k": {
     "type": "apiKey", "in": "header", "name": "A"}}}), doc({"security": [{"k": []}]}, components={"securitySchemes": {
     "k": {"type": "apiKey", "in": "header", "name": "B"}}})),
    ("security", "a header in other letters", "safe", doc({"security": [{"k": []}]}, components={"securitySchemes": {"k": {
     "type": "apiKey", "in": "header", "name": "X-Key"}}}), doc({"security": [{"k": []}]}, components={"securitySchemes": {
     "k": {"type": "apiKey", "in": "header", "name": "x-key"}}})),
    # the other way round
    ("direction", "callback: more is sent", "safe", callback(obj(a=S)), callback({**obj(a=S), "required": ["a"]})),
    ("direction", "callback: less is sent", "break", callback({**obj(a=S), "required": ["a"]}), callback(obj(a=S))),
    ("direction", "webhook: a new type", "break", webhook(obj(a=S)), webhook(obj(a=I))),
    ("direction", "webhook: the client may answer more", "safe", webhook(S, {"enum": ["a"]}), webhook(S, {"enum": ["a", "b"]})),
    ("direction", "webhook: the client may answer less", "break", webhook(S, {"enum": ["a", "b"]}), webhook(S, {"enum": ["a"]})),
    # schemas
    ("schema", "nullable to a list of types", "safe", asks({**S, "nullable": True}, version="3.0.3"), asks(NOTE)),
    ("schema", "a tree unrolled", "safe", tells(ref("Tree"), components={"schemas": {"Tree": TREE}}), tells({**TREE},
     components={"schemas": {"Tree": TREE}})),
    ("schema", "a schema that refers only to itself", "safe", schemas(ref("A"), A=ref("A")), schemas(ref("A"), A=ref("A"),
     B=S)),
    ("schema", "a recursive allOf", "told", schemas(ref("A"), A={"allOf": [ref("A"), S]}), schemas(ref("A"), A={"allOf": [
     ref("A"), I]})),
    ("schema", "a value more for one who reads", "break", tells({"enum": ["a"]}), tells({"enum": ["a", "b"]})),
    ("schema", "0.3 is a multiple of 0.1", "safe", asks({"type": "number", "enum": [0.3]}), asks({"type": "number",
     "multipleOf": 0.1, "enum": [0.3]})),
    ("schema", "a limit of 400 digits", "safe", asks({**I, "maximum": 10**400}), asks({**I, "maximum": 10**401})),
    ("schema", "a million items", "break", asks(LIST), asks({**LIST, "minItems": 1_000_000})),
    ("schema", "a field that is forbidden", "break", asks(obj(a=S)), asks(obj(a=False))),
    ("schema", "dependentRequired", "break", asks(MAP), asks({**MAP, "dependentRequired": {"a": ["b"]}})),
    ("schema", "if and then", "break", asks(MAP), asks({**MAP, "if": {"required": ["a"]}, "then": {"required": ["b"]}})),
    ("schema", "both of two that exclude each other", "break", asks({**MAP, "required": ["a", "b"]}), asks({**MAP, "oneOf": [
     {"required": ["a"]}, {"required": ["b"]}]})),
    *(("schema", f"a pattern that might search for ever: {pattern}", "told", asks({**S, "pattern": "^[a!]{40}$"}), asks({**S,
     "pattern": pattern})) for pattern in ("^(a+)+$", "^(a|aa)+$", "^(a*)*$", "^(a+b?)+$", "^((a+)|c)*$", "^([a-z]+)*$")),
    ("schema", "a slug", "break", asks({**S, "pattern": "^[a-z]+(-[a-z]+)*$"}), asks({**S, "pattern": "^[a-z]+$"})),
    ("schema", "a pattern that backtracks", "told", asks({**S, "pattern": "(a+)+$"}), asks({**S, "pattern": "(a|aa)+$"})),
    ("schema", "a third alternative for one who reads", "break", tells({"oneOf": [A, B]}), tells({"oneOf": [A, B, {**obj(
     kind={"const": "c"}), "required": ["kind"]}]})),
    ("schema", "moved to a component", "safe", asks(obj(a=S)), schemas(ref("A"), A=obj(a=S))),
    ("schema", "writeOnly and required, removed from a response", "safe", tells({**obj(a={**S, "writeOnly": True}),
     "required": ["a"]}), tells(obj())),
    # OpenAPI 3.2
    ("3.2", "query as a method", "break", doc(version="3.2.0", method="query"), {**doc(version="3.2.0"), "paths": {}}),
    ("3.2", "a method of its own", "break", *({**doc(version="3.2.0"), "paths": {"/t": {"additionalOperations": {"COPY": {
     "requestBody": {"required": need, "content": {JSON: {}}}, "responses": DONE}}}}} for need in (False, True))),
    ("3.2", "each item of a stream", "break", *(answers({"200": {"description": "D.", "content": {"application/jsonl": {
     "itemSchema": {"type": kind}}}}}, version="3.2.0") for kind in ("string", "integer"))),
    ("3.2", "a media type component", "break", *(doc({"responses": {"200": {"description": "D.", "content": {JSON: {
     "$ref": "#/components/mediaTypes/One"}}}}}, "3.2.0", components={"mediaTypes": {"One": {"schema": {"type": kind}}}})
     for kind in ("string", "integer"))),
    ("3.2", "the whole query string", "break", *(doc({"parameters": [{"name": "all", "in": "querystring", "content": {
     FORM: {"schema": {**obj(a=S), "required": names}}}}]}, "3.2.0") for names in ([], ["a"]))),
    ("3.2", "a reference by $self", "break", *({**schemas({"$ref": "https://example.com/api#/components/schemas/A"}, A={
     "type": kind}), "openapi": "3.2.0", "$self": "https://example.com/api"} for kind in ("string", "integer"))),
    # documents that are none
    ("refused", "Swagger 2", "refused", doc(), {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {}}),
    ("refused", "responses as a list", "refused", doc(), answers([])),
    ("refused", "a schema that is a text", "refused", doc(), asks("string")),
    ("refused", "required that is a text", "refused", doc(), doc({"requestBody": {"required": "yes", "content": {}}})),
]  # fmt: skip


def wide(count, choices, more=None):
    """As many recursive types as wanted, each a union of others; `more` is required of the last."""
    named={
        f"T{number}": {
            "type": "object", "required": ["k", "v"],
            "properties": {"k": {"const": f"k{number}"}, "v": {"oneOf": [
                ref(f"T{(number * 7 + step) % count}") for step in range(1, choices + 1)]}},
        }
        for number in range(count)
    }  # fmt: skip
    named[f"T{count - 1}"] = copy.deepcopy(named[f"T{count - 1}"])
    named[f"T{count - 1}"]["required"] += list(more or ())
    named[f"T{count - 1}"]["properties"] |= more or {}
    return schemas(ref("T0"), **named)


def chained(length, kind):
    """A chain of schemas, each a field of the one before."""
    named = {f"T{number}": obj(n=ref(f"T{number + 1}")) for number in range(length)}
    return schemas(ref("T0"), **named, **{f"T{length}": {"type": kind}})
