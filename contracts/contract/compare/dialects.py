"""Keywords that only one of two versions of OpenAPI knows: the same text has another meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.compare.report import Report
from contract.findings.finding import Finding, Verdict
from contract.openapi.document import Document
from contract.openapi.grammar import Walk, pointer
from contract.openapi.place import Part, Place

# OpenAPI 3.0.3, Schema Object, lists what it takes from JSON Schema. Schema Objects of 3.1 and 3.2 have no `nullable`.
_MODERN = (
    "const", "contains", "dependentRequired", "dependentSchemas", "if", "patternProperties", "prefixItems",
    "propertyNames", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip


def compare_dialects(report: Report) -> None:
    """Report each keyword that has no effect in one document and has one in the other, as unproven."""
    old, new = report.old, report.new
    if (old.version == "3.0") is (new.version == "3.0"):
        return
    for document, other in ((old, new), (new, old)):
        known = {keyword for keyword, _ in _unknown(other, document.version)}
        for keyword, place in dict(reversed(list(_unknown(document, document.version)))).items():
            if keyword in known:
                user, knower = {"openapi": document.version, "place": place}, {"openapi": other.version}
                before, after = (user, knower) if document is old else (knower, user)
                report.findings.append(
                    Finding(
                        verdict=Verdict.UNPROVEN,
                        rule="dialect",
                        place=Place(part=Part.DOCUMENT, name=keyword),
                        keyword=keyword,
                        before=before,
                        after=after,
                    )
                )


def _unknown(document: Document, version: str) -> Iterator[tuple[str, str]]:
    """The keywords in a document that a version does not know, each with the places where it stands."""
    for place, kind, node in Walk(document.data, document.target).nodes():
        if kind == "schema":
            yield from ((keyword, pointer(place)) for keyword in _strange(node, version))


def _strange(node: dict[str, Any], version: str) -> Iterator[str]:
    if version == "3.0":
        yield from (keyword for keyword in _MODERN if keyword in node)
    elif node.get("nullable") is True and "null" not in node.get("type", ()):
        yield "nullable"
