"""Tells callers that an operation will go: ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

Headers = list[tuple[bytes, bytes]]
# RFC 9745 wants the moment at which it was deprecated. The code knows that it was, not since when.
DEPRECATION = b"@0"


def announcements(routes: Sequence[BaseRoute]) -> dict[tuple[str, str], Headers]:
    """Return the headers of each deprecated operation, by path template and method.

    ``Sunset`` is the beginning of the day that ``x-sunset`` names, in UTC.
    """
    found: dict[tuple[str, str], Headers] = {}
    for context in iter_route_contexts(routes):
        if not getattr(context, "deprecated", None) or not context.path:
            continue
        headers: Headers = [(b"deprecation", DEPRECATION)]
        if day := (getattr(context, "openapi_extra", None) or {}).get("x-sunset"):
            start = datetime.combine(date.fromisoformat(str(day)), datetime.min.time(), UTC)
            headers.append((b"sunset", format_datetime(start, usegmt=True).encode()))
        found |= {(context.path, method): headers for method in context.methods or ()}
    return found
