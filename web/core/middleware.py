"""What happens around every page: its trace and log line, its headers, the API's failures."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from core import api as client
from core.api import Api
from core.error_pages import api_error, own_error
from core.failures import ApiError
from core.telemetry import begin_trace

access = logging.getLogger("web.access")
log = logging.getLogger("web.api")

GetResponse = Callable[[HttpRequest], HttpResponse]


class TraceMiddleware:
    """Outermost: begins the trace, and logs one line when the page is done."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, then log."""
        began = perf_counter()
        begin_trace(request.headers.get("traceparent", ""))
        response = self.get_response(request)
        api = getattr(request, "api", None)
        data = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "duration_ms": round((perf_counter() - began) * 1000, 1),
            "api_calls": api.calls if api else 0,
        }
        access.info("%s %s", request.method, request.path, extra={"data": data})
        return response


class HeadersMiddleware:
    """Security headers that Django has no setting for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add them. A page is about one person, so no cache may store it."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ApiFailureMiddleware:
    """Turns failures of the API that no view handles into pages.

    A page of last known answers has status 503. Such a page (``#recovery``) and an error page
    (``#retry``) ask for themselves again. While the API is away they get nothing, and stay.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through; a page that was made in spite of a value that it could not read fails.

        A redirect shows nothing. A method that a view does not take gets a page, too.
        """
        asks_again = request.headers.get("HX-Trigger") in ("recovery", "retry")
        if asks_again and client.breaker.seconds_left:
            return HttpResponse(status=204)
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            allowed = response.headers["Allow"]
            response = own_error(request, "NotLikeThis")
            response.headers["Allow"] = allowed
        api: Api | None = getattr(request, "api", None)
        if api and api.misread and response.status_code < 300:
            return api_error(request, api.misread)
        if api and api.as_of and response.status_code == 200:
            mark_as_last_known(request, response, api)
        if asks_again and response.status_code == 503:
            return HttpResponse(status=204)
        return response

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Return the page of an ApiError or of a misformed value; let all else through."""
        if isinstance(exc, ApiError):
            return api_error(request, exc)
        api: Api | None = getattr(request, "api", None)
        reason = (api.misread or api.explain()) if api else None
        if reason:
            log.error("a page broke over %s", reason, exc_info=exc)
        return api_error(request, reason) if reason else None


def mark_as_last_known(request: HttpRequest, response: HttpResponse, api: Api) -> None:
    """Set the status of last known answers; a fragment brings the notice for its page."""
    response.status_code = 503
    response.headers["Retry-After"] = str(api.seconds_away)
    is_fragment = "HX-Request" in request.headers and b"</html>" not in response.content
    if is_fragment:
        response.content += render_to_string("core/_as_of.html", {"is_oob": True}, request).encode()
