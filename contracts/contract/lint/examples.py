"""Rules about examples: each field of a request has one, and its schema allows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.lint.rule import Found, Rule, components, sent, within
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.schema.validator import Judge
from contract.schema.view import Side


def of(node: dict[str, Any]) -> Iterator[Any]:
    """The examples that a schema node carries."""
    if "example" in node:
        yield node["example"]
    if isinstance(node.get("examples"), list):
        yield from node["examples"]


def _missing(document: Document) -> Found:
    for name, schema in sent(document).items():
        for field, raw in (schema.get("properties") or {}).items():
            target = document.resolve(raw)
            shown = [*of(raw), *of(target), *of(schema)]
            if not shown and not _plain(target):
                yield f"{name}.{field}", "has no example"


def _plain(target: dict[str, Any]) -> bool:
    """Whether a schema needs no example: enums, booleans, objects and arrays."""
    told = {"enum", "const", "properties"} & set(target)
    return bool(told) or target.get("type") == "array" or "boolean" in str(target.get("type"))


def _wrong(document: Document) -> Found:
    judge = Judge(Side(document, Direction.RESPONSE, False))
    for name, schema in components(document).items():
        for place, node in within(schema, name):
            for example in of(node):
                error = judge.error((node,), example)
                if error:
                    yield place, f"the example {example!r} is not allowed: {error.message[:120]}"


RULES = (
    Rule("example", _missing, "add `examples: [...]` to it; the reference and the mock show it"),
    Rule("example-valid", _wrong, "make the example one that the schema allows"),
)
