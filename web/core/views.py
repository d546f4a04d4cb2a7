"""The landing page of a site that has no other yet, and the error pages that Django asks for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core import gateway
from core.http import Request, whole_page
from core.telemetry import trace_id


@require_GET
def home(request: Request) -> HttpResponse:
    """Show the caller as the API sees them; an app whose address is empty takes this place."""
    return render(request, "core/home.html", {"identity": gateway.read_identity(request.api)})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 of an address that we do not have."""
    return _page(request, 404, "Not found", "NotFound")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our own defect."""
    return _page(request, 500, "Something broke here", "ServerError")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that was not ours, or is from before the sign-in."""
    return _page(request, 403, "This form is out of date", "FormOutOfDate")


def _page(request: HttpRequest, status: int, title: str, kind: str) -> HttpResponse:
    context = {"title": title, "kind": kind, "trace_id": trace_id.get(), "errors": []}
    return whole_page(render(request, "core/failure.html", context, status=status))
