"""Pages of products: read the request, ask the gateway, choose a page."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from core import pages
from core.contract_forms import label
from core.failures import NotFound, Stale, Unavailable
from core.http import Request, wants_fragment
from core.lists import ListQuery
from core.screens import Screens
from products import gateway
from products.forms import LABELS, ProductEditForm, ProductForm, ProductStatusForm
from stock.views import stock_panel

SCREENS = Screens(
    "products", "Product", ("name", "sku", "status", "stock", "price"), LABELS, "product"
)

# What products/detail.html shows in its own way; what the contract gains follows by itself.
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


@require_GET
@vary_on_headers("HX-Target")
def product_list(request: Request) -> HttpResponse:
    """Search, filter, sort, page."""
    query = ListQuery(request, "list_products")
    page = gateway.list_products(request.api, query)
    # htmx replaces the table alone: the selects above it stay, so their choices are not asked for.
    categories = (
        [] if wants_fragment(request, "results") else gateway.list_category_choices(request.api)
    )
    filters = [query.filter("status"), query.filter("category_id", categories)]
    if tag := query.get("tag"):  # links lead here; there is no list of all tags to choose from
        filters.append(query.filter("tag", [(tag, tag)]))
    return pages.list_page(request, SCREENS, query, page, filters)


@require_GET
def product_detail(request: Request, product_id: UUID) -> HttpResponse:
    """Show one, its next steps and its stock."""
    product = gateway.read_product(request.api, product_id)
    category = ""
    if product.category_id:
        try:
            category = gateway.read_category_name(request.api, product.category_id)
        except NotFound:  # deleted between the two calls
            category = ""
    context = {
        "screens": SCREENS,
        "thing": product,
        "category": category,
        "facts": pages.facts(SCREENS, product, SHOWN),
        "status_form": ProductStatusForm(current=product),
        "steps": [(status, label(status)) for status in product.next_statuses],
        **stock_panel(request, product_id),
    }
    return render(request, "products/detail.html", context)


@require_http_methods(["GET", "POST"])
def product_create(request: Request) -> HttpResponse:
    """Create one."""
    form = ProductForm(request.POST or None, choices=category_choices(request))
    return pages.create(request, SCREENS, form, partial(gateway.create_product, request.api))


@require_http_methods(["GET", "POST"])
def product_edit(request: Request, product_id: UUID) -> HttpResponse:
    """Change one."""
    make_form = partial(ProductEditForm, choices=category_choices(request))
    read = partial(gateway.read_product, request.api, product_id)
    save = partial(gateway.update_product, request.api, product_id)
    return pages.edit(request, SCREENS, make_form, read, save)


@require_POST
def product_status(request: Request, product_id: UUID) -> HttpResponse:
    """Take the next step in its life."""
    form = ProductStatusForm(request.POST)
    try:
        product = form.save(partial(gateway.update_product_status, request.api, product_id))
    except Stale as stale:
        now = label(stale.current["status"]).lower()
        messages.error(request, f"Someone else changed it meanwhile: it is {now}.")
    else:
        if product:
            messages.success(request, f"{product.name} is now {label(product.status).lower()}.")
        for words in form.errors.values():
            messages.error(request, " ".join(map(str, words)))
    return redirect("products:detail", product_id)


@require_http_methods(["GET", "POST"])
def product_delete(request: Request, product_id: UUID) -> HttpResponse:
    """Ask, then delete."""
    read = partial(gateway.read_product, request.api, product_id)
    remove = partial(gateway.delete_product, request.api, product_id)
    return pages.delete(request, SCREENS, read, remove)


def category_choices(request: Request) -> dict[str, list[tuple[str, str]]]:
    """Return the categories to choose from; when nobody answers a POST, the one that was chosen."""
    try:
        return {"category_id": gateway.list_category_choices(request.api)}
    except Unavailable:
        if request.method != "POST":
            raise
        chosen = request.POST.get("category_id", "")
        return {"category_id": [(chosen, "As chosen")] if chosen else []}
