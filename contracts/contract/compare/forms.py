"""How a body is written beside what its schema says: the parts of a form, the names of XML.

These are not judged: a difference is said, and stays unproven.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.compare.report import Place, Report
from contract.document import Document


def forms(report: Report, place: Place, pair: tuple[Any, Any], media_type: str) -> None:
    """Say what differs in the writing of one media type."""
    old, new = (entry if isinstance(entry, dict) else {} for entry in pair)
    if (old.get("encoding") or {}) != (new.get("encoding") or {}):
        report.wire("encoding", place, "its parts are encoded in another way (`encoding` is not compared further)")
    if "xml" in media_type and dict(_names(report.old, old.get("schema"))) != dict(
        _names(report.new, new.get("schema"))
    ):
        report.wire("xml", place, "its XML has other names (`xml` is not compared further)")


def _names(document: Document, node: Any, way: str = "", above: tuple[int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """What is said of each element, by the way to it, into no schema twice."""
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
