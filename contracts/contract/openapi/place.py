"""Where in a document something is: an operation, a part of it, and the way to a field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

# The way to a field: names of properties, "[]" for an item, "*" for any other property, "(name)" for a property's name.
Path = tuple[str, ...]


class Part(StrEnum):
    """The part of a document that a difference is in."""

    DOCUMENT = "document"
    OPERATION = "operation"
    SERVERS = "servers"
    SECURITY = "security"
    PARAMETER = "parameter"
    BODY = "body"
    RESPONSE = "response"
    HEADER = "header"
    LINK = "link"
    CALLBACK = "callback"


@dataclass(frozen=True)
class Place:
    """An operation (METHOD and path; empty for the whole document), and the part of it.

    `name` is that of the parameter, header, link or callback; `location` is a parameter's `in`; `media_type` is empty
    where a body has only one; `each_item` is said of a stream (OpenAPI 3.2, `itemSchema`).
    """

    operation: str = ""
    operation_id: str = ""
    part: Part = Part.OPERATION
    name: str = ""
    location: str = ""
    status: str = ""
    media_type: str = ""
    each_item: bool = False

    def at(self, part: Part, name: str = "", location: str = "", status: str = "") -> Place:
        """Another part of the same operation."""
        return Place(self.operation, self.operation_id, part, name, location, status)

    @property
    def where(self) -> str:
        """The part as a person reads it; empty for the operation itself."""
        text = {
            Part.DOCUMENT: self.name,
            Part.OPERATION: "",
            Part.SERVERS: "servers",
            Part.SECURITY: "security",
            Part.PARAMETER: f"{self.location} parameter {self.name}",
            Part.BODY: "request body",
            Part.RESPONSE: f"{self.status} response",
            Part.HEADER: f"{self.status} response, header {self.name}",
            Part.LINK: f"{self.status} response, link {self.name}",
            Part.CALLBACK: f"callback {self.name}",
        }[self.part]
        media_type = f" {self.media_type}" if self.media_type else ""
        return f"{text}{media_type}{', each item' if self.each_item else ''}"

    def within(self, other: Place) -> bool:
        """Whether this is the same part of any operation, or one media type of it. Header names ignore case."""
        return _key(self) == _key(other)

    def matches(self, other: Place) -> bool:
        """Whether this is the same part of any operation, media type included."""
        return self.within(other) and (self.media_type, self.each_item) == (other.media_type, other.each_item)

    def whole(self) -> Place:
        """The same part whatever its media type."""
        return replace(self, media_type="")


# The whole of any operation.
ANYWHERE = Place()


def _key(place: Place) -> tuple[str, ...]:
    ignores_case = place.part is Part.HEADER or place.location == "header"
    name = place.name.lower() if ignores_case else place.name
    return place.part, name, place.location, place.status.upper()


def format_path(path: Path) -> str:
    """A way to a field as `price.amount_minor` or `items[].sku`."""
    text = ""
    for step in path:
        text += step if step == "[]" else f".{step}"
    return text.removeprefix(".")
