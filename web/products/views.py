"""Pages of products: what differs from those of a plain resource."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import HiddenInput
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from client.models import Product, ProductPage
from core.contract_forms import Choices, label
from core.edit_forms import ContractEditForm
from core.failures import NOT_SAVED, ApiError, NotFound, Stale
from core.http import Request
from core.lists import Filter, ListQuery
from core.resource_views import ResourceViews
from core.submissions import typed
from products import gateway
from stock.views import stock_panel

# What products/detail.html shows in its own way. New properties of the contract follow below.
SHOWN = (
    "sku",
    "description",
    "price",
    "status",
    "category_id",
    "tags",
    "stock",
    "next_statuses",
    "created_at",
    "updated_at",
)


class ProductViews(ResourceViews[Product, ProductPage]):
    """Adds filters, the category, the next statuses and the stock."""

    detail_template = "products/detail.html"

    def filters(self, request: Request, query: ListQuery) -> Iterable[Filter]:
        """Filter by status, by category, and by the tag of a link that led here."""
        yield query.filter("status")
        yield query.filter("category_id", gateway.list_category_choices(request.api))
        if tag := query.get("tag"):
            yield query.filter("tag", [(tag, tag)])

    def choices(self, request: Request) -> Mapping[str, Choices]:
        """Return the categories; for a form that was typed, at least the one that was chosen."""
        try:
            return {"category_id": gateway.list_category_choices(request.api)}
        except ApiError:
            data = typed(request)
            if data is None:
                raise
            chosen = data.get("category_id", "")
            return {"category_id": [(chosen, "As chosen")] if chosen else []}

    def detail_context(self, request: Request, found: Product) -> dict[str, Any]:
        """Return the category, the next statuses and the stock."""
        return {
            "product": found,
            "category": category_name(request, found),
            "facts": self.facts(found, SHOWN),
            "status_form": ProductStatusForm(current=found),
            "steps": [(status, label(status)) for status in found.next_statuses],
            **stock_panel(request, found.id),
        }


class ProductStatusForm(ContractEditForm):
    """Take a product to its next status."""

    schema = "ProductStatusUpdate"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].widget = HiddenInput()  # the button says it


products = ProductViews(
    "products",
    gateway.products,
    ("name", "sku", "status", "stock", "price"),
    labels={"sku": "SKU"},
)


@require_GET
def out_of_stock(request: Request) -> HttpResponse:
    """List what the landing page counts: the active products of which there are none left."""
    found, following, before = gateway.list_out_of_stock(request.api, request.GET.get("cursor"))
    context = {
        "resource": products,
        "page": {"items": found, "next_cursor": following, "prev_cursor": before},
        "headings": [*products.headings(ListQuery(request, products.gateway.list_id))],
    }
    return render(request, "products/out_of_stock.html", context)


@require_http_methods(["GET", "POST"])
def product_status(request: Request, product_id: UUID) -> HttpResponse:
    """Take the next step in its life; the address alone leads to the product."""
    data = typed(request)
    if data is None:
        return redirect("products:detail", product_id)
    form = ProductStatusForm(data)
    wanted = label(data.get("status", "")).lower()
    while request.method == "POST" and form.is_valid():
        try:
            product = gateway.update_product_status(request.api, product_id, form.etag, form.wire())
            done = f"{product.name} is now {label(product.status).lower()}."
        except Stale as stale:
            if not form.is_saved_in(stale.current) and form.take_version(stale.current):
                continue
            now = label(stale.current["status"]).lower()
            messages.error(request, f"Someone else changed it meanwhile: it is {now}.")
        except NOT_SAVED as exc:
            form.add_failure(exc)
            continue
        else:
            messages.success(request, done)
        return redirect("products:detail", product_id)
    back = reverse("products:detail", args=[product_id])
    return products.form_page(request, form, f"Mark as {wanted}?", back, f"Mark as {wanted}")


def category_name(request: Request, product: Product) -> str:
    """Return the name of a product's category; empty when it has none."""
    if not product.category_id:
        return ""
    try:
        return gateway.read_category_name(request.api, product.category_id)
    except NotFound:  # deleted between the two calls
        return ""
