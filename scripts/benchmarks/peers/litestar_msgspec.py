"""Litestar with msgspec structs and an async ORM session: no token, no log, no conditions."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Litestar, get, post
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from peers.textbook import Product, Session


class Price(msgspec.Struct):
    """Money."""

    amount_minor: int
    currency: str


class ProductCreate(msgspec.Struct):
    """A new product."""

    sku: str
    name: str
    price: Price
    description: str = ""


class ProductRead(msgspec.Struct):
    """A product."""

    id: UUID
    sku: str
    name: str
    description: str
    price_minor: int
    currency: str
    status: str
    category_id: UUID | None
    stock: int
    version: int
    created_at: datetime
    updated_at: datetime


class ProductPage(msgspec.Struct):
    """Part of the list."""

    items: list[ProductRead]


async def get_session() -> AsyncIterator[AsyncSession]:
    """Give one session a request."""
    async with Session() as session:
        yield session


def represent(row: Product) -> ProductRead:
    """Return a row as it is sent."""
    return msgspec.convert(row, ProductRead, from_attributes=True)


@get("/v1/products")
async def list_products(session: AsyncSession, status: str, limit: int = 50) -> ProductPage:
    """List products."""
    statement = select(Product).where(Product.status == status)
    rows = await session.scalars(
        statement.order_by(func.lower(Product.name), Product.id).limit(limit)
    )
    return ProductPage([represent(row) for row in rows])


@post("/v1/products")
async def create_product(session: AsyncSession, data: ProductCreate) -> ProductRead:
    """Create a product."""
    product = Product(
        sku=data.sku,
        name=data.name,
        description=data.description,
        price_minor=data.price.amount_minor,
        currency=data.price.currency,
    )
    session.add(product)
    await session.commit()
    await session.refresh(product)
    return represent(product)


@get("/v1/products/{product_id:uuid}")
async def read_product(session: AsyncSession, product_id: UUID) -> ProductRead:
    """Read one product."""
    product = await session.get(Product, product_id)
    if product is None:
        raise NotFoundException
    return represent(product)


app = Litestar(
    [list_products, create_product, read_product],
    dependencies={"session": Provide(get_session)},
    openapi_config=None,
)
