"""What goes over the wire for stock movements."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.http.pagination import Page
from app.resources.products.models import MAX_STOCK
from app.resources.stock.models import StockDirection, StockReason
from app.types import Body, Moment, Schema, Text

MAX_QUANTITY = 10**6
EXAMPLE_ID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"


def _not_zero(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("zero", "Quantity must not be 0")
    return value


Pieces = Annotated[
    int, Field(strict=True, ge=1, le=MAX_QUANTITY, description="Number of pieces.", examples=[12])
]
Direction = Annotated[StockDirection, Field(description="Whether the pieces came or went.")]
# Until that day: the pieces, negative if they went, whatever the reason.
UNTIL = {"deprecated": True, "x-sunset": "2027-12-31"}
Quantity = Annotated[
    int,
    Field(strict=True, ge=-MAX_QUANTITY, le=MAX_QUANTITY, description="Pieces; negative: out.",
          examples=[12]),
    AfterValidator(_not_zero),
    Field(json_schema_extra={"not": {"const": 0}} | UNTIL),
]  # fmt: skip
Reason = Annotated[StockReason, Field(description="Why the stock changed.")]
Note = Annotated[Text, Field(max_length=500, description="For colleagues.", examples=["Box wet."])]


class StockMovementCreate(Body):
    """Pieces that came or went: `pieces`, or until its end `quantity`."""

    # Within `allOf`: some generators of clients drop the fields beside `anyOf`.
    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [{"anyOf": [{"required": ["pieces"]}, {"required": ["quantity"]}]}]
        }
    )

    pieces: Pieces | MISSING = MISSING
    reason: Reason
    direction: Annotated[
        Direction | MISSING,
        Field(
            description="Of an adjustment: whether the pieces came or went; other reasons say it."
        ),
    ] = MISSING
    quantity: Annotated[
        Quantity | MISSING, Field(description="Pieces; negative: out. Ignored beside `pieces`.")
    ] = MISSING
    note: Note = ""


class StockMovement(Schema):
    """Pieces that came or went; it never changes."""

    id: UUID = Field(description="UUIDv7.", examples=[EXAMPLE_ID])
    product_id: UUID = Field(description="The product.", examples=[EXAMPLE_ID])
    pieces: Pieces
    direction: Direction
    quantity: Quantity
    reason: Reason
    note: Note
    stock_after: int = Field(
        ge=0, le=MAX_STOCK, description="The product's stock after it.", examples=[24]
    )
    recorded_by: str = Field(
        max_length=255, description="Subject of the caller who recorded it.", examples=["42"]
    )
    created_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])


class StockMovementPage(Page[StockMovement]):
    """Part of a product's stock movements."""


def represent(row: Any) -> dict[str, Any]:
    """Return a row as a StockMovement; what the database holds is not validated again."""
    return {
        "id": row.id,
        "product_id": row.product_id,
        "pieces": abs(row.quantity),
        "direction": StockDirection.IN if row.quantity > 0 else StockDirection.OUT,
        "quantity": row.quantity,
        "reason": row.reason,
        "note": row.note,
        "stock_after": row.stock_after,
        "recorded_by": row.recorded_by,
        "created_at": row.created_at,
    }
