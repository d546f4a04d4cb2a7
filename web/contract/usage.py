"""``usage.json``: what one consumer sends and reads of an API.

A path has ``.`` before a field inside and ``[]`` after a list: ``items[].price.currency``. It means
itself and all below it; only leaves are written. ``?`` ends what is not in every request.
The format is in usage.schema.json. Standard library only.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contract.annotations import merged
from contract.document import PATH, Document, Json

USAGE = PATH.with_name("usage.json")
SCHEMA = USAGE.with_name("usage.schema.json")
FORMAT = 1
DEPTH = 5  # levels of a schema that refers to itself


def without_indexes(path: str) -> str:
    """Return ``items[].sizes.*.id`` for ``items[3].sizes["XL"].id``."""
    return re.sub(r"\[\d+\]", "[]", re.sub(r'\["[^]]*"\]', ".*", path))


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every field of a JSON value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            yield below
            yield from paths(inner, below)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{path}[]")


def schema_paths(
    document: Document, schema: Json | bool, path: str = "", depth: int = 0
) -> Iterator[str]:
    """Yield the path of every field that a schema allows."""
    schema = merged(document, schema)
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from schema_paths(document, option, path, depth)
    if depth < DEPTH:
        values = schema.get("additionalProperties")
        if path and isinstance(values, dict):
            yield f"{path}.*"
            yield from schema_paths(document, values, f"{path}.*", depth + 1)
        if "items" in schema:
            yield from schema_paths(document, schema["items"], f"{path}[]", depth + 1)
        for name, prop in schema.get("properties", {}).items():
            below = f"{path}.{name}" if path else name
            yield below
            yield from schema_paths(document, prop, below, depth + 1)


def is_below(path: str, other: str) -> bool:
    """Tell whether one path lies inside another."""
    return path.startswith((f"{other}.", f"{other}[]"))


def leaves(found: Iterable[str]) -> list[str]:
    """Return the paths that have none of the others inside, in order."""
    known = set(found)
    return sorted(one for one in known if not any(is_below(other, one) for other in known))


def marked(names: Iterable[str], requests: list[set[str]]) -> list[str]:
    """Return the names, with ``?`` after each that some request was without, or that none had."""
    always = set.intersection(*requests) if requests else set()
    return sorted(name if name in always else f"{name}?" for name in names)


def text(
    consumer: str,
    document: Document,
    operations: Mapping[str, Mapping[str, Any]],
    refusals: Iterable[str],
) -> str:
    """Return the file: sorted, one list a line, the same bytes for the same usage."""
    usage = {
        "usage": FORMAT,
        "consumer": consumer,
        "api": document.raw["info"]["title"],
        "contract": document.version,
        "refusals": leaves(refusals),
        "operations": dict(sorted(operations.items())),
    }
    return layout(usage) + "\n"


def layout(node: Any, indent: str = "") -> str:
    """Return JSON with an object over several lines and a list on one; empty ones are left out."""
    if not isinstance(node, dict):
        return json.dumps(node, ensure_ascii=False)
    deeper = indent + "  "
    rows = [
        f"{deeper}{json.dumps(key)}: {layout(value, deeper)}"
        for key, value in node.items()
        if value not in ([], {}) or key == "operations"
    ]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}" if rows else "{}"
