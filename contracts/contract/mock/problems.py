"""Errors as RFC 9457 problems."""

from __future__ import annotations

import secrets
from http.client import responses
from typing import Any

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is an error; `errors` are the values at fault."""

    def __init__(self, status: int, detail: str, errors: list[dict[str, str]] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.more = more

    def body(self, path: str) -> dict[str, Any]:
        """The problem as it is sent."""
        title = responses.get(self.status, "Unknown status")
        return {
            "type": f"/problems/{title.lower().replace(' ', '-')}",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "instance": path,
            "trace_id": secrets.token_hex(16),
            "errors": self.errors,
            "current": {},
            **self.more,
        }

    def headers(self) -> dict[str, str]:
        """What a client needs besides the body (RFC 9110, sections 11.6.1 and 10.2.3)."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {"Retry-After": "1"} if self.status in (429, 503) else {}
