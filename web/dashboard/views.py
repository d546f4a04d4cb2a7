"""The landing page: how the shop stands, what is new, and what runs out."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.http import Request
from dashboard import gateway
from dashboard.charts import categories_chart, movements_chart
from dashboard.gateway import SHOWN


@require_GET
def home(request: Request) -> HttpResponse:
    """Show the figures and both lists."""
    statistics = gateway.read_statistics(request.api)
    today = datetime.fromisoformat(statistics.computed_at).date()
    context = {
        "statistics": statistics,
        "counts": {row.status: row.count for row in statistics.products},
        "chart": movements_chart(statistics.movements, today),
        "lowest": statistics.lowest_stock[:SHOWN],
        "categories": categories_chart(statistics.categories),
        "newest": gateway.list_newest_products(request.api),
    }
    return render(request, "dashboard/home.html", context)
