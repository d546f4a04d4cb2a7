"""Every SELECT of products, and the statements that change many."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.functions import lower, one_contains
from app.database.model import next_version
from app.http.listings import Filter, Sort, SortedRows, list_table
from app.resources.categories.models import Category
from app.resources.products.models import Product, ProductTag
from app.resources.products.schemas import ProductQuery

COLUMNS = Product.__table__.columns
TABLE: Any = Product.__table__
CHANGING = ("name", "description", "price_minor", "currency", "category_id", "status", "tags")
CHANGE = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("id_"))
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
    .values(version=next_version(TABLE.c.version))
)


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


LISTING = list_table(
    Product,
    ProductQuery,
    sorts={
        "name": Sort(lower(Product.name)),
        "sku": Sort(Product.sku),
        "price": Sort(Product.price_minor),
        "stock": Sort(Product.stock),
        "created_at": Sort(Product.created_at),
    },
    filters={
        "q": Filter(
            one_contains([Product.name, Product.sku], "products.search", "q"),
            without_index="On PostgreSQL a migration adds one of their parts (0010).",
        ),
        "status": Filter(Product.status == bindparam("status", type_=Product.status.type)),
        "tag": Filter(
            ProductTag.tag == bindparam("tag"),
            rows=SortedRows("name", ProductTag.name, ProductTag.product_id),
        ),
        "category_id": Filter(
            Product.category_id == bindparam("category_id", type_=Product.id.type)
        ),
    },
)
