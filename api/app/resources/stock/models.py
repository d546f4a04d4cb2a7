"""Table ``stock_movements``: append-only; a product's stock is their sum."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database.column_types import UtcDateTime, text_enum
from app.database.constraints import Violation
from app.database.model import Model, new_id, now
from app.types import OpenEnum


class StockReason(OpenEnum):
    """Why the stock changed."""

    RECEIVED = "received"
    SOLD = "sold"
    RETURNED = "returned"
    ADJUSTED = "adjusted"


class StockDirection(OpenEnum):
    """Which way pieces went."""

    IN = "in"
    OUT = "out"


class StockMovement(Model):
    """Pieces that came or went; never updated, never deleted."""

    __tablename__ = "stock_movements"
    __table_args__ = (CheckConstraint("quantity <> 0", name="quantity"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]  # pieces; negative: out
    reason: Mapped[StockReason] = mapped_column(text_enum(StockReason, 16))
    note: Mapped[str] = mapped_column(String(500), default="")
    stock_after: Mapped[int]
    recorded_by: Mapped[str] = mapped_column(String(255))  # the token's subject
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


Index(
    "ix_stock_movements_history",
    StockMovement.product_id,
    StockMovement.created_at,
    StockMovement.id,
)

CONSTRAINTS = {
    "fk_stock_movements_product_id": Violation(
        "#", "unknown", "No such product.", in_use="The product has stock movements; archive it."
    ),
}
