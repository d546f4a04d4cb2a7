"""What goes over the wire for statistics."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.resources.products.models import ProductStatus
from app.resources.products.schemas import Name, Sku
from app.types import Currency, Moment, Schema

MAX_AMOUNT = 2**63 - 1
Count = Annotated[int, Field(ge=0, le=2**53 - 1, description="How many.", examples=[42])]


class StatusCount(Schema):
    """Products of one status."""

    status: ProductStatus = Field(description="The status.")
    count: Count


class CategoryCount(Schema):
    """Products of one category, or of none."""

    category_id: UUID | None = Field(
        description="The category, or null.", examples=["01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"]
    )
    name: str = Field(max_length=120, description="Its name, or nothing.", examples=["Kitchen"])
    count: Count


class LowStock(Schema):
    """An active product of which few are left."""

    id: UUID = Field(description="UUIDv7.", examples=["01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"])
    sku: Sku
    name: Name
    stock: Count


class StockValue(Schema):
    """What the stock is worth in one currency, at its prices."""

    currency: Currency = Field(description="ISO 4217 code.")
    amount_minor: int = Field(
        ge=0,
        le=MAX_AMOUNT,
        description="Sum of price times stock, in minor units; "
        "9223372036854775807 if it is that much or more.",
        examples=[199900],
    )
    exact_amount_minor: str = Field(
        pattern="^(0|[1-9][0-9]*)$",
        max_length=40,
        description="The same in decimal digits, exact however large it is.",
        examples=["199900"],
    )


class DayOfMovements(Schema):
    """Pieces that came and went on one day."""

    day: date = Field(description="The day, in UTC.", examples=["2026-11-23"])
    pieces_in: Count
    pieces_out: Count


class Statistics(Schema):
    """The shop at a glance."""

    products: list[StatusCount] = Field(max_length=20, description="Products by status.")
    categories: list[CategoryCount] = Field(
        max_length=100, description="Products by category, the 100 largest, those without at last."
    )
    stock_values: list[StockValue] = Field(
        max_length=200, description="Worth of the stock by currency."
    )
    out_of_stock_count: Count = Field(description="Active products of which there are none left.")
    lowest_stock: list[LowStock] = Field(
        max_length=10, description="The active products of which the fewest are left."
    )
    movements: list[DayOfMovements] = Field(
        max_length=31, description="The last 30 days that had movements, oldest first."
    )
    computed_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])
