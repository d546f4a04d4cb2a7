"""FastAPI with an async ORM session, as the tutorials show it: no token, no log, no conditions."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, func, select
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


async def get_session() -> AsyncIterator[AsyncSession]:
    """Give one session a request."""
    async with Session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.get("/v1/products", response_model=ProductPage)
async def list_products(
    session: SessionDep, status: str | None = None, offset: int = 0, limit: int = 50
) -> dict[str, Any]:
    """List products."""
    statement = select(Product).order_by(func.lower(Product.name), Product.id)
    if status:
        statement = statement.where(Product.status == status)
    rows = await session.scalars(statement.offset(offset).limit(limit))
    return {"items": rows.all()}


@app.post("/v1/products", status_code=201, response_model=ProductRead)
async def create_product(body: ProductCreate, session: SessionDep) -> Product:
    """Create a product."""
    product = Product(
        sku=body.sku,
        name=body.name,
        description=body.description,
        price_minor=body.price.amount_minor,
        currency=body.price.currency,
    )
    session.add(product)
    await session.commit()
    await session.refresh(product)
    return product


@app.get("/v1/products/{product_id}", response_model=ProductRead)
async def read_product(product_id: UUID, session: SessionDep) -> Product:
    """Read one product."""
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    return product
