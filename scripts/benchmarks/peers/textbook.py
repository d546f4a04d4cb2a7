"""FastAPI with an async ORM session, as the tutorials show it: no token, no log, no conditions."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, ForeignKey, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(
    os.environ["PEER_DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
    pool_size=10,
    max_overflow=0,
)
Session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """Base of the tables."""


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class Product(Base):
    """An article for sale."""

    __tablename__ = "products"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sku: Mapped[str]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    price_minor: Mapped[int]
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(default="draft")
    category_id: Mapped[UUID | None]
    stock: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class StockMovement(Base):
    """Pieces that came or went."""

    __tablename__ = "stock_movements"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    stock_after: Mapped[int]
    recorded_by: Mapped[str] = mapped_column(default="peer")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class Price(BaseModel):
    """Money."""

    amount_minor: int
    currency: str


class ProductCreate(BaseModel):
    """A new product."""

    sku: str
    name: str
    description: str = ""
    price: Price


class ProductBatch(BaseModel):
    """New products."""

    items: list[ProductCreate]


class ProductUpdate(BaseModel):
    """A change."""

    name: str


class MovementCreate(BaseModel):
    """A new movement."""

    quantity: int
    reason: str
    note: str = ""


class MovementRead(MovementCreate):
    """A movement."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    product_id: UUID
    stock_after: int
    created_at: datetime


class ProductRead(BaseModel):
    """A product."""

    model_config = ConfigDict(from_attributes=True)

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


class ProductPage(BaseModel):
    """Part of the list."""

    items: list[ProductRead]


class Totals(BaseModel):
    """Statistics of one status."""

    status: str
    count: int
    stock: int


def select_products(
    status: str | None, category_id: UUID | None, q: str | None, limit: int
) -> Select[Product]:
    """Return the statement of a page."""
    statement = select(Product).order_by(func.lower(Product.name), Product.id).limit(limit)
    if status:
        statement = statement.where(Product.status == status)
    if category_id:
        statement = statement.where(Product.category_id == category_id)
    if q:
        statement = statement.where(or_(Product.name.icontains(q), Product.sku.icontains(q)))
    return statement


def select_totals() -> Select[str, int, int]:
    """Return the statement of the statistics."""
    columns = Product.status, func.count(), func.sum(Product.stock)
    return select(*columns).group_by(Product.status)


async def get_session() -> AsyncIterator[AsyncSession]:
    """Give one session a request."""
    async with Session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.get("/v1/products", response_model=ProductPage)
async def list_products(
    session: SessionDep,
    status: str | None = None,
    category_id: UUID | None = None,
    q: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> dict[str, Any]:
    """List products."""
    rows = await session.scalars(select_products(status, category_id, q, limit).offset(offset))
    return {"items": rows.all()}


@app.post("/v1/products", status_code=201, response_model=ProductRead)
async def create_product(body: ProductCreate, session: SessionDep) -> Product:
    """Create a product."""
    product = make_product(body)
    session.add(product)
    await session.commit()
    await session.refresh(product)
    return product


@app.post("/v1/products/bulk", response_model=ProductPage)
async def create_products(body: ProductBatch, session: SessionDep) -> dict[str, Any]:
    """Create many products."""
    products = [make_product(item) for item in body.items]
    session.add_all(products)
    await session.commit()
    return {"items": products}


def make_product(body: ProductCreate) -> Product:
    """Return a new row."""
    return Product(
        **body.model_dump(exclude={"price"}),
        price_minor=body.price.amount_minor,
        currency=body.price.currency,
    )


@app.get("/v1/products/{product_id}", response_model=ProductRead)
async def read_product(product_id: UUID, session: SessionDep) -> Product:
    """Read one product."""
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    return product


@app.patch("/v1/products/{product_id}", response_model=ProductRead)
async def update_product(product_id: UUID, body: ProductUpdate, session: SessionDep) -> Product:
    """Change a product."""
    product = await read_product(product_id, session)
    product.name, product.version, product.updated_at = body.name, product.version + 1, now()
    await session.commit()
    return product


@app.post("/v1/products/{product_id}/stock-movements", status_code=201, response_model=MovementRead)
async def create_movement(
    product_id: UUID, body: MovementCreate, session: SessionDep
) -> StockMovement:
    """Record a movement."""
    product = await session.get(Product, product_id, with_for_update=True)
    if product is None:
        raise HTTPException(404)
    product.stock, product.version = product.stock + body.quantity, product.version + 1
    movement = StockMovement(product_id=product_id, stock_after=product.stock, **body.model_dump())
    session.add(movement)
    await session.commit()
    return movement


@app.get("/v1/statistics")
async def read_statistics(session: SessionDep) -> list[Totals]:
    """Count products by status."""
    rows = (await session.execute(select_totals())).all()
    return [Totals(status=row[0], count=row[1], stock=row[2]) for row in rows]
