"""A small contract, kinds of change of it, and consumers that use what changes, what is beside it, or neither."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.consumers.usage import Usage
from contract.openapi.document import Document

Node = dict[str, Any]
S, I = {"type": "string"}, {"type": "integer"}
JSON = "application/json"


def _object(required: list[str], **properties: Any) -> Node:
    return {"type": "object", "required": required, "properties": properties}


def _contract() -> Node:
    thing = _object(["id", "name", "price"], id=S, name=S, note=S, size={**I, "maximum": 9},
                    price=_object(["amount"], amount=I, currency=S), state={"enum": ["a", "b"], "type": "string"},
                    made={**S, "format": "date-time"}, parent={"anyOf": [S, {"type": "null"}]})  # fmt: skip
    new = {**_object(["name"], name={**S, "maxLength": 40}, size=I, state={"enum": ["a", "b"], "type": "string"},
                     price=_object(["amount"], amount=I, currency=S)), "additionalProperties": False}  # fmt: skip
    problem = _object(["title"], title=S, detail=S)
    answer = {"description": "Done.", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    page = _object(["items"], items={"type": "array", "items": {"$ref": "#/components/schemas/Thing"}})
    refusal = {"description": "Refused.", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    listing = {
        "operationId": "list_things",
        "security": [{"token": ["read"]}],
        "parameters": [
            {"name": "q", "in": "query", "schema": {**S, "maxLength": 9}},
            {"name": "limit", "in": "query", "schema": I},
            {"name": "X-Trace", "in": "header", "schema": S},
        ],
        "responses": {
            "200": {"description": "Done.", "headers": {"ETag": {"required": True, "schema": S}},
                    "content": {JSON: {"schema": page}}},
            "400": refusal,
        },
    }  # fmt: skip
    body = {"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/ThingCreate"}}}}
    create = {"operationId": "create_thing", "requestBody": body, "responses": {"201": answer, "400": refusal}}
    other = {"operationId": "check_ready", "responses": {"204": {"description": "Ready."}}}
    schemes = {"token": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/", "scopes": {}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Test", "version": "1.0.0"},
        "paths": {"/v1/things": {"get": listing, "post": create}, "/health": {"get": other}},
        "components": {
            "schemas": {"Thing": thing, "ThingCreate": new, "Problem": problem},
            "securitySchemes": schemes,
        },
    }


def contract_of(*edits: Callable[[Node], object]) -> Document:
    """The contract after some edits."""
    data = copy.deepcopy(_contract())
    for edit in edits:
        edit(data)
    return Document(data, Path("test.json"))


# All that a consumer uses of it. `?` ends what is not always sent.
USED: Node = {
    "list_things": {
        "by": ["things.list_things"],
        "query": ["q"],
        "header": ["x-trace"],
        "reads": {"200": [f"items[].{name}" for name in
                          ("id", "made", "name", "note", "parent", "price.amount", "price.currency", "size", "state")]},
    },
    "create_thing": {
        "body": ["name", "price", "price.amount", "price.currency?", "size?", "state"],
        "reads": {"201": ["id", "made", "name", "note", "parent", "price.amount", "price.currency", "size", "state"]},
    },
}  # fmt: skip
LIST, CREATE = "list_things", "create_thing"


@dataclass(frozen=True)
class Kind:
    """A kind of change: whether it breaks who uses it, there and back, and what using it is (operation, part, name)."""

    name: str
    edit: Callable[[Node], object]
    there: bool
    back: bool
    used: tuple[str, str, str]


def usage_of(kind: Kind, variant: str) -> Usage:
    """A consumer that uses what a kind changes, or the same without it, or neither."""
    operation, part, name = kind.used
    operations = copy.deepcopy(USED)
    if variant == "calls another operation":
        operations = {"check_ready": {}}
    elif variant == "uses what is beside it":
        if not name:
            operations = {key: use for key, use in operations.items() if operation not in ("", key)}
        for use in operations.values() if name else ():
            _without(use, part, name)
    refusals = ("title", "detail") if part != "refusals" or variant == "uses it" else ()
    unknown = variant == "handed in no usage"
    return Usage("web", "1.3", "1.0.0", None if unknown else operations, refusals)


def _without(use: Node, part: str, name: str) -> None:
    if part == "reads":
        use["reads"] = {status: [one for one in paths if name not in one.replace("items[].", "").split(".")]
                        for status, paths in use.get("reads", {}).items()}  # fmt: skip
    elif part in use:
        use[part] = [one for one in use[part] if name not in one.removesuffix("?").split(".")]


def _fields(schema: str) -> Callable[[Node], Node]:
    return lambda data: data["components"]["schemas"][schema]["properties"]


def _becomes(schema: str, name: str, **keys: Any) -> Callable[[Node], object]:
    return lambda data: _fields(schema)(data).update({name: {**_fields(schema)(data)[name], **keys}})


def _gone(schema: str, name: str) -> Callable[[Node], object]:
    def edit(data: Node) -> None:
        node = data["components"]["schemas"][schema]
        del node["properties"][name]
        node["required"] = [one for one in node["required"] if one != name]

    return edit


def _required(schema: str, *names: str, drop: bool = False) -> Callable[[Node], object]:
    def edit(data: Node) -> None:
        node = data["components"]["schemas"][schema]
        held = set(node["required"])
        node["required"] = sorted(held - set(names) if drop else held | set(names))

    return edit


def _inner(schema: str, change: Callable[[Node], object]) -> Callable[[Node], object]:
    return lambda data: change(_fields(schema)(data)["price"])


def _operation(method: str, change: Callable[[Node], object]) -> Callable[[Node], object]:
    return lambda data: change(data["paths"]["/v1/things"][method])


def _parameter(index: int, **keys: Any) -> Callable[[Node], object]:
    return _operation("get", lambda one: one["parameters"][index].update(keys))


def _status(method: str, old: str, new: str) -> Callable[[Node], object]:
    return _operation(method, lambda one: one["responses"].update({new: one["responses"].pop(old)}))


def _media(method: str, status: str) -> Callable[[Node], object]:
    def edit(operation: Node) -> None:
        content = operation["responses"][status]["content"]
        content["text/csv"] = content.pop(JSON)

    return _operation(method, edit)


def _reads(name: str) -> tuple[str, str, str]:
    return LIST, "reads", name


def _sends(name: str) -> tuple[str, str, str]:
    return CREATE, "body", name


KINDS = (
    Kind("answer: a text becomes a number", _becomes("Thing", "name", type="integer"), True, True, _reads("name")),
    Kind("answer: an optional text becomes a number", _becomes("Thing", "note", type="integer"), True, True, _reads("note")),
    Kind("answer: null allowed", _becomes("Thing", "name", type=["string", "null"]), True, False, _reads("name")),
    Kind("answer: a nullable one becomes a number", _becomes("Thing", "parent", anyOf=[I, {"type": "null"}]), True, True, _reads("parent")),
    Kind("answer: a nullable one is never null", _becomes("Thing", "parent", anyOf=[S]), False, True, _reads("parent")),
    Kind("answer: a text may be longer", _becomes("Thing", "size", maximum=99), False, False, _reads("size")),
    Kind("answer: one more value", _becomes("Thing", "state", enum=["a", "b", "c"]), False, False, _reads("state")),
    Kind("answer: another format", _becomes("Thing", "made", format="date"), True, True, _reads("made")),
    Kind("answer: a required field is gone", _gone("Thing", "name"), True, False, _reads("name")),
    Kind("answer: an optional field is gone", _gone("Thing", "note"), True, False, _reads("note")),
    Kind("answer: a field becomes optional", _required("Thing", "name", drop=True), True, False, _reads("name")),
    Kind("answer: a field becomes required", _required("Thing", "note"), False, True, _reads("note")),
    Kind("answer: a field within becomes a text", _inner("Thing", lambda one: one["properties"].update(amount=S)), True, True, _reads("amount")),
    Kind("answer: a field within becomes optional", _inner("Thing", lambda one: one.update(required=[])), True, False, _reads("amount")),
    Kind("answer: an object becomes a text", lambda data: _fields("Thing")(data).update(price=S), True, True, _reads("price")),
    Kind("refusal: a field becomes optional", _required("Problem", "title", drop=True), True, False, (LIST, "refusals", "")),
    Kind("body: a text becomes a number", _becomes("ThingCreate", "name", type="integer"), True, True, _sends("name")),
    Kind("body: a text must be shorter", _becomes("ThingCreate", "name", maxLength=4), True, False, _sends("name")),
    Kind("body: fewer values", _becomes("ThingCreate", "state", enum=["a"]), True, False, _sends("state")),
    Kind("body: an optional field is gone", _gone("ThingCreate", "size"), True, False, _sends("size")),
    Kind("body: a field within is gone", _inner("ThingCreate", lambda one: one.update(properties={"amount": I}, additionalProperties=False)), True, False, _sends("currency")),
    Kind("parameter: is gone", _operation("get", lambda one: one["parameters"].pop(0)), True, False, (LIST, "query", "q")),
    Kind("parameter: must be shorter", _parameter(0, schema={**S, "maxLength": 3}), True, False, (LIST, "query", "q")),
    Kind("parameter: another type", _parameter(0, schema=I), True, True, (LIST, "query", "q")),
    Kind("parameter: a header is gone", _operation("get", lambda one: one["parameters"].pop(2)), True, False, (LIST, "header", "x-trace")),
    Kind("parameter: a header becomes a number", _parameter(2, schema=I), True, False, (LIST, "header", "x-trace")),
    Kind("operation: is gone", lambda data: data["paths"]["/v1/things"].pop("get"), True, False, (LIST, "", "")),
    Kind("operation: is moved", lambda data: data["paths"].update({"/v2/things": data["paths"].pop("/v1/things")}), True, True, ("", "all", "")),
    Kind("operation: wants another scope", _operation("get", lambda one: one.update(security=[{"token": ["read", "more"]}])), True, False, (LIST, "", "")),
    Kind("success: another status", _status("post", "201", "200"), True, False, (CREATE, "", "")),
    Kind("success: another media type", _media("get", "200"), True, True, (LIST, "", "")),
    Kind("success: a header is gone", _operation("get", lambda one: one["responses"]["200"].pop("headers")), True, False, (LIST, "", "")),
)  # fmt: skip


@dataclass(frozen=True)
class Need:
    """Something that has to be sent now: what a consumer sends of it, and whether that is not enough."""

    name: str
    edit: Callable[[Node], object]
    operation: str
    sends: Node
    breaks: bool


def _needs(name: str, edit: Callable[[Node], object], operation: str, *cases: tuple[Node, bool]) -> tuple[Need, ...]:
    return tuple(Need(name, edit, operation, sends, breaks) for sends, breaks in cases)


_PRICE = _inner("ThingCreate", lambda one: one.update(required=["amount", "currency"]))
_LIMIT = _parameter(1, required=True)
_TRACE = _parameter(2, required=True)
_NEW = _operation(
    "get", lambda one: one["parameters"].append({"name": "new", "in": "query", "required": True, "schema": S})
)
NEEDS = (
    *_needs("a field", _required("ThingCreate", "size"), CREATE, ({"body": ["name", "size"]}, False),
            ({"body": ["name", "size?"]}, True), ({"body": ["name"]}, True), ({}, False)),
    *_needs("an object", _required("ThingCreate", "price"), CREATE, ({"body": ["name", "price.amount"]}, False),
            ({"body": ["name", "price.amount?"]}, True), ({"body": ["name", "price?"]}, True)),
    *_needs("a field within", _PRICE, CREATE, ({"body": ["name", "price.amount", "price.currency"]}, False),
            ({"body": ["name", "price.amount"]}, True), ({"body": ["name", "price"]}, True), ({"body": ["name"]}, False)),
    *_needs("a parameter", _LIMIT, LIST, ({"query": ["limit"]}, False), ({"query": ["limit?"]}, True), ({}, True)),
    *_needs("a header", _TRACE, LIST, ({"header": ["x-trace"]}, False), ({"header": ["X-Trace?"]}, True), ({}, True)),
    *_needs("a new parameter", _NEW, LIST, ({"query": ["q"]}, True), ({}, True)),
)  # fmt: skip
