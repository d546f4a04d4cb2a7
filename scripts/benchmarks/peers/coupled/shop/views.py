"""Pages of products by the ORM: the list in three ways, one product, a new one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from peers.coupled.shop.forms import ProductForm, StockMovementForm
from peers.coupled.shop.models import Category, Product

ROWS = 50
COLUMNS = {"name": "Name", "sku": "SKU", "status": "Status", "stock": "Stock", "price": "Price"}
STEPS = {"draft": ["active", "archived"], "active": ["archived"], "archived": ["active"]}
LABELS = dict(Product.Status.choices)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the entries of the main navigation, for every page."""
    url = reverse("products:list")
    current = request.path.startswith(url)
    return {"navigation": [{"url": url, "title": "Products", "current": current}]}


def matching(request: HttpRequest) -> QuerySet[Product]:
    """Return the products that were asked for, by name."""
    found = Product.objects.order_by(Lower("name"), "id")
    if words := request.GET.get("q"):
        found = found.filter(Q(name__icontains=words) | Q(sku__icontains=words))
    if status := request.GET.get("status"):
        found = found.filter(status=status)
    if category := request.GET.get("category"):
        found = found.filter(category_id=category)
    return found


def product_list(request: HttpRequest) -> HttpResponse:
    """Show a page of them as most people write it: model instances, a Paginator with its COUNT."""
    page = Paginator(matching(request), ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "following": page.has_next(), "columns": COLUMNS}
    if request.headers.get("HX-Target") == "results":
        return render(request, "shop/_table.html", context)
    context |= {"statuses": Product.Status.choices, "categories": Category.objects.order_by("name")}
    return render(request, "shop/list.html", context)


def product_list_of_values(request: HttpRequest) -> HttpResponse:
    """Show it written for speed: no instances, no COUNT, each text made here."""
    return render(request, "shop/values.html", values(request))


def product_list_in_jinja(request: HttpRequest) -> HttpResponse:
    """Show the same with the filters and the table in Jinja2, within the same base page."""
    main = render_to_string("shop/main.html", values(request), request, using="jinja2")
    return render(request, "shop/strongest.html", {"main": main})


def values(request: HttpRequest) -> dict[str, Any]:
    """Return what both fast pages show."""
    columns = ("id", "name", "sku", "status", "stock", "price_minor")
    found = matching(request).values_list(*columns)[: ROWS + 1]
    rows = [
        (
            f"/products/{id}/",
            name,
            sku,
            status,
            LABELS[status],
            f"{stock:,}",
            f"€{price / 100:,.2f}",
        )
        for id, name, sku, status, stock, price in found
    ]
    return {
        "rows": rows[:ROWS],
        "following": len(rows) > ROWS,
        "columns": COLUMNS,
        "statuses": Product.Status.choices,
        "categories": list(Category.objects.order_by("name").values_list("id", "name")),
        "may_create": request.user.has_perm("shop.add_product"),
    }


def product_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one with its stock."""
    product = get_object_or_404(Product.objects.select_related("category"), pk=pk)
    movements = product.stockmovement_set.order_by("-created_at", "-id")
    context = {
        "product": product,
        "steps": [(step, LABELS[step]) for step in STEPS[product.status]],
        "page": Paginator(movements, ROWS).get_page(request.GET.get("page")),
        "form": StockMovementForm(),
    }
    return render(request, "shop/detail.html", context)


def product_create(request: HttpRequest) -> HttpResponse:
    """Show the empty form; create on POST."""
    form = ProductForm(request.POST or None)
    if form.is_valid():
        product = form.save()
        messages.success(request, f"{product.name} was created.")
        return redirect("products:detail", product.pk)
    return render(request, "shop/form.html", {"form": form}, status=422 if form.errors else 200)
