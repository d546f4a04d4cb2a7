"""The probes, answered before host checks, redirects and sessions."""

import logging
import mmap
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from contract.document import pinned
from core import api, gateway
from core.api import Api
from core.failures import Unavailable
from core.releases import is_release, why_not_spoken

API_SECONDS = 1.0  # the longest wait for the API; the manifests give a probe more than this
log = logging.getLogger("web.health")


class HealthMiddleware:
    """``/health/live``: the process runs. ``/health/ready``: accounts and API are fit for pages.

    The second says, too, whether this process asks the API just now (``breaker``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the two probes; pass everything else on."""
        if request.path == "/health/live":
            return JsonResponse({"status": "ok"})
        if request.path == "/health/ready":
            reason = why_not_ready()
            body = {"status": "not ready", "reason": reason} if reason else {"status": "ok"}
            body["breaker"] = api.breaker.state
            return JsonResponse(body, status=503 if reason else 200)
        return self.get_response(request)


class Start:
    """Whether this program has been ready since its start.

    It is one byte that all workers share: the server loads the application before it forks
    (``preload_app``), so a new worker knows what the others know.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    @property
    def is_over(self) -> bool:
        """Whether some worker was ready before."""
        return self._shared[0] == 1

    def end(self) -> None:
        """Stay ready from now on, whatever the API does: pages say what is wrong with it."""
        self._shared[0] = 1

    def begin(self) -> None:
        """Compare releases again, as after a start."""
        self._shared[0] = 0


start = Start()


def why_not_ready() -> str:
    """Return the reason in one sentence; empty when pages can be served."""
    if not accounts_answer():
        return "the accounts' database does not answer"
    if start.is_over:
        return ""
    if reason := why_not_started():
        return reason
    start.end()
    return ""


def accounts_answer() -> bool:
    """Tell whether the accounts can be read; a connection that died meanwhile is replaced."""
    for _ in range(1 if connection.connection is None else 2):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            connection.close()
        else:
            return True
    return False


def why_not_started() -> str:
    """Return why this UI cannot work with the API's release; empty when it can.

    An API that does not answer within ``API_SECONDS``, or names no release, is no reason.
    """
    try:
        reply = gateway.check_ready(Api(None, seconds=API_SECONDS))
    except Unavailable as exc:
        log.warning("started without the API: %s", exc)
        return ""
    if not is_release(reply.version):
        log.warning("started without knowing the API's release: it says %r", reply.version)
        return ""
    return why_not_spoken(reply.version, pinned().version)
