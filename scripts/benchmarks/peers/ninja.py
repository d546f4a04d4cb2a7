"""django-ninja, as its tutorial shows it: no token, no log, no conditions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from peers import django_rows

django_rows.set_up(__name__)

from django.core.asgi import get_asgi_application  # noqa: E402  (after the settings)
from django.db import transaction  # noqa: E402
from django.db.models import Count, Q, Sum  # noqa: E402
from django.db.models.functions import Lower  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from ninja import NinjaAPI, Schema  # noqa: E402

Product, StockMovement = django_rows.make_models()
api = NinjaAPI(docs_url=None, openapi_url=None)


class Price(Schema):
    """Money."""

    amount_minor: int
    currency: str


class ProductCreate(Schema):
    """A new product."""

    sku: str
    name: str
    description: str = ""
    price: Price


class ProductBatch(Schema):
    """New products."""

    items: list[ProductCreate]


class ProductUpdate(Schema):
    """A change."""

    name: str


class MovementCreate(Schema):
    """A new movement."""

    quantity: int
    reason: str
    note: str = ""


class MovementRead(MovementCreate):
    """A movement."""

    id: UUID
    product_id: UUID
    stock_after: int
    created_at: datetime


class Totals(Schema):
    """Statistics of one status."""

    status: str
    count: int
    pieces: int


class ProductRead(Schema):
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


class ProductPage(Schema):
    """Part of the list."""

    items: list[ProductRead]


@api.get("/products", response=ProductPage)
def list_products(
    request: Any,
    status: str | None = None,
    category_id: UUID | None = None,
    q: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """List products."""
    rows = Product.objects.order_by(Lower("name"), "id")
    if status:
        rows = rows.filter(status=status)
    if category_id:
        rows = rows.filter(category_id=category_id)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(sku__icontains=q))
    return {"items": list(rows[:limit])}


@api.post("/products", response={201: ProductRead})
def create_product(request: Any, body: ProductCreate) -> tuple[int, Any]:
    """Create a product."""
    product = make_product(body)
    product.save(force_insert=True)
    return 201, product


@api.post("/products/bulk", response=ProductPage)
def create_products(request: Any, body: ProductBatch) -> dict[str, Any]:
    """Create many products."""
    return {"items": Product.objects.bulk_create([make_product(item) for item in body.items])}


def make_product(body: ProductCreate) -> Any:
    """Return a new row."""
    fields = body.dict()
    price = fields.pop("price")
    return Product(**fields, price_minor=price["amount_minor"], currency=price["currency"])


@api.get("/products/{product_id}", response=ProductRead)
def read_product(request: Any, product_id: UUID) -> Any:
    """Read one product."""
    return get_object_or_404(Product, id=product_id)


@api.patch("/products/{product_id}", response=ProductRead)
def update_product(request: Any, product_id: UUID, body: ProductUpdate) -> Any:
    """Change a product."""
    product = get_object_or_404(Product, id=product_id)
    product.name, product.version, product.updated_at = (
        body.name,
        product.version + 1,
        timezone.now(),
    )
    product.save()
    return product


@api.post("/products/{product_id}/stock-movements", response={201: MovementRead})
@transaction.atomic
def create_movement(request: Any, product_id: UUID, body: MovementCreate) -> tuple[int, Any]:
    """Record a movement."""
    product = get_object_or_404(Product.objects.select_for_update(), id=product_id)
    product.stock, product.version = product.stock + body.quantity, product.version + 1
    product.save()
    movement = StockMovement.objects.create(
        product=product, stock_after=product.stock, **body.dict()
    )
    return 201, movement


@api.get("/statistics", response=list[Totals])
def read_statistics(request: Any) -> Any:
    """Count products by status."""
    return list(Product.objects.values("status").annotate(count=Count("*"), pieces=Sum("stock")))


urlpatterns = [path("v1/", api.urls)]
app = get_asgi_application()
