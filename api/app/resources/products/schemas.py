"""What goes over the wire for products."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from pydantic import MISSING, AfterValidator, Field

from app.http.page_query import ORDER, PageQuery, Search
from app.http.pagination import Page
from app.http.problems import FieldProblem
from app.resources.products.models import MAX_STOCK, ProductStatus
from app.types import Body, Line, Moment, Money, Schema, Text, Version

EXAMPLE_ID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"

Sku = Annotated[
    Line,
    Field(min_length=1, max_length=64, description="Stock keeping unit; unique.",
          examples=["MUG-BLUE"]),
]  # fmt: skip
Name = Annotated[
    Line,
    Field(min_length=1, max_length=200, description="As customers see it.", examples=["Blue mug"]),
]
Description = Annotated[
    Text,
    Field(max_length=4000, description="Plain text for customers.", examples=["Holds 300 ml."]),
]
CategoryId = Annotated[
    UUID | None, Field(description="The shelf on which it stands.", examples=[EXAMPLE_ID])
]
Tag = Annotated[
    str,
    Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", min_length=1, max_length=40, examples=["gift"]),
]
Tags = Annotated[
    list[Tag],
    Field(max_length=20, description="Words to find it by: lower case, digits and dashes."),
    AfterValidator(lambda tags: sorted(set(tags))),
]
Status = Annotated[ProductStatus, Field(description="Where it is in its life.")]
ReadVersion = Annotated[
    Version,
    Field(strict=True, description="The version that was read: fails if it is another by now."),
]


class ProductCreate(Body):
    """A new product."""

    sku: Sku
    name: Name
    description: Description = ""
    price: Money
    category_id: CategoryId = None
    status: Status = ProductStatus.DRAFT
    # FastAPI and pydantic copy a default that is a list, which costs more than to make one.
    tags: Tags = Field(default_factory=list, json_schema_extra={"default": []})


class ProductUpdate(Body):
    """Changes of a product: a field that is left out stays as it is."""

    sku: Sku | MISSING = MISSING
    name: Name | MISSING = MISSING
    description: Description | MISSING = MISSING
    price: Money | MISSING = MISSING
    category_id: CategoryId | MISSING = MISSING
    tags: Tags | MISSING = MISSING


class ProductStatusUpdate(Body):
    """The next step in a product's life."""

    status: Status


class Product(Schema):
    """An article for sale."""

    id: UUID = Field(description="UUIDv7.", examples=[EXAMPLE_ID])
    sku: Sku
    name: Name
    description: Description
    price: Money
    status: Status
    next_statuses: list[ProductStatus] = Field(
        max_length=20, description="The statuses that are allowed from here."
    )
    category_id: CategoryId
    tags: Tags
    stock: int = Field(
        ge=0, le=MAX_STOCK, description="Pieces; changed by stock movements alone.", examples=[12]
    )
    version: Version
    created_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])
    updated_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])


class ProductQuery(PageQuery):
    """What narrows and orders the list of products."""

    q: Search = None
    status: ProductStatus | None = Field(None, description="Only of this status.")
    category_id: UUID | None = Field(None, description="Only of this category.")
    tag: Tag | None = Field(None, description="Only with this tag.")
    sort: Annotated[
        Literal[
            "name", "-name", "sku", "-sku", "price", "-price", "stock", "-stock",
            "created_at", "-created_at",
        ],
        ORDER,
    ] = "name"  # fmt: skip


class ProductPage(Page[Product]):
    """Part of the list of products."""


class ProductUpsert(Body):
    """A product to create or update, found by its SKU: a field that is left out stays as it is.

    In a new product it has the same value as when one is created.
    """

    sku: Sku
    name: Name
    description: Description | MISSING = MISSING
    price: Money
    category_id: CategoryId | MISSING = MISSING
    status: Status | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    version: ReadVersion | MISSING = MISSING


class ProductBatch(Body):
    """Products to create or update, found by their SKU."""

    items: list[ProductUpsert] = Field(min_length=1, max_length=500)


class ProductOutcome(Schema):
    """What became of one item of a batch."""

    sku: Sku
    outcome: Literal["created", "updated", "unchanged", "failed"] = Field(
        description="What was done.", json_schema_extra={"x-extensible-enum": True}
    )
    id: UUID | None = Field(description="The product, unless it failed.", examples=[EXAMPLE_ID])
    errors: list[FieldProblem] = Field(
        max_length=100, description="Why it failed; pointers begin at the batch."
    )
    current: Product | None = Field(
        description="What the product is now, if it failed because of its `version`."
    )


class ProductBatchResult(Schema):
    """The outcomes, in the order of the batch."""

    items: list[ProductOutcome] = Field(max_length=500)


def represent(row: Any) -> dict[str, Any]:
    """Return a row as a Product; what the database holds is not validated again."""
    return {
        "id": row.id,
        "sku": row.sku,
        "name": row.name,
        "description": row.description,
        "price": {"amount_minor": row.price_minor, "currency": row.currency},
        "status": row.status,
        "next_statuses": row.status.next,
        "category_id": row.category_id,
        "tags": row.tags,
        "stock": row.stock,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def represent_batch(
    items: Sequence[ProductUpsert], outcomes: Sequence[Any], may_read: bool
) -> dict[str, Any]:
    """Return the outcomes of a batch as a ProductBatchResult; ``current`` for who may read."""
    return {
        "items": [
            {
                "sku": item.sku,
                "outcome": outcome.outcome,
                "id": outcome.id,
                "errors": [
                    {"pointer": f"#/items/{number}/{field}", "code": code, "detail": detail}
                    for field, code, detail in outcome.errors
                ],
                "current": represent(outcome.current) if outcome.current and may_read else None,
            }
            for number, (item, outcome) in enumerate(zip(items, outcomes, strict=True))
        ]
    }


def hide_current(body: bytes) -> bytes:
    """Return an encoded ProductBatchResult without what the products are now."""
    batch = msgspec.json.decode(body)
    for item in batch["items"]:
        item["current"] = None
    return msgspec.json.encode(batch)
