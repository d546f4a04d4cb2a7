"""SQLModel, synchronous routes, OFFSET and COUNT, an HS256 token and its user: today's template.

The pattern of full-stack-fastapi-template (MIT): https://github.com/fastapi/full-stack-fastapi-template
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import Column, DateTime
from sqlmodel import Field, Session, SQLModel, create_engine, func, select

SECRET = os.environ["PEER_SECRET"]
engine = create_engine(
    os.environ["PEER_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
)
app = FastAPI()


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class User(SQLModel, table=True):
    """Who may call."""

    __tablename__ = "peer_users"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str
    is_active: bool = True


class Price(SQLModel):
    """Money."""

    amount_minor: int
    currency: str


class ProductCreate(SQLModel):
    """A new product."""

    sku: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=4000)
    price: Price


class Product(SQLModel, table=True):
    """An article for sale."""

    __tablename__ = "products"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    sku: str
    name: str
    description: str = ""
    price_minor: int
    currency: str
    status: str = "draft"
    category_id: UUID | None = None
    stock: int = 0
    version: int = 1
    created_at: datetime = Field(
        default_factory=now, sa_column=Column(DateTime(timezone=True), nullable=False)
    )
    updated_at: datetime = Field(
        default_factory=now, sa_column=Column(DateTime(timezone=True), nullable=False)
    )


class ProductPublic(SQLModel):
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


class ProductsPublic(SQLModel):
    """Part of the list, and how long it is."""

    data: list[ProductPublic]
    count: int


def get_session() -> Iterator[Session]:
    """Give one session a request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
TokenDep = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="/login/access-token"))]


def get_current_user(session: SessionDep, token: TokenDep) -> User:
    """Return the user of the token."""
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError as error:
        raise HTTPException(403, "Could not validate credentials") from error
    user = session.get(User, UUID(claims["sub"]))
    if not user or not user.is_active:
        raise HTTPException(404, "User not found")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


@app.get("/v1/products", response_model=ProductsPublic)
def list_products(
    session: SessionDep, current_user: CurrentUser, status: str, skip: int = 0, limit: int = 50
) -> Any:
    """List products."""
    count = session.exec(
        select(func.count()).select_from(Product).where(Product.status == status)
    ).one()
    statement = (
        select(Product)
        .where(Product.status == status)
        .order_by(func.lower(Product.name), Product.id)
        .offset(skip)
        .limit(limit)
    )
    return ProductsPublic(data=session.exec(statement).all(), count=count)


@app.post("/v1/products", status_code=201, response_model=ProductPublic)
def create_product(session: SessionDep, current_user: CurrentUser, body: ProductCreate) -> Any:
    """Create a product."""
    product = Product(
        **body.model_dump(exclude={"price"}),
        price_minor=body.price.amount_minor,
        currency=body.price.currency,
    )
    session.add(product)
    session.commit()
    session.refresh(product)
    return product


@app.get("/v1/products/{product_id}", response_model=ProductPublic)
def read_product(session: SessionDep, current_user: CurrentUser, product_id: UUID) -> Any:
    """Read one product."""
    product = session.get(Product, product_id)
    if not product:
        raise HTTPException(404, "Product not found")
    return product
