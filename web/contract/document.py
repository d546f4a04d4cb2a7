"""Reading a contract: schemas, operations, what they demand. Standard library only."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from contract.names import Unsupported, distinct, function

PATH = Path(__file__).resolve().parent.parent / "contract.json"
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace", "query")

Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    spec: Json

    @property
    def id(self) -> str:
        """Return the operationId; method and path where the contract gives none."""
        return str(self.spec.get("operationId", f"{self.method.lower()} {self.path}"))

    @property
    def parameters(self) -> list[Json]:
        """Return its parameters, references resolved by Document.operations."""
        return list(self.spec.get("parameters", []))

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes that a token needs."""
        return frozenset(
            s for need in self.spec.get("security", []) for s in need.get("bearer", ())
        )

    def parameter(self, name: str) -> Json | None:
        """Return one parameter, or None when the contract has none of that name."""
        return next((p for p in self.parameters if p["name"].lower() == name.lower()), None)


class Document:
    """An OpenAPI 3.1 document."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw
        self.schemas: dict[str, Json] = (raw.get("components") or {}).get("schemas") or {}

    @property
    def version(self) -> str:
        """Return the release, e.g. ``1.0.0``."""
        return str(self.raw["info"]["version"])

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Return every operation by the name of its function, in the order of the document.

        That name is the operationId, as a Python name. Raises Unsupported.
        """
        found = list(self._read_operations())
        names = distinct((operation.id for operation in found), function)
        if len(names) < len(found):
            twice, _ = Counter(operation.id for operation in found).most_common(1)[0]
            raise Unsupported(f"two operations have the operationId {twice!r}")
        return {names[operation.id]: operation for operation in found}

    def _read_operations(self) -> Iterator[Operation]:
        for path, item in (self.raw.get("paths") or {}).items():
            item = self.resolve(item)
            found = {method.upper(): item[method] for method in METHODS if method in item}
            for method, spec in (found | item.get("additionalOperations", {})).items():
                yield Operation(method, path, self._resolve_parts(item, spec))

    def _resolve_parts(self, item: Json, spec: Json) -> Json:
        """Return an operation's description, references to its parts resolved."""
        listed = [*item.get("parameters", []), *spec.get("parameters", [])]
        resolved = [self.resolve(parameter) for parameter in listed]
        # An operation's own parameter replaces its path's.
        parameters = {(p["name"], p["in"]): p for p in resolved}
        parts: Json = {"parameters": list(parameters.values())}
        if "requestBody" in spec:
            parts["requestBody"] = self.resolve(spec["requestBody"])
        answers = spec.get("responses", {})
        parts["responses"] = {str(code): self.resolve(answers[code]) for code in answers}
        return spec | parts

    def resolve(self, node: Json) -> Json:
        """Follow a ``$ref``; keywords beside it (a description) replace those of the target."""
        beside: Json = {}
        seen: set[str] = set()
        while "$ref" in node:
            beside = {k: v for k, v in node.items() if k != "$ref"} | beside
            if node["$ref"] in seen:
                raise ValueError(f"{node['$ref']!r} refers to itself")
            seen.add(node["$ref"])
            node = self._find(node["$ref"])
        return node | beside if beside else node

    def _find(self, reference: str) -> Json:
        """Return what a reference (RFC 6901, as a fragment) points at."""
        target: Any = self.raw
        start, *parts = reference.split("/")
        try:
            for part in parts:
                name = unquote(part).replace("~1", "/").replace("~0", "~")
                target = target[int(name) if isinstance(target, list) else name]
        except (LookupError, TypeError, ValueError):
            start = ""
        if start != "#" or not isinstance(target, dict):
            raise ValueError(f"{reference!r} is not in this document")
        return target


@lru_cache(maxsize=1)
def pinned() -> Document:
    """Return contract.json, the release that this UI is made for."""
    return Document(json.loads(PATH.read_text(encoding="utf-8")))


def is_json(media: str) -> bool:
    """Tell whether a media type is JSON, or has it as its suffix (RFC 6839)."""
    kind = media.split(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
