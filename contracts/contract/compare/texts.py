"""Values that travel as text (parameters, headers): how they are written, and what a reader can make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from contract.schema.gap import Comparison
from contract.schema.prove import Prover
from contract.schema.scalars import NUMBER_RULES
from contract.schema.shape import TooManyBranchesError, shapes
from contract.schema.view import OPAQUE, Side
from contract.values import among
from contract.witness import Excuse, Path

DEFAULT_STYLE = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
SCALARS = frozenset({"integer", "fraction", "boolean", "null", "string"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?$")


def text_of(value: Any) -> str:
    """A scalar as it stands in a URL or a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def readings(value: Any) -> Iterator[Any]:
    """Everything that a reader may take a value for, once it has travelled as text."""
    yield value
    if isinstance(value, list):
        yield [text_of(item) if not isinstance(item, list | dict) else item for item in value]
        yield [_parsed(text_of(item)) if not isinstance(item, list | dict) else item for item in value]
        if len(value) == 1:
            yield from readings(value[0])
    elif isinstance(value, dict):
        yield {key: text_of(inner) if not isinstance(inner, list | dict) else inner for key, inner in value.items()}
        yield {key: _parsed(text_of(inner)) for key, inner in value.items() if not isinstance(inner, list | dict)}
    else:
        yield text_of(value)
        yield _parsed(text_of(value))
        yield [text_of(value)]
        yield [_parsed(text_of(value))]


def _parsed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return (float(text) if re.search(r"[.eE]", text) else int(text)) if _NUMBER.match(text) else text


def refuses(prover: Prover, reader: Any) -> Any:
    """Whether a reader can take a text for nothing that its schema allows. Null is a text that is not sent."""

    def check(value: Any) -> bool:
        if value is None:
            return True
        return not any(prover.reader_judge.allows((reader,), reading) for reading in readings(value))

    return check


def written_as_text(prover: Prover, media_type: str) -> Excuse:
    """Which gaps in a body are none, as its fields travel as text: those of a form."""
    if media_type.split(";")[0].strip().lower() not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return lambda comparison, path: False

    def excused(comparison: Comparison, path: Path) -> bool:
        steps = [edge.step[0] for edge in path if edge.step[0] != "same"]
        if steps not in (["property"], ["property", "item"]) or len(comparison.writer) != 1:
            return False
        sent = valued(prover.writer, comparison.writer[0])
        return kinds(prover.writer, sent) <= SCALARS and fits_as_text(prover, sent, comparison.reader)

    return excused


def valued(side: Side, node: Any) -> Any:
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
    for word in ("anyOf", "oneOf"):
        kept = [part for part in view.get(word, ()) if side.view(part) != {"type": "null"}]
        if kept and len(kept) < len(view[word]):
            changed[word] = kept
    if not changed:
        return node
    made = {**view, **changed}
    single = next((made[word] for word in ("anyOf", "oneOf") if len(made) == 1 and len(made.get(word, ())) == 1), None)
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


def kinds(prover_side: Any, schema: Any) -> frozenset[str]:
    """The types that a schema allows."""
    try:
        return frozenset().union(*(shape.types for shape in shapes(prover_side, (schema,))))
    except TooManyBranchesError:
        return frozenset()


def style_of(parameter: dict[str, Any]) -> tuple[str, bool]:
    """OpenAPI, Parameter Object: `style` depends on the location, `explode` on the style."""
    style = parameter.get("style") or DEFAULT_STYLE.get(parameter.get("in", ""), "simple")
    explode = parameter.get("explode")
    return style, (style == "form") if explode is None else explode is True


def written(parameter: dict[str, Any], value: Any) -> str:
    """A parameter as it stands in a request, for a person to read."""
    name, location = parameter.get("name", ""), parameter.get("in", "")
    style, explode = style_of(parameter)
    text = _joined(name, style, explode, value)
    if location == "query":
        return f"?{text}"
    return f"{name}: {text}" if location == "header" else text


def _joined(name: str, style: str, explode: bool, value: Any) -> str:
    query = style in ("form", "spaceDelimited", "pipeDelimited", "deepObject")
    if isinstance(value, dict):
        if style == "deepObject":
            return "&".join(f"{name}[{key}]={_quoted(inner)}" for key, inner in value.items())
        if explode:
            return ("&" if query else ",").join(f"{key}={_quoted(inner)}" for key, inner in value.items())
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list):
        if explode and query:
            return "&".join(f"{name}={_quoted(item)}" for item in value) or f"{name}="
        mark = {"spaceDelimited": "%20", "pipeDelimited": "|"}.get(style, ",")
        text = mark.join(_quoted(item) for item in value)
    else:
        text = _quoted(value)
    return f"{name}={text}" if query else text


def _quoted(value: Any) -> str:
    return quote(text_of(value) if not isinstance(value, list | dict) else str(value), safe="-_.:/@!$'*+ ,")[:200]
