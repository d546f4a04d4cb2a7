"""Trace ids (W3C Trace Context): the caller's, or a new one."""

import random
import re
from contextvars import ContextVar

from starlette.types import Scope

from app.http.scope import request_scope

trace_id: ContextVar[str] = ContextVar("trace_id", default="")


# https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


def join_trace(scope: Scope) -> bytes:
    """Continue the caller's trace, or start one; return ``traceparent`` for the response."""
    trace, flags = f"{random.getrandbits(128):032x}", "00"  # unique; it need not be secret
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := TRACEPARENT.fullmatch(value)):
            trace, flags = match[1].decode(), match[2].decode()
    trace_id.set(trace)
    span = request_scope(scope).get("span_id") or f"{random.getrandbits(64):016x}"
    return f"00-{trace}-{span}-{flags}".encode()
