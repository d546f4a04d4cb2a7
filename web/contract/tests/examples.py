"""An example body of a schema of a contract: its own examples, and the simplest value elsewhere.

Tests write only what they are about; the rest, and what a later release adds, comes from here.
"""

import re
from typing import Any, TypeVar

import msgspec

from contract.document import Document, Json, pinned

T = TypeVar("T")

TEXTS = ("text", "Text", "TEXT", "T1", "A-1", "abc", "a", "A", "1", "12", "12345678", "0.50")
FORMATS = {
    "date": "2026-11-23",
    "date-time": "2026-11-23T08:30:00Z",
    "time": "08:30:00Z",
    "uuid": "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "duration": "PT1H",
}


def body(name: str, /, **changes: Any) -> Any:
    """Return an example of a schema of the pinned contract, with these values in it."""
    return complete(pinned(), pinned().schemas[name], changes)


def made(model: type[T], /, **changes: Any) -> T:
    """Return an example as the client reads it."""
    return msgspec.convert(body(model.__name__, **changes), model)


def complete(document: Document, schema: Json, value: Any) -> Any:
    """Return what was written, with an example of what it lacks of an object, at every depth."""
    schema = document.resolve(schema)
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        written = {
            name: complete(document, properties.get(name, {}), each) for name, each in value.items()
        }
        return example(document, schema) | written
    options = [document.resolve(one) for one in schema.get("anyOf") or schema.get("oneOf") or ()]
    objects = [one for one in options if "properties" in one]
    if isinstance(value, dict) and objects:
        # The shape that has the names that were written; else the first.
        fitting = [one for one in objects if value.keys() <= one["properties"].keys()]
        return complete(document, (fitting or objects)[0], value)
    if isinstance(value, list):
        return [complete(document, schema.get("items", {}), each) for each in value]
    return value


def example(document: Document, schema: Json, within: tuple[str, ...] = ()) -> Any:
    """Return a value that the schema allows; an object has every property, a list is short."""
    if (name := schema.get("$ref")) is not None:
        within = (*within, name)
    schema = document.resolve(schema)
    if "properties" in schema:
        required = schema.get("required", ())
        return {
            name: example(document, prop, within)
            for name, prop in schema["properties"].items()
            if name in required or prop.get("$ref") not in within
        }
    for known in ("examples", "enum"):
        if values := [value for value in schema.get(known, ()) if value is not None]:
            return values[0]
    if "const" in schema:
        return schema["const"]
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return _first(document, schema[union], within)
    kinds = schema.get("type", "string")
    return _plain(document, schema, kinds if isinstance(kinds, str) else kinds[0], within)


def _first(document: Document, options: list[Json], within: tuple[str, ...]) -> Any:
    """Return an example of the first shape that is not null, nor what we are within already."""
    shapes = [option for option in options if option.get("type") != "null"]
    new = [shape for shape in shapes if shape.get("$ref") not in within]
    null = len(shapes) < len(options) or not shapes
    return None if null and not new else example(document, (new or shapes)[0], within)


def _plain(document: Document, schema: Json, kind: str, within: tuple[str, ...]) -> Any:
    match kind:
        case "string":
            return _text(schema)
        case "integer" | "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            return min(low, schema.get("maximum", low))
        case "array":
            least = schema.get("minItems", 0)
            return [example(document, schema.get("items", {}), within) for _ in range(least)]
    return {"boolean": True, "object": {}, "null": None}[kind]


def _text(schema: Json) -> str:
    if "format" in schema:
        return FORMATS.get(schema["format"], "text")
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    for text in TEXTS:
        fitting = (text * (least or 1))[: max(least, len(text))][:most]
        if re.search(schema.get("pattern", ""), fitting):
            return fitting
    raise AssertionError(f"no text comes to mind for {schema}: give it an example")
