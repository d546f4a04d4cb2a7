"""Values that travel as text (parameters, headers, fields of forms): what a reader can make of them."""

from __future__ import annotations

from typing import Any

from contract.openapi.parameters import readings
from contract.openapi.values import among
from contract.schema.gap import Comparison
from contract.schema.prover import Prover
from contract.schema.scalars import NUMBER_RULES
from contract.schema.shape import TooManyBranchesError, shapes, types_of
from contract.schema.view import OPAQUE, Side
from contract.schema.witness import Excuse, Path

SCALARS = frozenset({"integer", "fraction", "boolean", "null", "string"})


def refuses(prover: Prover, reader: Any) -> Any:
    """Whether a reader must refuse a value, however it reads its text. A null is not sent, so it is never refused."""

    def check(value: Any) -> bool:
        if value is None:
            return True
        return not any(prover.reader_judge.allows((reader,), reading) for reading in readings(value))

    return check


def excuses_text(prover: Prover) -> Excuse:
    """Which gaps do not count in the body of a form, because its fields travel as text."""

    def excused(comparison: Comparison, path: Path) -> bool:
        steps = [edge.step[0] for edge in path if edge.step[0] != "same"]
        if steps not in (["property"], ["property", "item"]) or len(comparison.writer) != 1:
            return False
        sent = without_null(prover.writer, comparison.writer[0])
        if not types_of(prover.writer, sent) <= SCALARS:
            return False
        return prover.compare((sent,), comparison.reader).holds() or fits_as_text(prover, sent, comparison.reader)

    return excused


def without_null(side: Side, node: Any) -> Any:
    """A schema without `null`, also in what it holds, because no text can say it; itself if it has none."""
    known = side.valued.get(id(node))
    if known is None:
        # The node is kept too, so that no other object gets its id.
        known = side.valued[id(node)] = (node, _without_null(side, node))
    return known[1]


def _without_null(side: Side, node: Any, depth: int = 0, levels: int = 2) -> Any:
    view = side.view(node)
    if "$ref" in view and depth < 30:
        target = side.target(view)
        made = _without_null(side, target, depth + 1, levels)
        if set(view) == {"$ref"}:
            return node if made is target else made
    changed: dict[str, Any] = {}
    if view.get("type") == "null" or view.get("enum") == [None]:
        return False
    changed |= _own(view) | _inside(side, view, levels)
    for keyword in ("anyOf", "oneOf"):
        kept = [part for part in view.get(keyword, ()) if side.view(part) != {"type": "null"}]
        if kept and len(kept) < len(view[keyword]):
            changed[keyword] = kept
    if not changed:
        return node
    is_plain = isinstance(node, dict) and not {"$ref", "const", "nullable"} & node.keys()
    made = {**(node if is_plain else view), **changed}
    unions = ("anyOf", "oneOf")
    single = next((made[word] for word in unions if len(made) == 1 and len(made.get(word, ())) == 1), None)
    return made if single is None else _without_null(side, single[0], depth + 1, levels)


def _own(view: dict[str, Any]) -> dict[str, Any]:
    """The types and listed values of a schema without `null`, where they have it."""
    changed: dict[str, Any] = {}
    if isinstance(view.get("type"), list) and "null" in view["type"]:
        changed["type"] = [name for name in view["type"] if name != "null"]
    if "enum" in view and among(None, view["enum"]):
        changed["enum"] = [value for value in view["enum"] if value is not None]
    return changed


def _inside(side: Side, view: dict[str, Any], levels: int) -> dict[str, Any]:
    """The items and properties of a schema without `null`, where they have it.

    A text has fields, and items in a field. What is deeper travels as JSON.
    """
    changed: dict[str, Any] = {}
    if levels and "items" in view:
        items = _without_null(side, view["items"], 0, 0)
        changed |= {"items": items} if items is not view["items"] else {}
    if levels > 1 and "properties" in view:
        made = {name: _without_null(side, node, 0, 1) for name, node in view["properties"].items()}
        is_other = any(made[name] is not node for name, node in view["properties"].items())
        changed |= {"properties": made} if is_other else {}
    return changed


# Keywords that hold of a value's text too. Bounds of numbers say nothing about a text, on either side.
TEXTUAL = ("minLength", "maxLength", "pattern", "format", OPAQUE, *NUMBER_RULES)


def fits_as_text(prover: Prover, writer: Any, reader: Any) -> bool:
    """Whether the reader, as a string, accepts every value of the writer once it is written as text."""
    view = prover.writer.view(writer)
    while "$ref" in view:
        view = prover.writer.view(prover.writer.target(view))
    # The items of an array are text too, and so are the commas between them.
    limits = {} if view.get("type") == "array" else {key: view[key] for key in TEXTUAL if key in view}
    return prover.compare(({"type": "string", **limits},), reader).holds()


def told_apart(sent: frozenset[str], read: frozenset[str]) -> frozenset[str]:
    """The types that one document reads as such, and the other one reads as texts."""
    return sent - read - {"null", "array", "object"} if "string" in sent & read else frozenset()


def few(prover: Prover, writer: Any) -> list[Any]:
    """Every value of a writer whose schema lists them; otherwise nothing."""
    try:
        found = shapes(prover.writer, (writer,))
    except TooManyBranchesError:
        return []
    if not all(shape.enums for shape in found):
        return []
    return [value for shape in found for value in shape.enums[0] if prover.judge.allows((writer,), value)]
