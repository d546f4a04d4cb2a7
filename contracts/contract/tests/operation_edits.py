"""Single edits of operations, parameters, bodies, responses and security."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

Node = dict[str, Any]
# Yields (what was changed, put it so) for each place within an operation; the change works on a copy of the document.
Change = Callable[[Node], None]
Finder = Callable[[Node], Iterator[Callable[[Node], None]]]


def once(change: Callable[[Node], bool]) -> Finder:
    """A change that fits an operation once or not at all."""

    def find(operation: Node) -> Iterator[Change]:
        if change(copy.deepcopy(operation)):
            yield lambda node: (change(node), None)[1]

    return find


def each(key: str, change: Callable[[Any], bool], within: str = "") -> Finder:
    """A change for each member of a list or an object, directly or in each of its members."""

    def find(operation: Node) -> Iterator[Change]:
        held = operation.get(key) or {}
        names = list(range(len(held))) if isinstance(held, list) else list(held)
        for name in names:
            inner = held[name].get(within) or {} if within else {None: None}
            for part in list(inner):
                target = held[name][within][part] if within else held[name]
                if change(copy.deepcopy(target)):
                    yield _at((key, name, *((within, part) if within else ())), change)

    return find


def _at(way: tuple[Any, ...], change: Callable[[Any], bool]) -> Change:
    def put(node: Node) -> None:
        for step in way:
            node = node[step]
        change(node)

    return put


def removing(key: str, fits: Callable[[Any, Any], bool], within: str = "") -> Finder:
    """Removing each member that fits (by its name and value)."""

    def find(operation: Node) -> Iterator[Change]:
        for outer, held in [("", operation)] if not within else list((operation.get(within) or {}).items()):
            members = held.get(key) or {}
            for name in range(len(members)) if isinstance(members, list) else list(members):
                if fits(name, members[name]):
                    yield _gone((within, outer) if within else (), key, name)

    return find


def _gone(way: tuple[Any, ...], key: str, name: Any) -> Change:
    def put(node: Node) -> None:
        for step in way:
            node = node[step]
        del node[key][name]

    return put


def sets(_key: str, value: Any) -> Callable[[Any], bool]:
    def change(node: Any) -> bool:
        if node.get(_key) == value:
            return False
        node[_key] = copy.deepcopy(value)
        return True

    return change


def has(node: Any, **wanted: Any) -> bool:
    return all(node.get(key.rstrip("_")) == value for key, value in wanted.items())


def when(fits: Callable[[Any], bool], change: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda node: fits(node) and change(node)


def _add_parameter(required: bool) -> Callable[[Any], bool]:
    def change(operation: Any) -> bool:
        added = {"name": "brand_new", "in": "query", "required": required, "schema": {"type": "string"}}
        operation["parameters"] = [*operation.get("parameters", ()), added]
        return True

    return change


def _status(old: str, new: str) -> Callable[[Any], bool]:
    def change(operation: Any) -> bool:
        if old not in operation["responses"] or new in operation["responses"]:
            return False
        operation["responses"][new] = operation["responses"].pop(old)
        return True

    return change


def _add_response(status: str) -> Callable[[Any], bool]:
    def change(operation: Any) -> bool:
        return operation["responses"].setdefault(status, {"description": "New."}) == {"description": "New."}

    return change


def _media(old: str, new: str, keep: bool) -> Callable[[Any], bool]:
    def change(body: Any) -> bool:
        content = body.get("content") or {}
        if old not in content:
            return False
        content[new] = content[old] if keep else content.pop(old)
        return True

    return change


def _scope(node: Any) -> bool:
    ways = node.get("security") or []
    for way in ways:
        for name in way:
            way[name] = [*way[name], "brand:new"]
    return bool(ways)


def _no_scope(node: Any) -> bool:
    ways = [way for way in node.get("security") or [] if any(way.values())]
    for way in ways:
        for name in way:
            way[name] = []
    return bool(ways)


def _open_door(node: Any) -> bool:
    return bool(node.get("security")) and sets("security", [])(node)


def _close_door(node: Any) -> bool:
    return not node.get("security") and sets("security", [{"brand_new": []}])(node)


def _body(change: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda node: "requestBody" in node and change(node["requestBody"])


def _no_body(node: Any) -> bool:
    return node.pop("requestBody", None) is not None


def _new_body(required: bool) -> Callable[[Any], bool]:
    def change(node: Any) -> bool:
        if "requestBody" in node:
            return False
        content = {"application/json": {"schema": {"type": "object"}}}
        node["requestBody"] = {"required": required, "content": content}
        return True

    return change


def is_query(node: Any) -> bool:
    return has(node, in_="query")


JSON, PROBLEM = "application/json", "application/problem+json"
ENVELOPE = {"type": "object", "required": ["data"], "properties": {"data": {"type": "string"}}}
# name, finder, whether it breaks.
OPERATIONS: tuple[tuple[str, Finder, bool], ...] = (
    ("operation: id changed", once(sets("operationId", "do_it")), False),
    ("operation: tag changed", once(sets("tags", ["other"])), False),
    ("operation: summary changed", once(sets("summary", "Other words")), False),
    ("operation: description changed", once(sets("description", "Other words.")), False),
    ("operation: deprecated", once(sets("deprecated", True)), False),
    ("parameter: optional one added", once(_add_parameter(False)), False),
    ("parameter: required one added", once(_add_parameter(True)), True),
    ("parameter: query one removed", removing("parameters", lambda _, one: is_query(one)), True),
    ("parameter: header one removed", removing("parameters", lambda _, one: has(one, in_="header")), False),
    ("parameter: becomes required", each("parameters", when(lambda one: one.get("in") != "path", sets("required", True))), True),
    ("parameter: becomes optional", each("parameters", when(lambda n: has(n, required=True) and n["in"] != "path", sets("required", False))), False),
    ("parameter: query one renamed", each("parameters", when(is_query, sets("name", "brand_new"))), True),
    ("parameter: moved into a header", each("parameters", when(is_query, sets("in", "header"))), True),
    ("parameter: description changed", each("parameters", sets("description", "Other words.")), False),
    ("body: removed", once(_no_body), True),
    ("body: becomes optional", once(_body(sets("required", False))), False),
    ("body: required one added", once(_new_body(True)), True),
    ("body: optional one added", once(_new_body(False)), False),
    ("body: media type changed", once(_body(_media(JSON, "application/xml", False))), True),
    ("body: media type added", once(_body(_media(JSON, "application/xml", True))), False),
    ("body: schema replaced", once(_body(when(lambda one: JSON in one["content"], lambda one: sets("schema", ENVELOPE)(one["content"][JSON])))), True),
    ("response: success 200 becomes 206", once(_status("200", "206")), True),
    ("response: success 201 becomes 200", once(_status("201", "200")), True),
    ("response: success 204 becomes 200", once(_status("204", "200")), True),
    ("response: success removed", removing("responses", lambda name, _: name.startswith("2")), True),
    ("response: error removed", removing("responses", lambda name, _: name[0] in "45"), False),
    ("response: error added", once(_add_response("418")), False),
    ("response: success added", once(_add_response("203")), False),
    ("response: media type changed", each("responses", _media(JSON, "application/xml", False)), True),
    ("response: media type of errors changed", each("responses", _media(PROBLEM, "text/html", False)), True),
    ("response: media type added", each("responses", _media(JSON, "application/xml", True)), False),
    ("response: schema replaced", each("responses", when(lambda one: JSON in (one.get("content") or {}), lambda one: sets("schema", ENVELOPE)(one["content"][JSON]))), True),
    ("response: optional header removed", removing("headers", lambda *_: True, within="responses"), False),
    ("response: header added", each("responses", when(lambda one: "headers" in one, lambda one: sets("X-New", {"schema": {"type": "string"}})(one["headers"]))), False),
    ("response: description changed", each("responses", sets("description", "Other words.")), False),
    ("security: scope added", once(_scope), True),
    ("security: scope removed", once(_no_scope), False),
    ("security: door opened", once(_open_door), False),
    ("security: door closed", once(_close_door), True),
)  # fmt: skip
