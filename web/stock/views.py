"""Pages of stock: the history of a product, and the form that adds to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.error_pages import log_failure
from core.failures import NOT_SAVED, ApiError
from core.http import Request
from core.lists import ListQuery
from core.submissions import typed
from stock import gateway
from stock.charts import stock_chart
from stock.forms import StockMovementForm


def stock_panel(
    request: Request, product_id: UUID | str, form: StockMovementForm | None = None
) -> dict[str, Any]:
    """Return what ``stock/_panel.html`` shows; a product's own page includes it."""
    query = ListQuery(request, "list_stock_movements")
    page = gateway.list_stock_movements(request.api, product_id, query)
    return {
        "product_id": product_id,
        "movements": page,
        "chart": stock_chart(page.items),
        "form": form or StockMovementForm(),
    }


@require_http_methods(["GET", "POST"])
def stock_history(request: Request, product_id: UUID) -> HttpResponse:
    """Page through the movements; record one on POST."""
    form = StockMovementForm(typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            movement = gateway.create_stock_movement(request.api, product_id, form.key, form.wire())
            done = f"Recorded. In stock: {movement.stock_after:,}."
        except NOT_SAVED as exc:
            form.add_failure(exc)
        else:
            messages.success(request, done)
            return redirect("products:detail", product_id)
    context: dict[str, Any] = {"form": form, "product_id": product_id}
    try:
        context["product"] = gateway.read_product(request.api, product_id)
        context |= stock_panel(request, product_id, form)
    except ApiError as exc:
        if not form.is_bound:
            raise
        log_failure(exc)  # The page is the form with what was typed.
    return render(request, "stock/history.html", context, status=form.status)
