"""django-ninja, as its tutorial shows it: no token, no log, no conditions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from peers import django_rows

django_rows.set_up(__name__)

from django.core.asgi import get_asgi_application  # noqa: E402  (after the settings)
from django.db.models.functions import Lower  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import NinjaAPI, Schema  # noqa: E402

Product = django_rows.make_model()
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
def list_products(request: Any, status: str, limit: int = 50) -> dict[str, Any]:
    """List products."""
    rows = Product.objects.filter(status=status).order_by(Lower("name"), "id")
    return {"items": list(rows[:limit])}


@api.post("/products", response={201: ProductRead})
def create_product(request: Any, body: ProductCreate) -> tuple[int, Any]:
    """Create a product."""
    fields = body.dict()
    price = fields.pop("price")
    product = Product.objects.create(
        **fields, price_minor=price["amount_minor"], currency=price["currency"]
    )
    return 201, product


@api.get("/products/{product_id}", response=ProductRead)
def read_product(request: Any, product_id: UUID) -> Any:
    """Read one product."""
    return get_object_or_404(Product, id=product_id)


urlpatterns = [path("v1/", api.urls)]
app = get_asgi_application()
