"""The landing page of a site that has no other yet, and the error pages that Django asks for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core import gateway
from core.error_pages import own_error
from core.http import Request
from core.submissions import show_again


@require_GET
def home(request: Request) -> HttpResponse:
    """Show the caller as the API sees them; an app whose address is empty takes this place."""
    return render(request, "core/home.html", {"identity": gateway.read_identity(request.api)})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 of a form that is too large, or of what no browser sends."""
    return own_error(request, "BadRequest")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 of an address that we do not have."""
    return own_error(request, "NotFound")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our own defect."""
    return own_error(request, "ServerError")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that is from before the sign-in: shown again as typed; any other is refused."""
    return show_again(request, reason) or own_error(request, "FormOutOfDate")
