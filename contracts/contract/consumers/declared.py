"""Whether a release has what a usage names. A misspelt name would be used by nobody, and each break harmless to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contract.consumers.usage import steps_of
from contract.openapi.document import Document, Operation, calls
from contract.openapi.parameters import ELSEWHERE, parameters_of
from contract.schema.texts import search

# Keywords with schemas that say more of the same value.
_MORE = ("allOf", "anyOf", "oneOf")
_FURTHER = ("if", "then", "else")
_ITEMS = ("items", "contains", "unevaluatedItems")
_FIELDS = ("properties", "patternProperties")
_OTHERS = ("additionalProperties", "unevaluatedProperties")


def undeclared(document: Document, data: Mapping[str, Any]) -> Iterator[str]:
    """Each name in a usage that the document does not declare, as a sentence that begins with its place."""
    known = {_id(one): one for one in _operations(document)}
    called = {_id(one) for one in document.operations()}
    for name, use in data["operations"].items():
        if name not in known:
            yield f"/operations/{name} is no operation"
        elif name in called:
            yield from (f"/operations/{name}/{text}" for text in _of_operation(document, known[name], use))
    answers = [body for one in document.operations() for body in _bodies(document, _refusals(document, one))]
    for path in data.get("refusals", ()):
        if not _declares(document, answers, path):
            yield f"/refusals: {path!r} is no field of an answer that is no success"


def _id(operation: Operation) -> str:
    return str(operation.data.get("operationId") or operation.name)


def _operations(document: Document) -> Iterator[Operation]:
    """Every operation, the webhooks and the callbacks of each."""
    pending = [one for section in ("paths", "webhooks") for one in document.operations(section)]
    while pending:
        operation = pending.pop()
        yield operation
        pending += (inner for _, inner in calls(operation))


def _of_operation(document: Document, operation: Operation, use: Mapping[str, Any]) -> Iterator[str]:
    yield from _of_parameters(document, operation, use)
    sent = list(_bodies(document, [operation.data.get("requestBody")]))
    for path in use.get("body", ()):
        if not _declares(document, sent, path.removesuffix("?")):
            yield f"body: {path!r} is no field of the request body"
    for status, paths in use.get("reads", {}).items():
        responses = [raw for key, raw in _responses(operation) if _covers(key, status)]
        if not responses:
            yield f"reads: {status} is no status"
        answers = list(_bodies(document, responses))
        for path in paths if responses else ():
            if not _declares(document, answers, path):
                yield f"reads/{status}: {path!r} is no field of the answer"


def _of_parameters(document: Document, operation: Operation, use: Mapping[str, Any]) -> Iterator[str]:
    parameters = [(one.get("in"), str(one.get("name"))) for one in parameters_of(document, operation).values()]
    whole = any(location == "querystring" for location, _ in parameters)
    for location in ("query", "path", "header"):
        names = {name.lower() for where, name in parameters if where == location}
        names |= ELSEWHERE if location == "header" else set()
        for one in use.get(location, ()):
            if one.removesuffix("?").lower() not in names and not (whole and location == "query"):
                yield f"{location}: {one!r} is no {location} parameter"


def _responses(operation: Operation) -> Iterator[tuple[str, Any]]:
    responses: Mapping[Any, Any] = operation.data.get("responses") or {}
    return ((str(status).upper(), raw) for status, raw in responses.items() if not str(status).startswith("x-"))


def _covers(declared: str, status: str) -> bool:
    return declared in (status, f"{status[0]}XX", "DEFAULT") or (status.endswith("XX") and declared[0] == status[0])


def _refusals(document: Document, operation: Operation) -> Iterator[Any]:
    return (raw for status, raw in _responses(operation) if status[0] in "345D")


def _bodies(document: Document, holders: Iterable[Any]) -> Iterator[Any]:
    """The schemas of request bodies or responses; True where one is without a schema."""
    for raw in holders:
        for entry in (document.resolve(raw).get("content") or {}).values() if raw else ():
            held = [entry[key] for key in ("schema", "itemSchema") if key in entry] if isinstance(entry, dict) else []
            yield from held or [True]


def _declares(document: Document, schemas: Iterable[Any], path: str) -> bool:
    return any(_has(document, schema, steps_of(path)) for schema in schemas)


def _has(document: Document, schema: Any, steps: tuple[str, ...]) -> bool:
    """Whether a schema declares the field at the end of some steps. An object without declared fields may have any."""
    parts = list(_parts(document, schema))
    if not steps or all(not isinstance(part, dict) for part in parts):
        return True
    return any(_has(document, inner, rest) for part in parts for inner, rest in _below(part, steps)) or _is_open(
        parts, steps[0]
    )


def _parts(document: Document, schema: Any) -> Iterator[Any]:
    """A schema, what it refers to, and what says more of the same value."""
    pending, seen = [schema], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, dict):
            pending += [document.lookup(document.reference(node))] if "$ref" in node or "$dynamicRef" in node else []
            pending += [one for key in _MORE for one in node.get(key) or ()]
            pending += [node[key] for key in _FURTHER if key in node]
            pending += (node.get("dependentSchemas") or {}).values()


def _below(part: Any, steps: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """The schemas of the first of some steps, each with the steps that are left."""
    if not isinstance(part, dict):
        return
    if steps[0] == "[]":
        items = [part[key] for key in (*_ITEMS, "prefixItems") if key in part]
        yield from ((inner, steps[1:]) for one in items for inner in (one if isinstance(one, list) else [one]))
        return
    properties = part.get("properties") or {}
    for name, inner in properties.items():
        own = steps_of(name)  # A name may have a dot in it.
        if own == steps[: len(own)]:
            yield inner, steps[len(own) :]
    patterns = part.get("patternProperties") or {}
    yield from ((inner, steps[1:]) for pattern, inner in patterns.items() if search(pattern, steps[0]))
    yield from ((inner, steps[1:]) for inner in (*properties.values(), *patterns.values()) if steps[0] == "*")
    if steps[0] not in properties:
        yield from ((part[key], steps[1:]) for key in _OTHERS if part.get(key) not in (None, False))


def _is_open(parts: Iterable[Any], step: str) -> bool:
    """Whether nothing is said of the items of a list, or of the fields of an object."""
    kind, words = ("array", (*_ITEMS, "prefixItems")) if step == "[]" else ("object", (*_FIELDS, *_OTHERS))
    said = [part for part in parts if isinstance(part, dict)]
    types = [part["type"] for part in said if "type" in part]
    fits = not types or any(kind == one or (isinstance(one, list) and kind in one) for one in types)
    return fits and not any(word in part for part in said for word in words)
