"""Finds the operation of a request, and the collections that the paths describe."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from contract.openapi.document import Document, Operation


@dataclass(frozen=True)
class Route:
    """An operation with the values that stand in its path."""

    operation: Operation
    values: dict[str, str] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The path as the contract writes it."""
        return self.operation.path


class Routes:
    """Matches literal segments before named ones (OpenAPI, Paths Object)."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._operations = list(document.operations())
        self._patterns = {one.path: re.compile(_pattern(one.path)) for one in self._operations}
        self.paths = sorted(self._patterns, key=lambda path: (path.count("{"), path))

    def find(self, method: str, path: str) -> tuple[Route | None, list[str]]:
        """The route, and the methods that the path has; both empty when there is no such path."""
        for template in self.paths:
            match = self._patterns[template].fullmatch(path)
            if match:
                here = {one.method: one for one in self._operations if one.path == template}
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                route = Route(here[method], values) if method in here else None
                return route, sorted(name.upper() for name in here)
        return None, []

    def item_of(self, collection: str) -> str | None:
        """The path of one resource in a collection: `/products/{product_id}` for `/products`."""
        return next(
            (path for path in self.paths if re.fullmatch(re.escape(collection) + r"/\{[^}]+\}", path)),
            None,
        )


def _pattern(template: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))


def expand(template: str, values: dict[str, str]) -> str:
    """A path with its values; names that have none stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), template)


def success(document: Document, operation: Operation) -> tuple[int, dict[str, Any]]:
    """The first status of success, with its response."""
    for status, raw in sorted((operation.data.get("responses") or {}).items()):
        if str(status).startswith("2"):
            return int(str(status).upper().replace("XX", "00")), document.resolve(raw)
    return 200, {}


def schema_of(response: dict[str, Any]) -> Any:
    """The schema of a JSON body; None when there is none."""
    for media_type, entry in (response.get("content") or {}).items():
        if "json" in media_type:
            return entry.get("schema", True)
    return None
