"""Rules about links: where a link leads, what it fills there, and what its expressions take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from contract.lint.rule import Found, Rule
from contract.openapi.document import Document, DocumentError, Operation, calls, methods
from contract.openapi.elements import declares
from contract.openapi.expressions import Expression, ExpressionError, expressions
from contract.openapi.grammar import METHODS, Walk, named, pointer
from contract.openapi.media_types import bare
from contract.openapi.parameters import ELSEWHERE

_ADDRESS = re.compile(r"[a-zA-Z][\w+.-]+:")
Json = dict[str, Any]


def _targets(document: Document) -> Found:
    known = {one.data["operationId"]: one for one in _operations(document) if one.data.get("operationId")}
    for place, kind, node in Walk(document.data, document.target).nodes():
        if kind == "link" and "$ref" not in node:
            yield from ((pointer(place), words) for words in _wrong(document, node, known))


def _wrong(document: Document, link: Json, known: dict[str, Operation]) -> Iterator[str]:
    own, referred = link.get("operationId"), link.get("operationRef")
    if (own is None) == (referred is None):
        yield "needs one of operationId and operationRef"
    elif referred is not None and _ADDRESS.match(referred):
        return  # Another host's document is not read.
    elif (target := known.get(str(own)) if referred is None else _referred(document, referred)) is None:
        yield f"leads to {own or referred!r}, which is no operation"
    else:
        yield from _filled(document, target, link.get("parameters") or {})
        if link.get("requestBody") is not None and not target.data.get("requestBody"):
            yield f"has a body for {target.name}, which takes none"


def _filled(document: Document, target: Operation, values: Json) -> Iterator[str]:
    taken = _parameters(document, target)
    for key in values:
        location, _, name = key.partition(".")
        places = sorted(place for place, own in taken if _written(place, key) == (place, own))
        if len(places) > 1:
            yield f"fills {key!r}, which {target.name} takes in {' and in '.join(places)}"
        elif not places and _written(location, name) not in taken:
            yield f"fills {key!r}, which is no parameter of {target.name}"


def _referred(document: Document, reference: str) -> Operation | None:
    """The operation at an operationRef, in this document or in a file beside it."""
    above, _, method = reference.rpartition("/")
    outer, _, path = above.rpartition("/")
    is_own = path == "additionalOperations"
    try:
        item = document.resolve(document.lookup(outer if is_own else above))
    except DocumentError:
        return None
    name = unquote(outer.rpartition("/")[2] if is_own else path).replace("~1", "/").replace("~0", "~")
    found = dict(methods(item))
    is_there = method in found and is_own == (method not in METHODS)
    return Operation(method, name, item, found[method]) if is_there else None


def _expressions(document: Document) -> Found:
    for place, kind, node in Walk(document.data, document.target).nodes():
        if kind in ("link", "callback") and "$ref" not in node:
            for way, value in _values(node) if kind == "link" else (((key,), key) for key in _calls(node)):
                try:
                    list(expressions(value))
                except ExpressionError as error:
                    yield pointer((*place, *way)), str(error)


def _values(link: Json) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values of a link that may be expressions, each with the way to it."""
    yield from ((("parameters", key), value) for key, value in (link.get("parameters") or {}).items())
    yield ("requestBody",), link.get("requestBody")


def _calls(callback: Json) -> Iterator[str]:
    return (key for key in callback if not key.startswith("x-"))


def _sources(document: Document) -> Found:
    for one in _operations(document):
        for part, answer, value in _uses(document, one):
            yield from ((f"{one.name}, {part}", words) for words in _undeclared(document, one, answer, value))


def _uses(document: Document, one: Operation) -> Iterator[tuple[str, Json | None, Any]]:
    """What may be an expression, with the response that it takes from. A callback may follow any (None)."""
    for status, raw in named("operation", "responses", one.data.get("responses") or {}):
        answer = document.resolve(raw)
        for name, link in (answer.get("links") or {}).items():
            yield from (
                (f"{status} response, link {name}", answer, value) for _, value in _values(document.resolve(link))
            )
    for name, callback in (one.data.get("callbacks") or {}).items():
        yield from ((f"callback {name}", None, value) for value in _calls(document.resolve(callback)))


def _undeclared(document: Document, one: Operation, answer: Json | None, value: Any) -> Iterator[str]:
    """What an expression takes, and nothing declares."""
    try:
        found = list(expressions(value))
    except ExpressionError:
        return  # Another rule says so.
    for each in found:
        if each.message == "request" and not _is_sent(document, one, each):
            yield f"takes {each.text}, and the request declares no such part"
        elif each.message == "response" and answer is not None and not _is_answered(document, answer, each):
            yield f"takes {each.text}, and the response declares no such part"


def _is_sent(document: Document, one: Operation, each: Expression) -> bool:
    if each.place == "body":
        return _has(document, document.resolve(one.data.get("requestBody")), each)
    taken = _parameters(document, one)
    # OpenAPI 3.2: one parameter may be the whole query.
    is_open = each.place == "query" and any(place == "querystring" for place, _ in taken)
    is_plain = each.place == "header" and each.name.lower() in ELSEWHERE
    return is_open or is_plain or _written(each.place, each.name) in taken


def _is_answered(document: Document, answer: Json, each: Expression) -> bool:
    if each.place == "header":
        return each.name.lower() in {"content-type", *(name.lower() for name in answer.get("headers") or {})}
    return _has(document, answer, each)


def _has(document: Document, holder: Json, each: Expression) -> bool:
    """Whether a body may have what a pointer names; one that is not JSON is not judged."""
    return any(
        not bare(media_type).endswith("json") or declares(document, (entry or {}).get("schema", True), each.pointer)
        for media_type, entry in (holder.get("content") or {}).items()
    )


def _operations(document: Document) -> Iterator[Operation]:
    """Those of the paths and the webhooks, and those that they call back."""
    pending = [one for section in ("paths", "webhooks") for one in document.operations(section)]
    while pending:
        one = pending.pop()
        yield one
        pending += [called for _, called in calls(one)]


def _parameters(document: Document, one: Operation) -> set[tuple[str, str]]:
    """The parameters of an operation by location and name; those in the path, whether declared or not."""
    listed = [*(one.item.get("parameters") or ()), *(one.data.get("parameters") or ())]
    declared = {_written(str(held.get("in")), str(held.get("name"))) for held in map(document.resolve, listed)}
    return declared | {("path", name) for name in re.findall(r"\{([^}]*)\}", one.path)}


def _written(place: str, name: str) -> tuple[str, str]:
    return place, name.lower() if place == "header" else name


RULES = (
    Rule("link-target", _targets, "name an operation of this document, and parameters that it takes"),
    Rule(
        "runtime-expression",
        _expressions,
        "write it as `$response.body#/id`, `$response.header.ETag`, `$request.path.id`",
    ),
    Rule("expression-source", _sources, "declare it, or take what is declared"),
)
