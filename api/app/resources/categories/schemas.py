"""What goes over the wire for categories."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, Field

from app.http.page_query import ORDER, PageQuery, Search
from app.http.pagination import Page
from app.types import Body, Line, Moment, Schema, Text, Version

Name = Annotated[
    Line,
    Field(min_length=1, max_length=120, description="Name; unique.", examples=["Kitchen"]),
]
Description = Annotated[
    Text,
    Field(max_length=2000, description="What belongs here.", examples=["Pots, pans and knives."]),
]


class CategoryCreate(Body):
    """A new category."""

    name: Name
    description: Description = ""


class CategoryUpdate(Body):
    """Changes of a category: a field that is left out stays as it is."""

    name: Name | MISSING = MISSING
    description: Description | MISSING = MISSING


class Category(Schema):
    """A shelf for products."""

    id: UUID = Field(description="UUIDv7.", examples=["01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"])
    name: Name
    description: Description
    version: Version
    created_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])
    updated_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])


class CategoryQuery(PageQuery):
    """What narrows and orders the list of categories."""

    q: Search = None
    sort: Annotated[Literal["name", "-name", "created_at", "-created_at"], ORDER] = "name"


class CategoryPage(Page[Category]):
    """Part of the list of categories."""


def represent(row: Any) -> dict[str, Any]:
    """Return a row as a Category; what the database holds is not validated again."""
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
