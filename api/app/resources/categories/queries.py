"""Every SELECT of categories."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.functions import contains, lower
from app.database.read_pool import Reader
from app.http.listings import Listing, SortOrders
from app.resources.categories.models import Category

COLUMNS = Category.__table__.columns
BY_ID = select(*COLUMNS).where(Category.id == bindparam("id"))


async def get_category(reader: Reader, category_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(BY_ID, {"id": category_id})


async def lock_category(session: AsyncSession, category_id: UUID) -> Category | None:
    """Return the category for a change, or None; others wait until we commit."""
    return await session.get(Category, category_id, with_for_update=True)


LISTING = Listing(
    select=select(*COLUMNS),
    unique=Category.id,
    sorts=SortOrders(name=lower(Category.name), created_at=Category.created_at),
    filters={"q": contains(Category.name, "q")},
)
