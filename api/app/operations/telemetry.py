"""Trace id, one JSON log line a request, and the header of every response. Plain ASGI."""

import json
import logging
import logging.config
import random
import re
import time
import traceback
from contextvars import ContextVar
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.route_contexts import RouteTemplates, own_path
from app.operations import metrics

trace_id: ContextVar[str] = ContextVar("trace_id", default="")

# https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
access = logging.getLogger("app.access")
# No line shows these: https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
vars(logging)["logAsyncioTasks"] = False  # Python 3.12
vars(logging)["_srcfile"] = None  # nor the line that logs, which costs a walk of the stack


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, trace id, and the extra fields."""

    def __init__(self) -> None:
        super().__init__()
        self._second, self._time = 0, ""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": self._format_second(int(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": trace_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = describe(record.exc_info[1])
        try:
            return msgspec.json.encode(line).decode()
        except UnicodeEncodeError:  # half a surrogate pair, which an error's message may quote
            return json.dumps(line, default=str)

    def _format_second(self, second: int) -> str:
        """Return a time of RFC 3339; the lines of one second share it."""
        if second != self._second:
            self._time = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
            self._second = second
        return self._time


# Their messages quote what people typed: "Key (sku)=(…) already exists".
QUOTING = ("sqlalchemy", "asyncpg", "sqlite3", "pydantic_core")


def describe(error: BaseException | None, seen: set[int] | None = None) -> str:
    """Return a traceback, the first cause first; without messages that quote data.

    An error can be its own cause, or be in a group that is its cause: ``seen`` are described.
    """
    parts: list[str] = []
    seen = set() if seen is None else seen
    while error and id(error) not in seen:
        seen.add(id(error))
        kind = type(error)
        message = "" if kind.__module__.startswith(QUOTING) else f": {error}"
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{kind.__module__}.{kind.__qualname__}{message}")
        if isinstance(error, BaseExceptionGroup):
            parts.extend(describe(each, seen) for each in error.exceptions)
        error = error.__cause__ or error.__context__
    return "\n\n".join(reversed(parts))


def configure_logging(level: str) -> dict[str, Any]:
    """Send every log line to standard output as JSON; return how, for processes yet to start."""
    quiet = ("uvicorn.access", "httpx2", "httpcore2", "aiosqlite")
    how: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json",
            }
        },
        "root": {"level": level, "handlers": ["stdout"]},
        "loggers": {name: {"level": "WARNING"} for name in quiet},
    }
    logging.config.dictConfig(how)
    return how


class TelemetryMiddleware:
    """Outermost: it sees what is really sent, and answers for what nobody caught."""

    def __init__(self, app: ASGIApp, contract_version: str, https_only: bool) -> None:
        self.app = app
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
        headers = [*self.headers, (b"traceparent", _join_trace(scope))]
        scope["caller"] = ""  # auth.py fills it; a context variable would not come back out
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            await self._answer(error, scope, receive, send_with_headers, status)
        finally:
            route = self.templates.find(scope, app, path)
            _record(scope, route, status, time.perf_counter() - started)

    async def _answer(
        self, error: Exception, scope: Scope, receive: Receive, send: Send, status: int
    ) -> None:
        """Answer, unless an answer has begun, and log a bug and an answer that broke off.

        The framework raises again what it has answered, with the problem's ``status``.
        """
        from app.http.exception_handlers import unhandled  # these need the trace id from here
        from app.http.problems import Problem, respond

        problem = unhandled(error)
        if type(problem) is Problem or status not in (0, problem.status):
            logging.getLogger("app").error("unhandled error", exc_info=error)
        if not status:
            await respond(problem, scope["path"])(scope, receive, send)


def _join_trace(scope: Scope) -> bytes:
    """Go on with the caller's trace, or begin one; return ``traceparent`` for the response."""
    trace, flags = f"{random.getrandbits(128):032x}", "00"  # unique, no secret
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := TRACEPARENT.fullmatch(value)):
            trace, flags = match[1].decode(), match[2].decode()
    trace_id.set(trace)
    span = scope.get("span_id") or f"{random.getrandbits(64):016x}"
    return f"00-{trace}-{span}-{flags}".encode()


def _record(scope: Scope, route: str, status: int, seconds: float) -> None:
    metrics.observe(scope["method"], route, status, seconds)
    fields = {
        "method": scope["method"],
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 2),
        "caller": scope["caller"],
    }
    access.info("request", extra={"fields": fields})
