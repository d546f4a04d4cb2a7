"""Finds values in an answer that are not of the format that the contract promises.

Formats stay text in the client: checking each would cost every page, and most are only shown.
Where a page breaks over one (a date that is none, an id that fits no address), this tells which
field it was. Knows no Django.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contract.annotations import merged
from contract.document import Document, Json

PARSERS: dict[str, Callable[[str], object]] = {
    "uuid": UUID,
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
}


def misformed(document: Document, operation_id: str, status: int, body: Any) -> Iterator[str]:
    """Yield ``items[0].id is no uuid: 'a'`` for each such value of an answer."""
    operations = [op for op in document.operations.values() if op.id == operation_id]
    for answers in [operation.spec["responses"] for operation in operations]:
        answer = answers.get(str(status)) or answers.get(f"{status // 100}XX", {})
        for media in answer.get("content", {}).values():
            yield from walk(document, media.get("schema", {}), body, "")


def walk(document: Document, schema: Json | bool, value: Any, path: str) -> Iterator[str]:
    """Yield what is not of its format within one value."""
    schema = merged(document, schema)
    kind = str(schema.get("format", ""))
    if isinstance(value, str) and kind in PARSERS and not is_of_format(kind, value):
        yield f"{path} is no {kind}: {value[:40]!r}"
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from walk(document, option, value, path)
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from walk(document, schema.get("items", {}), item, f"{path}[{at}]")
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            yield from walk(document, properties.get(name, others), inner, below)


def is_of_format(kind: str, value: str) -> bool:
    """Tell whether a text is of a format."""
    try:
        PARSERS[kind](value)
    except ValueError:
        return False
    return True
