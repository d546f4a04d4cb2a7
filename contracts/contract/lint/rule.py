"""A house rule, its findings, and ways to walk a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contract.findings.finding import Severity
from contract.openapi.document import Document
from contract.schema.same import Sameness
from contract.schema.validator import SINGLE

Found = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Rule:
    """A house rule. `find` yields each place and what is wrong there; `hint` says how to correct it."""

    name: str
    find: Callable[[Document], Found]
    hint: str


@dataclass(frozen=True)
class LintFinding:
    """One breach of a house rule, with a hint how to correct it."""

    rule: str
    place: str
    text: str
    hint: str
    severity: Severity = Severity.ERROR


def components(document: Document) -> dict[str, Any]:
    """The named schemas."""
    found: dict[str, Any] = (document.data.get("components") or {}).get("schemas") or {}
    return found


def within(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema node below and including one, with where it is; references are not followed."""
    if not isinstance(node, dict):
        return
    yield place, node
    for key, value in node.items():
        if key in ("properties", "patternProperties", "dependentSchemas") and isinstance(value, dict):
            for name, schema in value.items():
                yield from within(schema, f"{place}.{name}")
        elif isinstance(value, dict) and key in SINGLE:
            yield from within(value, f"{place}.{key}" if key != "items" else f"{place}[]")
        elif isinstance(value, list) and key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            for schema in value:
                yield from within(schema, place)


def sent(document: Document) -> dict[str, Any]:
    """The named schemas that a request may contain, directly or through others."""
    links = Sameness(document, document)
    pending = {
        reference
        for operation in document.operations()
        for reference in links.references(document.resolve(operation.data.get("requestBody")))
    }
    seen: set[str] = set()
    while pending:
        reference = pending.pop()
        seen.add(reference)
        pending |= links.references(document.lookup(reference)) - seen
    prefix = "#/components/schemas/"
    return {name.removeprefix(prefix): document.lookup(name) for name in sorted(seen) if name.startswith(prefix)}
