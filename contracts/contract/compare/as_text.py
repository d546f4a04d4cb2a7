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
    """Whether a reader can take a text for nothing that its schema allows. Null is a text that is not sent."""

    def check(value: Any) -> bool:
        if value is None:
            return True
        return not any(prover.reader_judge.allows((reader,), reading) for reading in readings(value))

    return check


def excuses_text(prover: Prover) -> Excuse:
    """Which gaps in the body of a form are none, as its fields travel as text."""

    def excused(comparison: Comparison, path: Path) -> bool:
        steps = [edge.step[0] for edge in path if edge.step[0] != "same"]
        if steps not in (["property"], ["property", "item"]) or len(comparison.writer) != 1:
            return False
        sent = without_null(prover.writer, comparison.writer[0])
        return types_of(prover.writer, sent) <= SCALARS and fits_as_text(prover, sent, comparison.reader)

    return excused


def without_null(side: Side, node: Any) -> Any:
    """A schema without `null`, which no text can say; the very same schema where it has none."""
    known = side.valued.get(id(node))
    if known is None:
        # The node is kept beside, so that its id stays its own.
        known = side.valued[id(node)] = (node, _without_null(side, node))
    return known[1]


def _without_null(side: Side, node: Any, depth: int = 0) -> Any:
    view = side.view(node)
    if "$ref" in view and depth < 30:
        target = side.target(view)
        made = _without_null(side, target, depth + 1)
        if set(view) == {"$ref"}:
            return node if made is target else made
    changed: dict[str, Any] = {}
    if isinstance(view.get("type"), list) and "null" in view["type"] and len(view["type"]) > 1:
        changed["type"] = [name for name in view["type"] if name != "null"]
    if "enum" in view and among(None, view["enum"]) and len(view["enum"]) > 1:
        changed["enum"] = [value for value in view["enum"] if value is not None]
    for keyword in ("anyOf", "oneOf"):
        kept = [part for part in view.get(keyword, ()) if side.view(part) != {"type": "null"}]
        if kept and len(kept) < len(view[keyword]):
            changed[keyword] = kept
    if not changed:
        return node
    made = {**view, **changed}
    unions = ("anyOf", "oneOf")
    single = next((made[word] for word in unions if len(made) == 1 and len(made.get(word, ())) == 1), None)
    return made if single is None else _without_null(side, single[0], depth + 1)


# What is said of a value and holds of its text as well; bounds of numbers say nothing of a text, on either side.
TEXTUAL = ("minLength", "maxLength", "pattern", "format", OPAQUE, *NUMBER_RULES)


def fits_as_text(prover: Prover, writer: Any, reader: Any) -> bool:
    """Whether whatever the writer puts here is, once it is written as text, a string that the reader takes."""
    view = prover.writer.view(writer)
    while "$ref" in view:
        view = prover.writer.view(prover.writer.target(view))
    # What an array is made of is text as well, and so is the comma between.
    limits = {} if view.get("type") == "array" else {key: view[key] for key in TEXTUAL if key in view}
    return prover.compare(({"type": "string", **limits},), reader).holds()


def told_apart(sent: frozenset[str], read: frozenset[str]) -> frozenset[str]:
    """The types that a document told apart from texts, and that would now be read as texts."""
    return sent - read - {"null", "array", "object"} if "string" in sent & read else frozenset()


def few(prover: Prover, writer: Any) -> list[Any]:
    """Every value that a writer has, when it has a list of them; otherwise nothing."""
    try:
        found = shapes(prover.writer, (writer,))
    except TooManyBranchesError:
        return []
    if not all(shape.enums for shape in found):
        return []
    return [value for shape in found for value in shape.enums[0] if prover.judge.allows((writer,), value)]
