"""Every SELECT of products, and the statements that change many."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, bindparam, delete, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.functions import contains, lower
from app.database.read_pool import Reader
from app.http.listings import Listing, SortOrders
from app.resources.categories.models import Category
from app.resources.products.models import Product

COLUMNS = Product.__table__.columns
BY_ID = select(*COLUMNS).where(Product.id == bindparam("id"))
TABLE: Any = Product.__table__
CHANGING = ("name", "description", "price_minor", "currency", "category_id", "status", "tags")
CHANGE = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("id_"))
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
    .values(version=TABLE.c.version + 1)
)


async def get_product(reader: Reader, product_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(BY_ID, {"id": product_id})


async def lock_product(session: AsyncSession, product_id: UUID) -> Product | None:
    """Return the product for a change, or None; others wait until we commit.

    Those who only refer to it do not: its key stays.
    """
    return await session.get(Product, product_id, with_for_update={"key_share": True})


async def find_products(session: AsyncSession, skus: Collection[str]) -> dict[str, Row[Any]]:
    """Return those that exist, by SKU."""
    rows = await session.execute(select(*COLUMNS).where(Product.sku.in_(skus)))
    return {row.sku: row for row in rows}


async def change_products(session: AsyncSession, changes: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Give each product new values of the columns ``CHANGING``; the caller has locked them."""
    if changes:
        rows = [
            {"id_": product_id} | {f"new_{name}": value for name, value in values.items()}
            for product_id, values in changes.items()
        ]
        await session.execute(CHANGE, rows)


async def delete_products(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Delete products that nothing refers to."""
    if ids:
        await session.execute(delete(TABLE).where(TABLE.c.id.in_(ids)))


async def lock_categories(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those that exist; none of them is deleted until we commit."""
    statement = select(Category.id).where(Category.id.in_(ids)).order_by(Category.id)
    return set(await session.scalars(statement.with_for_update(read=True, key_share=True)))


LISTING = Listing(
    select=select(*COLUMNS),
    unique=Product.id,
    sorts=SortOrders(
        name=lower(Product.name),
        sku=Product.sku,
        price=Product.price_minor,
        stock=Product.stock,
        created_at=Product.created_at,
    ),
    filters={
        "q": or_(contains(Product.name, "q"), contains(Product.sku, "q")),
        "status": Product.status == bindparam("status", type_=Product.status.type),
        "tag": type_coerce(Product.tags, Text).contains(bindparam("tag", type_=Text)),
        "category_id": Product.category_id == bindparam("category_id", type_=Product.id.type),
    },
)
