"""Texts that pages make from names, because the contract has no title for them.

Standard library only.
"""

from collections.abc import Iterator
from typing import Any

from contract.annotations import merged
from contract.document import Document
from contract.structs import answer_schemas, request_schemas


def untitled(document: Document) -> dict[str, None]:
    """Return ``Schema.property`` and ``Schema: value`` of each, in the order of the document."""
    shown = request_schemas(document) | answer_schemas(document)
    return dict.fromkeys(
        text
        for name in document.schemas
        if name in shown
        for text in _untitled(name, document.schemas[name], document)
    )


def new_texts(before: Document, after: Document) -> str:
    """Return a note of the texts that a pin brings and that nobody wrote; else nothing."""
    known = untitled(before)
    new = ", ".join(text for text in untitled(after) if text not in known)
    return f"note: pages make these texts from their names: {new}\n" if new else ""


def _untitled(name: str, schema: Any, document: Document) -> Iterator[str]:
    schema = merged(document, schema)
    for value in schema.get("enum", ()):
        if isinstance(value, str):
            yield f"{name}: {value}"
    for key, prop in schema.get("properties", {}).items():
        resolved = merged(document, prop)
        if not resolved.get("title"):
            yield f"{name}.{key}"
        if "$ref" not in str(prop):
            yield from (
                f"{name}.{key}: {v}" for v in resolved.get("enum", ()) if isinstance(v, str)
            )
