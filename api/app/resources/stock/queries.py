"""Every SELECT of stock movements."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select

from app.core.pagination import Listing
from app.core.reader import Reader
from app.resources.stock.models import StockMovement

COLUMNS = StockMovement.__table__.columns
OF_PRODUCT = select(*COLUMNS).where(StockMovement.product_id == bindparam("product_id"))
BY_ID = OF_PRODUCT.where(StockMovement.id == bindparam("id"))


async def get_movement(reader: Reader, product_id: UUID, movement_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(BY_ID, {"product_id": product_id, "id": movement_id})


def select_movements(_: frozenset[str]) -> Select[Any]:
    """Return the SELECT of a product's movements."""
    return OF_PRODUCT


LISTING = Listing(
    select=select_movements,
    sorts={"created_at": StockMovement.created_at},
    unique=StockMovement.id,
)
