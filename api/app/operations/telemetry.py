"""Logs and counts each request, and sets the headers of every response. Plain ASGI."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.exception_handlers import unhandled
from app.http.problems import Problem, respond
from app.http.route_contexts import RouteTemplates, own_path
from app.http.scope import request_scope
from app.http.trace_context import join_trace
from app.operations import metrics

# Headers of operations that will go, by route template and method (http/sunset.py).
Deprecated = Mapping[tuple[str, str], Sequence[tuple[bytes, bytes]]]
access = logging.getLogger("app.access")


class TelemetryMiddleware:
    """The outermost middleware: it sees what is really sent, and answers unhandled exceptions."""

    def __init__(
        self,
        app: ASGIApp,
        contract_version: str,
        https_only: bool,
        deprecated: Deprecated = MappingProxyType({}),
    ) -> None:
        self.app, self.deprecated = app, deprecated
        self.templates = RouteTemplates()
        self.headers = [
            (b"contract-version", contract_version.encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if https_only:  # https://www.rfc-editor.org/rfc/rfc6797#section-6.1
            self.headers.append((b"strict-transport-security", b"max-age=63072000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, app, path = time.perf_counter(), scope["app"], own_path(scope)
        headers = [*self.headers, (b"traceparent", join_trace(scope))]
        # auth.py sets it. A context variable that is set there would not be seen here.
        request_scope(scope)["caller"] = ""
        status, answered = 0, 0.0

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
                message["headers"] += self._announcement(scope, path)
            await send(message)
            if message["type"] == "http.response.body":  # not what runs after the answer
                answered = time.perf_counter()

        try:
            await self.app(scope, receive, send_with_headers)
        except (Exception, asyncio.CancelledError) as error:
            await self._answer(error, scope, receive, send_with_headers, status)
        finally:
            route = self.templates.find(scope, app, path)
            _record(scope, route, status, (answered or time.perf_counter()) - started)

    def _announcement(self, scope: Scope, path: str) -> Sequence[tuple[bytes, bytes]]:
        """Return the headers of an operation that will go; HEAD is GET without its body."""
        if not self.deprecated:
            return ()
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        return self.deprecated.get((self.templates.find(scope, scope["app"], path), method), ())

    async def _answer(
        self, error: BaseException, scope: Scope, receive: Receive, send: Send, status: int
    ) -> None:
        """Answer unless an answer has begun; log bugs and incomplete answers.

        The framework raises an exception again after it has sent the problem's ``status``. A
        request that was cancelled ends as one.
        """
        problem = unhandled(error)
        if type(problem) is Problem or status not in (0, problem.status):
            logging.getLogger("app").error("unhandled error", exc_info=error)
        if not status:
            await respond(problem, scope["path"])(scope, receive, send)
        if isinstance(error, asyncio.CancelledError):
            raise error


def _record(scope: Scope, route: str, status: int, seconds: float) -> None:
    metrics.observe(scope["method"], route, status, seconds)
    fields = {
        "method": scope["method"],
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 2),
        "caller": request_scope(scope)["caller"],
    }
    access.info("request", extra={"fields": fields})
