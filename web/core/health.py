"""Live and ready, answered before host checks, redirects and sessions get a say."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from contract.document import pinned
from core import gateway
from core.api import Api
from core.failures import Unavailable
from core.releases import why_not_spoken


class HealthMiddleware:
    """``/health/live``: this process. ``/health/ready``: it, its accounts, and a fitting API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the two probes; pass everything else on."""
        if request.path == "/health/live":
            return JsonResponse({"status": "ok"})
        if request.path == "/health/ready":
            reason = why_not_ready()
            body = {"status": "not ready", "reason": reason} if reason else {"status": "ok"}
            return JsonResponse(body, status=503 if reason else 200)
        return self.get_response(request)


def why_not_ready() -> str:
    """Return the reason in one sentence; empty when pages can be served."""
    try:
        connection.ensure_connection()
    except DatabaseError:
        return "the accounts' database does not answer"
    try:
        reply = gateway.check_ready(Api(None))
    except Unavailable as exc:
        return f"the API does not answer ({exc})"
    return why_not_spoken(reply.version, pinned().version)
