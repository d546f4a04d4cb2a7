"""What goes over the wire for widgets."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, Field

from app.http.page_query import ORDER, PageQuery, Search
from app.http.pagination import Page
from app.types import Body, Line, Moment, Schema, Text, Version
from tests.widgets.models import Color

Code = Annotated[Line, Field(min_length=1, max_length=64, description="Unique.", examples=["A-1"])]
Name = Annotated[Text, Field(max_length=200, description="Any text.", examples=["Sprocket"])]
MAX_SIZE = 10**9
Size = Annotated[int, Field(strict=True, ge=0, le=MAX_SIZE, description="32 bits.", examples=[3])]
Mass = Annotated[
    int, Field(strict=True, ge=-(10**12), le=10**12, description="64 bits.", examples=[5])
]


class WidgetCreate(Body):
    """A new widget."""

    code: Code
    name: Name = ""
    size: Size = 0
    mass: Mass = 0
    color: Color = Color.RED


class WidgetUpdate(Body):
    """Changes of a widget."""

    code: Code | MISSING = MISSING
    name: Name | MISSING = MISSING
    size: Size | MISSING = MISSING
    mass: Mass | MISSING = MISSING


class WidgetColorUpdate(Body):
    """Another color."""

    color: Color


class WidgetGrowth(Body):
    """How much larger it becomes."""

    by: int = Field(strict=True, ge=1, le=100, description="Added to the size.", examples=[1])


class Widget(Schema):
    """Something to test with."""

    id: UUID = Field(description="UUIDv7.", examples=["01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"])
    code: Code
    name: Name
    size: Size
    mass: Mass
    color: Color
    version: Version
    created_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])
    updated_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])


class WidgetQuery(PageQuery):
    """What narrows and orders the list of widgets."""

    q: Search = None
    color: Color | None = Field(None, description="Only of this color.")
    sort: Annotated[
        Literal[
            "name", "-name", "code", "-code", "size", "-size", "mass", "-mass",
            "created_at", "-created_at",
        ],
        ORDER,
    ] = "name"  # fmt: skip


class WidgetPage(Page[Widget]):
    """Part of the list of widgets."""


def represent(row: Any) -> dict[str, Any]:
    """Return a row as a Widget."""
    return {name: getattr(row, name) for name in Widget.model_fields}
