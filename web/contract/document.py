"""Reading a contract: schemas, operations, what they demand. Standard library only."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).resolve().parent.parent / "contract.json"
METHODS = ("get", "post", "put", "patch", "delete")

Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    spec: Json

    @property
    def id(self) -> str:
        """Return the operationId, which is also the name of the generated function."""
        return str(self.spec["operationId"])

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
        self.schemas: dict[str, Json] = raw.get("components", {}).get("schemas", {})

    @property
    def version(self) -> str:
        """Return the release, e.g. ``1.0.0``."""
        return str(self.raw["info"]["version"])

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Return every operation by its id, in the order of the document."""
        return {operation.id: operation for operation in self._read_operations()}

    def _read_operations(self) -> Iterator[Operation]:
        for path, item in self.raw["paths"].items():
            shared = item.get("parameters", [])
            for method in METHODS:
                if method in item:
                    spec = item[method]
                    parameters = [self.resolve(p) for p in [*shared, *spec.get("parameters", [])]]
                    yield Operation(method.upper(), path, spec | {"parameters": parameters})

    def resolve(self, node: Json) -> Json:
        """Follow a ``$ref``; keywords beside it (a description) replace those of the target."""
        if "$ref" not in node:
            return node
        target: Any = self.raw
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        return self.resolve(target) | {k: v for k, v in node.items() if k != "$ref"}


@lru_cache(maxsize=1)
def pinned() -> Document:
    """Return contract.json, the release that this UI is made for."""
    return Document(json.loads(PATH.read_text(encoding="utf-8")))
