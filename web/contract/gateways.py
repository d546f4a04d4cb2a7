"""What a UI may send, read from the source of its gateways: nothing runs, so no test data matters.

Only gateways call operations, by keyword, so the keywords are the parameters. A ResourceGateway is
given operations by the part that they play. The fields of a body are those of its schema: forms are
made of it and may send any but what is deprecated and need not be sent. Standard library only.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from contract.annotations import ending, is_ending, merged
from contract.document import Document, Json, Operation
from contract.functions import name_arguments
from contract.usage import is_below, schema_paths

PLACES = ("query", "path", "header")
ALL = "*"  # every parameter: the source does not tell which
QUERY = "*query"  # every one in the query
# What core/resource_gateway.py sends to the operation that plays each part; list sends all but
# `limit` and what is deprecated, as the query of the page has them.
PARTS = {
    "list": {QUERY, "-limit"},
    "read": set[str](),
    "create": {"idempotency_key"},
    "update": {"if_match"},
    "delete": {"if_match"},
}


def sent(files: Iterable[Path], document: Document) -> dict[str, dict[str, set[str]]]:
    """Return what may be sent, by operation and by ``query``, ``path``, ``header``, ``body``.

    Operations have the names of their functions.
    """
    arguments: dict[str, set[str]] = defaultdict(set)
    for file in files:
        for name, given in uses(ast.parse(file.read_text(encoding="utf-8"))):
            arguments[name] |= given
    return {
        name: parameters(document.operations[name], document, given)
        | {"body": set(body(document.operations[name], document))}
        for name, given in arguments.items()
        if name in document.operations
    }


def uses(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Yield each operation that a module uses, with the arguments that it gives."""
    names = imported(tree)
    understood: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if name := operation(node.func, names):
            understood.add(id(node.func))
            yield name, {keyword.arg or ALL for keyword in node.keywords}
        for keyword in node.keywords:
            name = operation(keyword.value, names)
            if name and keyword.arg in PARTS:
                understood.add(id(keyword.value))
                yield name, PARTS[keyword.arg]
    for node in ast.walk(tree):
        if id(node) not in understood and (name := operation(node, names)):
            yield name, {ALL}


def unread(files: Iterable[Path]) -> set[str]:
    """Return the functions of which a gateway takes no more than status and headers."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return {
        operation(node.args[0].func, imported(tree))
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "send_once"
        and node.args
        and isinstance(node.args[0], ast.Call)
    }


def answers(operation: Operation, document: Document) -> dict[str, list[str]]:
    """Return every field of an operation's successful answers, by status."""
    found = {}
    for status, answer in operation.spec["responses"].items():
        for media in answer.get("content", {}).values() if status[0] == "2" else ():
            properties = merged(document, media.get("schema", {})).get("properties", {})
            found[status] = sorted(properties)
    return found


def imported(tree: ast.Module) -> dict[str, str]:
    """Return what a module calls the operations: ``{"operations": ""}``, or one by one."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "operations":
                    found[alias.asname or alias.name] = ""
                elif (node.module or "").endswith("client.operations"):
                    found[alias.asname or alias.name] = alias.name
    return found


def operation(node: ast.AST, names: dict[str, str]) -> str:
    """Return the operation that an expression stands for; empty when it is something else."""
    match node:
        case ast.Attribute(value=ast.Name(id=module), attr=name) if names.get(module) == "":
            return name
        case ast.Name(id=name, ctx=ast.Load()):
            return names.get(name, "")
    return ""


def parameters(operation: Operation, document: Document, given: set[str]) -> dict[str, set[str]]:
    """Return the names of the parameters that are given, by their place; those in a path always."""
    found: dict[str, set[str]] = {}
    arguments = name_arguments(operation, document)
    for place in PLACES:
        found[place] = set()
        for argument, parameter in arguments[place]:
            name = parameter["name"].lower() if place == "header" else parameter["name"]
            is_listed = place == "query" and QUERY in given and f"-{argument}" not in given
            is_shown = is_listed and not is_ending(document, parameter)
            if place == "path" or argument in given or ALL in given or is_shown:
                found[place].add(name)
    return found


def body(operation: Operation, document: Document) -> Iterator[str]:
    """Yield the path of every field that a form made of the body's schema may send."""
    content: Json = operation.spec.get("requestBody", {}).get("content", {})
    for media in content.values():
        schema = media.get("schema", {})
        left = ending(document, schema)
        for path in schema_paths(document, schema):
            if not any(path == name or is_below(path, name) for name in left):
                yield path
