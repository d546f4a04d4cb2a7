"""The mock's memory: resources by their path, each with a version."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from contract.mock.problems import Problem


@dataclass
class Resource:
    """A resource as it is now; `version` is what its ETag says."""

    body: dict[str, Any]
    version: int = 1

    @property
    def etag(self) -> str:
        """A strong validator (RFC 9110 section 8.8.3)."""
        return f'"{self.version}"'

    def change(self, fields: dict[str, Any], stamp: str) -> None:
        """Set fields; the version and the time of change are updated."""
        self.version += 1
        self.body.update(fields)
        for name, value in (("version", self.version), ("updated_at", stamp)):
            if name in self.body:
                self.body[name] = value


@dataclass
class Store:
    """Collections by their path, each in the order of creation."""

    collections: dict[str, dict[str, Resource]] = field(default_factory=dict)

    def all(self, collection: str) -> dict[str, Resource]:
        """The resources of a collection, by id; empty when nothing was put there."""
        return self.collections.setdefault(collection, {})

    def get(self, collection: str, name: str) -> Resource:
        """One resource; raises Problem 404."""
        resources = self.all(collection)
        if name not in resources:
            raise Problem(404, f"There is nothing at {collection}/{name}.")
        return resources[name]


def select(resources: list[dict[str, Any]], query: dict[str, Any]) -> list[dict[str, Any]]:
    """Filter by fields of the same name, search with `q`, order by `sort`."""
    for name, value in query.items():
        if name == "q":
            words = [str(word).casefold() for word in (value if isinstance(value, list) else [value])]
            resources = [one for one in resources if any(word in _texts(one) for word in words)]
        elif any(name in one for one in resources):
            wanted = value if isinstance(value, list) else [value]
            resources = [one for one in resources if one.get(name) in wanted]
    order = query.get("sort")
    if isinstance(order, str):
        key = order.lstrip("-")
        resources = sorted(resources, key=lambda one: _rank(one.get(key)), reverse=order.startswith("-"))
    return resources


def _texts(resource: dict[str, Any]) -> str:
    return "\0".join(str(value).casefold() for value in resource.values())


def _rank(value: Any) -> tuple[bool, float, str]:
    number = value if isinstance(value, int | float) else 0
    return value is None, number, "" if number else json.dumps(value).casefold()


def page(resources: list[Any], query: dict[str, Any], limit: int) -> tuple[list[Any], str | None, str | None]:
    """A part of a list, with the cursors of the next and the previous one; raises Problem for a foreign cursor."""
    start = _position(query.get("cursor"))
    following = _cursor(start + limit) if start + limit < len(resources) else None
    return (
        resources[start : start + limit],
        following,
        _cursor(max(0, start - limit)) if start else None,
    )


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"from {position}".encode()).decode().rstrip("=")


def _position(cursor: Any) -> int:
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(str(cursor) + "=" * (-len(str(cursor)) % 4)).decode()
        return int(text.removeprefix("from "))
    except (ValueError, binascii.Error):
        error = {
            "pointer": "#/query/cursor",
            "code": "invalid",
            "detail": "this cursor is not one of ours",
        }
        raise Problem(422, "The cursor is not one of ours.", [error]) from None
