"""Finds the operation of a request, and the collections that the paths describe."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from contract.openapi.document import Document, Operation

_NAME = re.compile(r"\{([^{}]*)\}")


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
    """Matches literal segments before named ones (OpenAPI, Paths Object), with or without the path of a server."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._operations: dict[str, dict[str, Operation]] = {}
        for one in document.operations():
            self._operations.setdefault(one.path, {})[one.method.lower()] = one
        self._patterns = {path: re.compile(_pattern(path)) for path in self._operations}
        self.paths = sorted(self._patterns, key=lambda path: (path.count("{"), path))
        self._bases = _bases(document)
        self._items: dict[str, str] = {}
        for path in self.paths:
            collection, _, last = path.rpartition("/")
            if _NAME.fullmatch(last):
                self._items.setdefault(collection, path)

    def find(self, method: str, path: str) -> tuple[Route | None, list[str]]:
        """The route, and the methods that the path has; both empty when there is no such path."""
        for base in self._bases:
            if path.startswith(base):
                route, methods = self._find(method, path[len(base) :])
                if methods:
                    return route, methods
        return None, []

    def _find(self, method: str, path: str) -> tuple[Route | None, list[str]]:
        methods: set[str] = set()
        for template in self.paths:
            match = self._patterns[template].fullmatch(path)
            if match:
                here = self._operations[template]
                values = dict(zip(_NAME.findall(template), map(unquote, match.groups()), strict=True))
                found = here.get(method) or (here.get("get") if method == "head" else None)
                if found:
                    return Route(found, values), sorted(name.upper() for name in here)
                methods |= {name.upper() for name in here}
        return None, sorted(methods)

    def item_of(self, collection: str) -> str | None:
        """The path of one resource in a collection: `/products/{product_id}` for `/products`."""
        return self._items.get(collection)

    def at(self, template: str) -> dict[str, Operation]:
        """The operations of a path, by method."""
        return self._operations.get(template, {})


def _bases(document: Document) -> list[str]:
    """What may stand before a path: nothing, and the paths of the servers."""
    servers = [server for server in document.data.get("servers") or () if isinstance(server, dict)]
    paths = {urlsplit(_NAME.sub("x", str(server.get("url", "")))).path.rstrip("/") for server in servers}
    return ["", *sorted(paths - {""})]


def _pattern(template: str) -> str:
    """A path as a regular expression; what stands behind `?` or `#` in it is no path."""
    path = re.split(r"[?#]", template)[0]
    parts = _NAME.split(path)
    return "".join(re.escape(part) if index % 2 == 0 else "([^/]+?)" for index, part in enumerate(parts)) + (
        "()" * (len(_NAME.findall(template)) - len(parts) // 2)
    )


def is_item(template: str) -> bool:
    """Whether a path ends in a name: it is one resource of a collection."""
    return _NAME.fullmatch(template.rpartition("/")[2]) is not None


def expand(template: str, values: dict[str, str]) -> str:
    """A path with its values; names that have none stay as they are."""
    return _NAME.sub(lambda match: values.get(match[1], match[0]), template)


def declared(document: Document, operation: Operation, status: int) -> dict[str, Any] | None:
    """The response of a status: its own, that of its range, the default one; None when there is none."""
    responses = {str(key).upper(): raw for key, raw in (operation.data.get("responses") or {}).items()}
    for key in (str(status), f"{status // 100}XX", "DEFAULT"):
        if key in responses:
            return document.resolve(responses[key])
    return None


def success(document: Document, operation: Operation) -> tuple[int, dict[str, Any]]:
    """The first status of success, else of a redirection or the default one, with its response."""
    responses = {str(key).upper(): raw for key, raw in (operation.data.get("responses") or {}).items()}
    for status in sorted(responses, key=lambda key: (key[0] != "2", key)):
        if status[0] in "23":
            return int(status.replace("XX", "00")), document.resolve(responses[status])
    if "DEFAULT" in responses or not responses:
        return 200, document.resolve(responses.get("DEFAULT"))
    first = min(responses)
    return int(first.replace("XX", "00")), document.resolve(responses[first])


def is_json(media_type: str) -> bool:
    """Whether a body of this media type is JSON (RFC 6839, section 3.1)."""
    kind = media_type.split(";")[0].strip().lower()
    return kind.endswith(("/json", "+json")) or kind in ("*/*", "application/*")


def schema_of(response: dict[str, Any]) -> Any:
    """The schema of a JSON body; None when there is none."""
    for media_type, entry in (response.get("content") or {}).items():
        if is_json(media_type):
            return entry.get("schema", True)
    return None
