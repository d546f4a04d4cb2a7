"""Rules about operations: their names, paths, parameters, errors and security."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from contract.lint.rule import Found, Rule
from contract.openapi.document import Document

VERBS = ("list", "create", "read", "update", "delete", "upsert", "replace", "check")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SEGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|\{[a-z][a-z0-9]*(_[a-z0-9]+)*\}")


def _ids(document: Document) -> Found:
    counts = Counter(one.data.get("operationId") for one in document.operations())
    for one in document.operations():
        name = str(one.data.get("operationId") or "")
        if not _SNAKE.fullmatch(name) or name.split("_")[0] not in VERBS:
            yield (
                one.name,
                f"operationId {name!r} is not a verb ({', '.join(VERBS)}) and a noun in snake_case",
            )
        elif counts[name] > 1:
            yield one.name, f"operationId {name!r} is used {counts[name]} times"


def _tags(document: Document) -> Found:
    for one in document.operations():
        if len(one.data.get("tags") or ()) != 1:
            yield one.name, f"has {len(one.data.get('tags') or ())} tags"


def _summaries(document: Document) -> Found:
    for one in document.operations():
        if not one.data.get("summary"):
            yield one.name, "has no summary"


def _paths(document: Document) -> Found:
    for path in document.data.get("paths") or {}:
        segments = path.strip("/").split("/")
        if not all(_SEGMENT.fullmatch(segment) for segment in segments):
            yield path, "is not in kebab-case"
        if not re.fullmatch(r"v\d+|health", segments[0]):
            yield path, "does not begin with its version"


def _parameters(document: Document) -> Found:
    for one in document.operations():
        for raw in [*(one.item.get("parameters") or ()), *(one.data.get("parameters") or ())]:
            parameter = document.resolve(raw)
            name = str(parameter.get("name", ""))
            if parameter.get("in") in ("query", "path") and not _SNAKE.fullmatch(name):
                yield one.name, f"the parameter {name!r} is not in snake_case"


def _responses(document: Document, data: dict[str, Any]) -> dict[str, Any]:
    return {str(status): document.resolve(raw) for status, raw in (data.get("responses") or {}).items()}


def _errors(document: Document) -> Found:
    for one in document.operations():
        for status, response in _responses(document, one.data).items():
            if re.match(r"[45]|default", status) and list(response.get("content") or ()) != [
                "application/problem+json"
            ]:
                yield one.name, f"{status} is not answered as application/problem+json"


def _success(document: Document) -> Found:
    for one in document.operations():
        if not any(status.startswith(("2", "3")) for status in _responses(document, one.data)):
            yield one.name, "has no response of success"


def _security(document: Document) -> Found:
    for one in document.operations():
        if "security" not in one.data and "security" not in document.data and "/health" not in one.path:
            yield one.name, "does not say who may call it"


RULES = (
    Rule(
        "operation-id",
        _ids,
        "name it like the function: list_products, create_product, read_product …",
    ),
    Rule("operation-tag", _tags, "give it exactly one tag, the name of its resource"),
    Rule("operation-summary", _summaries, "say in a few words what it does"),
    Rule("path-name", _paths, "use plural nouns in kebab-case after /v1"),
    Rule("parameter-name", _parameters, "use snake_case"),
    Rule(
        "problem-errors",
        _errors,
        "describe every error as application/problem+json (RFC 9457), and as nothing else",
    ),
    Rule("success", _success, "describe what it answers when all is well"),
    Rule(
        "security",
        _security,
        "name the scope that it needs, or an empty list when anyone may call it",
    ),
)
