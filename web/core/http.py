"""The request as our views see it."""

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from core.api import Api


class Request(HttpRequest):
    """A request after the middleware: ``htmx`` is true for htmx's own requests."""

    htmx: HtmxDetails
    api: Api


def wants_fragment(request: Request, target: str) -> bool:
    """Tell whether htmx will put the answer in place of the element with this id."""
    return bool(request.htmx) and request.htmx.target == target


def whole_page(response: HttpResponse) -> HttpResponse:
    """Let htmx put this page in place of the present one, whatever part it asked for."""
    response.headers["HX-Retarget"] = response.headers["HX-Reselect"] = "#main"
    response.headers["HX-Reswap"] = "outerHTML show:window:top"
    return response
