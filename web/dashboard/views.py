"""The landing page: what is new, and what runs out."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.http import Request
from dashboard import gateway


@require_GET
def home(request: Request) -> HttpResponse:
    """Show both lists."""
    context = {
        "lowest": gateway.list_lowest_stock(request.api),
        "newest": gateway.list_newest_products(request.api),
    }
    return render(request, "dashboard/home.html", context)
