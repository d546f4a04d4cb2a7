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
from sqlmodel import Field, Session, SQLModel, col, create_engine, func, or_, select

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


class ProductsCreate(SQLModel):
    """New products."""

    items: list[ProductCreate]


class ProductUpdate(SQLModel):
    """A change."""

    name: str | None = Field(default=None, min_length=1, max_length=200)


class MovementCreate(SQLModel):
    """A new movement."""

    quantity: int
    reason: str = Field(max_length=16)
    note: str = Field(default="", max_length=500)


class StockMovement(MovementCreate, table=True):
    """Pieces that came or went."""

    __tablename__ = "stock_movements"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    product_id: UUID = Field(foreign_key="products.id")
    stock_after: int
    recorded_by: str
    created_at: datetime = Field(
        default_factory=now, sa_column=Column(DateTime(timezone=True), nullable=False)
    )


class MovementPublic(MovementCreate):
    """A movement."""

    id: UUID
    product_id: UUID
    stock_after: int
    created_at: datetime


class Totals(SQLModel):
    """Statistics of one status."""

    status: str
    count: int
    stock: int


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
    session: SessionDep,
    current_user: CurrentUser,
    status: str | None = None,
    category_id: UUID | None = None,
    q: str | None = None,
    skip: int = 0,
    limit: int = 50,
) -> Any:
    """List products."""
    wanted = []
    if status:
        wanted.append(Product.status == status)
    if category_id:
        wanted.append(Product.category_id == category_id)
    if q:
        wanted.append(or_(col(Product.name).icontains(q), col(Product.sku).icontains(q)))
    count = session.exec(select(func.count()).select_from(Product).where(*wanted)).one()
    statement = (
        select(Product)
        .where(*wanted)
        .order_by(func.lower(Product.name), Product.id)
        .offset(skip)
        .limit(limit)
    )
    return ProductsPublic(data=session.exec(statement).all(), count=count)


@app.post("/v1/products", status_code=201, response_model=ProductPublic)
def create_product(session: SessionDep, current_user: CurrentUser, body: ProductCreate) -> Any:
    """Create a product."""
    product = make_product(body)
    session.add(product)
    session.commit()
    session.refresh(product)
    return product


@app.post("/v1/products/bulk", response_model=list[ProductPublic])
def create_products(session: SessionDep, current_user: CurrentUser, body: ProductsCreate) -> Any:
    """Create many products."""
    products = [make_product(item) for item in body.items]
    answer = [ProductPublic.model_validate(product) for product in products]
    session.add_all(products)
    session.commit()
    return answer


def make_product(body: ProductCreate) -> Product:
    """Return a new row."""
    return Product(
        **body.model_dump(exclude={"price"}),
        price_minor=body.price.amount_minor,
        currency=body.price.currency,
    )


@app.get("/v1/products/{product_id}", response_model=ProductPublic)
def read_product(session: SessionDep, current_user: CurrentUser, product_id: UUID) -> Any:
    """Read one product."""
    product = session.get(Product, product_id)
    if not product:
        raise HTTPException(404, "Product not found")
    return product


@app.patch("/v1/products/{product_id}", response_model=ProductPublic)
def update_product(
    session: SessionDep, current_user: CurrentUser, product_id: UUID, body: ProductUpdate
) -> Any:
    """Change a product."""
    product = read_product(session, current_user, product_id)
    product.sqlmodel_update(body.model_dump(exclude_unset=True))
    product.version, product.updated_at = product.version + 1, now()
    session.add(product)
    session.commit()
    session.refresh(product)
    return product


@app.post(
    "/v1/products/{product_id}/stock-movements", status_code=201, response_model=MovementPublic
)
def create_movement(
    session: SessionDep, current_user: CurrentUser, product_id: UUID, body: MovementCreate
) -> Any:
    """Record a movement."""
    product = session.get(Product, product_id, with_for_update=True)
    if not product:
        raise HTTPException(404, "Product not found")
    product.stock, product.version = product.stock + body.quantity, product.version + 1
    movement = StockMovement(
        **body.model_dump(),
        product_id=product_id,
        stock_after=product.stock,
        recorded_by=str(current_user.id),
    )
    session.add(movement)
    session.commit()
    session.refresh(movement)
    return movement


@app.get("/v1/statistics")
def read_statistics(session: SessionDep, current_user: CurrentUser) -> list[Totals]:
    """Count products by status."""
    columns = Product.status, func.count(), func.sum(Product.stock)
    rows = session.exec(select(*columns).group_by(Product.status)).all()
    return [Totals(status=row[0], count=row[1], stock=row[2]) for row in rows]
