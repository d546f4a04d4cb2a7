"""Trace id, one JSON log line a request, and the header of every response. Plain ASGI."""

import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

trace_id: ContextVar[str] = ContextVar("trace_id", default="")

# https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
access = logging.getLogger("app.access")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, trace id, and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": trace_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def configure_logging(level: str) -> None:
    """Send every log line to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    formatter = JsonFormatter()
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("uvicorn.access", "httpx2", "httpcore2", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class TelemetryMiddleware:
    """Outermost: it sees what is really sent, and answers for what nobody caught."""

    def __init__(self, app: ASGIApp, contract_version: str) -> None:
        self.app = app
        self.headers = [(b"contract-version", contract_version.encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        trace_id.set(_trace_id(scope))
        scope["caller"] = ""  # auth.py fills it; a context variable would not come back out
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self.headers]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            logging.getLogger("app").exception("unhandled error")
            if not status:
                await self._internal_error(scope, receive, send_with_headers)
        finally:
            access.info("request", extra={"fields": _fields(scope, status, started)})

    async def _internal_error(self, scope: Scope, receive: Receive, send: Send) -> None:
        from app.core.problems import Problem, respond  # problems.py needs the trace id from here

        await respond(Problem(), scope["path"])(scope, receive, send)


def _trace_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := TRACEPARENT.fullmatch(value)):
            return str(match[1], "ascii")
    return secrets.token_hex(16)


def _fields(scope: Scope, status: int, started: float) -> dict[str, Any]:
    route = scope.get("route")
    return {
        "method": scope["method"],
        "route": getattr(route, "path", "unmatched"),
        "status": status,
        "duration_ms": round((time.perf_counter() - started) * 1000, 2),
        "caller": scope["caller"],
    }
