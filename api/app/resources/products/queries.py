"""Every SELECT of products."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, bindparam, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import contains, lower
from app.core.pagination import Listing, SortOrders
from app.core.reader import Reader
from app.resources.categories.models import Category
from app.resources.products.models import Product

COLUMNS = Product.__table__.columns
BY_ID = select(*COLUMNS).where(Product.id == bindparam("id"))


async def get_product(reader: Reader, product_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(BY_ID, {"id": product_id})


async def lock_product(session: AsyncSession, product_id: UUID) -> Product | None:
    """Return the product for a change, or None; others wait until we commit."""
    return await session.get(Product, product_id, with_for_update=True)


async def lock_products(session: AsyncSession, skus: Collection[str]) -> dict[str, Product]:
    """Return those that exist, by SKU; locked in one order, so that no two batches embrace."""
    statement = select(Product).where(Product.sku.in_(skus)).order_by(Product.sku)
    products = await session.scalars(statement.with_for_update())
    return {product.sku: product for product in products}


async def find_categories(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the categories that exist."""
    return set(await session.scalars(select(Category.id).where(Category.id.in_(ids))))


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
