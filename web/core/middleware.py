"""What happens around every page: its trace and log line, its headers, the pages for failures."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contract.document import pinned
from core import failures
from core.failures import ApiError, Rejected, Unavailable
from core.http import whole_page
from core.telemetry import begin_trace, trace_id

access = logging.getLogger("web.access")
log = logging.getLogger("web.api")

GetResponse = Callable[[HttpRequest], HttpResponse]

# Exception → status and the heading of its page; the words are in core/failure.html.
PAGES: tuple[tuple[type[ApiError], int, str], ...] = (
    (failures.NotFound, 404, "Not found"),
    (failures.Forbidden, 403, "Not allowed"),
    (failures.Stale, 409, "It was changed meanwhile"),
    (failures.Rejected, 422, "That was not accepted"),
    (failures.TooOld, 503, "Maintenance"),
    (failures.Busy, 429, "One moment, please"),
    (failures.Unavailable, 503, "The API does not answer"),
    (failures.NotTrusted, 502, "The API does not know this site"),
    (failures.NotUnderstood, 502, "The API speaks another language"),
)


class TraceMiddleware:
    """Outermost: begins the trace, and writes one line when the page is done."""

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
        """Add them; pages about a person are nobody else's, so nothing on the way stores them."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ApiFailureMiddleware:
    """Failures that a view does not handle look the same everywhere."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through; see process_exception."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Return the page of an ApiError; let every other exception through."""
        for kind, status, title in PAGES:
            if isinstance(exc, kind):
                return failure_page(request, exc, status, title)
        return None


def failure_page(request: HttpRequest, exc: ApiError, status: int, title: str) -> HttpResponse:
    """Render and log one failure."""
    log.log(logging.WARNING if status >= 500 else logging.INFO, "%s: %s", type(exc).__name__, exc)
    context = {
        "title": title,
        "kind": type(exc).__name__,
        "words": str(exc),
        "wait": exc if isinstance(exc, Unavailable) else None,
        "errors": exc.errors if isinstance(exc, Rejected) else [],
        "trace_id": exc.trace_id or trace_id.get(),
        "pinned": pinned().version,
        "spoken": getattr(exc, "api_version", ""),
        # A POST cannot be repeated by a link; its page is where one starts again.
        "retry": request.get_full_path() if request.method == "GET" else "",
    }
    response = whole_page(render(request, "core/failure.html", context, status=status))
    if isinstance(exc, Unavailable):
        response.headers["Retry-After"] = str(exc.seconds)
    return response
