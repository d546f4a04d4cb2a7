"""A contract with one edit of an operation, a path, or something outside of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from contract.openapi.document import Document
from contract.tests.operation_edits import OPERATIONS, Change, Node


def operation_mutants(document: Document) -> Iterator[tuple[str, str, bool, Node]]:
    """Kind, place, whether it breaks, and the changed document."""
    for one in document.operations():
        for name, finder, breaking in OPERATIONS:
            for change in finder(one.data):
                yield name, one.name, breaking, _changed(document.data, one.path, one.method, change)
        yield "operation: removed", one.name, True, _without(document.data, one.path, one.method)
    for path in document.data["paths"]:
        yield "path: removed", path, True, {**document.data, "paths": _less(document.data["paths"], path)}
        paths = {f"{key}-new" if key == path else key: item for key, item in document.data["paths"].items()}
        yield "path: renamed", path, True, {**document.data, "paths": paths}
        paths = {key.replace("_id}", "_key}"): item for key, item in document.data["paths"].items()}
        if "_id}" in path:
            yield "path: parameter renamed", path, False, {**document.data, "paths": paths}
        extra = {**document.data["paths"], "/v1/brand-new": document.data["paths"][path]}
        yield "path: added", path, False, {**document.data, "paths": extra}


def _changed(data: Node, path: str, method: str, change: Change) -> Node:
    item = copy.deepcopy(data["paths"][path])
    change(item[method])
    return {**data, "paths": {**data["paths"], path: item}}


def _without(data: Node, path: str, method: str) -> Node:
    return {**data, "paths": {**data["paths"], path: _less(data["paths"][path], method)}}


def _less(node: Node, key: str) -> Node:
    return {name: value for name, value in node.items() if name != key}


def document_mutants(document: Document) -> Iterator[tuple[str, str, bool, Node]]:
    """Edits outside of operations."""
    data = document.data
    schemas = data["components"]["schemas"]
    yield "info: version changed", "", False, {**data, "info": {**data["info"], "version": "9.9.9"}}
    yield "info: description changed", "", False, {**data, "info": {**data["info"], "description": "Other."}}
    yield "servers changed", "", False, {**data, "servers": [{"url": "https://example.com"}]}
    extra = {**schemas, "Unused": {"type": "object"}}
    yield "schema: unused one added", "", False, {**data, "components": {**data["components"], "schemas": extra}}
    for name in schemas:
        yield "schema: renamed", name, False, _renamed(data, name)
    for name, scheme in data["components"]["securitySchemes"].items():
        changed = {**scheme, "type": "apiKey", "in": "header", "name": "X-Key"}
        held = {**data["components"], "securitySchemes": {name: changed}}
        yield "security: scheme changed", name, True, {**data, "components": held}


def _renamed(data: Node, name: str) -> Node:
    old, new = f"#/components/schemas/{name}", f"#/components/schemas/{name}Renamed"

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(inner) for inner in node]
        if isinstance(node, dict):
            return {key: new if key == "$ref" and value == old else walk(value) for key, value in node.items()}
        return node

    made = walk(data)
    made["components"]["schemas"] = {
        f"{name}Renamed" if key == name else key: value for key, value in made["components"]["schemas"].items()
    }
    return dict(made)
