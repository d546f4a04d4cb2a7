"""Litestar with msgspec structs and an async ORM session: no token, no log, no conditions."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Litestar, get, patch, post
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from sqlalchemy.ext.asyncio import AsyncSession

from peers.textbook import (
    Product,
    Session,
    StockMovement,
    now,
    select_products,
    select_totals,
)


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


class ProductBatch(msgspec.Struct):
    """New products."""

    items: list[ProductCreate]


class ProductUpdate(msgspec.Struct):
    """A change."""

    name: str


class MovementCreate(msgspec.Struct):
    """A new movement."""

    quantity: int
    reason: str
    note: str = ""


class MovementRead(msgspec.Struct):
    """A movement."""

    id: UUID
    product_id: UUID
    quantity: int
    reason: str
    note: str
    stock_after: int
    created_at: datetime


class Totals(msgspec.Struct):
    """Statistics of one status."""

    status: str
    count: int
    stock: int


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
async def list_products(
    session: AsyncSession,
    status: str | None = None,
    category_id: UUID | None = None,
    q: str | None = None,
    limit: int = 50,
) -> ProductPage:
    """List products."""
    rows = await session.scalars(select_products(status, category_id, q, limit))
    return ProductPage([represent(row) for row in rows])


@post("/v1/products")
async def create_product(session: AsyncSession, data: ProductCreate) -> ProductRead:
    """Create a product."""
    product = make_product(data)
    session.add(product)
    await session.commit()
    await session.refresh(product)
    return represent(product)


@post("/v1/products/bulk", status_code=200)
async def create_products(session: AsyncSession, data: ProductBatch) -> ProductPage:
    """Create many products."""
    products = [make_product(item) for item in data.items]
    session.add_all(products)
    await session.commit()
    return ProductPage([represent(row) for row in products])


def make_product(data: ProductCreate) -> Product:
    """Return a new row."""
    return Product(
        sku=data.sku,
        name=data.name,
        description=data.description,
        price_minor=data.price.amount_minor,
        currency=data.price.currency,
    )


@get("/v1/products/{product_id:uuid}")
async def read_product(session: AsyncSession, product_id: UUID) -> ProductRead:
    """Read one product."""
    return represent(await find(session, product_id))


@patch("/v1/products/{product_id:uuid}")
async def update_product(
    session: AsyncSession, product_id: UUID, data: ProductUpdate
) -> ProductRead:
    """Change a product."""
    product = await find(session, product_id)
    product.name, product.version, product.updated_at = data.name, product.version + 1, now()
    await session.commit()
    return represent(product)


@post("/v1/products/{product_id:uuid}/stock-movements")
async def create_movement(
    session: AsyncSession, product_id: UUID, data: MovementCreate
) -> MovementRead:
    """Record a movement."""
    product = await find(session, product_id, for_update=True)
    product.stock, product.version = product.stock + data.quantity, product.version + 1
    movement = StockMovement(
        product_id=product_id, stock_after=product.stock, **msgspec.structs.asdict(data)
    )
    session.add(movement)
    await session.commit()
    return msgspec.convert(movement, MovementRead, from_attributes=True)


@get("/v1/statistics")
async def read_statistics(session: AsyncSession) -> list[Totals]:
    """Count products by status."""
    return [Totals(*row) for row in await session.execute(select_totals())]


async def find(session: AsyncSession, product_id: UUID, for_update: bool = False) -> Product:
    """Return a product, or answer 404."""
    product = await session.get(Product, product_id, with_for_update=for_update)
    if product is None:
        raise NotFoundException
    return product


app = Litestar(
    [
        list_products,
        create_product,
        create_products,
        read_product,
        update_product,
        create_movement,
        read_statistics,
    ],
    dependencies={"session": Provide(get_session)},
    openapi_config=None,
)
