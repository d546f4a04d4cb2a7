"""Every SELECT of stock movements."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from app.database.read_pool import Reader
from app.http.listings import Filter, Sort, list_table
from app.http.page_query import PageQuery
from app.resources.stock.models import StockMovement

COLUMNS = StockMovement.__table__.columns
OF_PRODUCT = StockMovement.product_id == bindparam("product_id")
BY_ID = select(*COLUMNS).where(OF_PRODUCT, StockMovement.id == bindparam("id"))


async def get_movement(reader: Reader, product_id: UUID, movement_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(BY_ID, {"product_id": product_id, "id": movement_id})


LISTING = list_table(
    StockMovement,
    PageQuery,
    sorts={"created_at": Sort(StockMovement.created_at)},
    filters={"product_id": Filter(OF_PRODUCT)},
    fixed=["product_id"],
)
