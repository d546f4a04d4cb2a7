"""What goes over the wire for statistics."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.core.types import Currency, Schema
from app.resources.products.models import ProductStatus

Count = Annotated[int, Field(ge=0, le=2**53 - 1, description="How many.", examples=[42])]


class StatusCount(Schema):
    """Products of one status."""

    status: ProductStatus = Field(description="The status.")
    count: Count


class StockValue(Schema):
    """What the stock is worth in one currency, at its prices."""

    currency: Currency = Field(description="ISO 4217 code.")
    amount_minor: int = Field(
        ge=0,
        le=2**63 - 1,
        description="Sum of price times stock, in minor units.",
        examples=[199900],
    )


class DayOfMovements(Schema):
    """Pieces that came and went on one day."""

    day: date = Field(description="The day, in UTC.", examples=["2026-11-23"])
    pieces_in: Count
    pieces_out: Count


class Statistics(Schema):
    """The shop at a glance."""

    products: list[StatusCount] = Field(max_length=20, description="Products by status.")
    stock_values: list[StockValue] = Field(
        max_length=200, description="Worth of the stock by currency."
    )
    out_of_stock_count: Count = Field(description="Active products of which there are none left.")
    movements: list[DayOfMovements] = Field(
        max_length=31, description="The last 30 days that had movements, oldest first."
    )
    computed_at: datetime = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])
