"""How a body is encoded: the parts of a form, the names of XML elements.

The tool cannot judge these: a difference is reported as unproven.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.compare.change import Change
from contract.findings.finding import Verdict
from contract.openapi.document import Document


def compare_encodings(change: Change, media_type: str) -> None:
    """Report a difference in the encoding of one media type."""
    old, new = (entry if isinstance(entry, dict) else {} for entry in (change.old, change.new))
    before, after = (entry.get("encoding") or {} for entry in (old, new))
    if before != after:
        change.add(Verdict.UNPROVEN, "encoding", before=before, after=after)
    if "xml" in media_type:
        before = dict(_names(change.report.old, old.get("schema")))
        after = dict(_names(change.report.new, new.get("schema")))
        if before != after:
            change.add(Verdict.UNPROVEN, "xml", before=before, after=after)


def _names(document: Document, node: Any, way: str = "", above: tuple[int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The `xml` keyword of each element by its path; a recursive schema is entered once."""
    node = document.resolve(node)
    if not node or id(node) in above:
        return
    if "xml" in node:
        yield way, node["xml"]
    inside = {**(node.get("properties") or {}), "[]": node.get("items")}
    for name, inner in inside.items():
        yield from _names(document, inner, f"{way}.{name}", (*above, id(node)))
    for part in node.get("allOf") or ():
        yield from _names(document, part, way, (*above, id(node)))
