"""Errors as RFC 9457 problem details (``application/problem+json``).

Raise a ``Problem`` anywhere; exception_handlers.py answers with it. ``errors[].pointer`` is a JSON
Pointer (RFC 6901) into the request's body, so that a form can put each message beside its field.
"""

import http.client
import json
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Response
from pydantic import Field

from app.http.trace_context import trace_id
from app.types import Schema

MEDIA_TYPE = "application/problem+json"


class FieldProblem(Schema):
    """One value that was refused."""

    pointer: str = Field(
        description="JSON Pointer to the value in the body; `#/query/…`, `#/path/…` elsewhere.",
        examples=["#/name"],
    )
    code: str = Field(description="Stable reason for machines.", examples=["too_short"])
    detail: str = Field(description="Sentence for a person.", examples=["This name is taken."])


class ProblemDetails(Schema):
    """What every error answers (RFC 9457)."""

    type: str = Field(
        description="Stable name of the problem, a relative URI.", examples=["/problems/not-found"]
    )
    title: str = Field(description="The problem in few words.", examples=["Not found"])
    status: int = Field(ge=400, le=599, description="HTTP status.", examples=[404])
    detail: str = Field(
        description="Sentence for a person.", examples=["There is nothing at this path."]
    )
    instance: str = Field(description="Path of the request.", examples=["/v1/identity"])
    trace_id: str = Field(
        description="W3C trace id; the log lines of this request carry it.",
        examples=["4bf92f3577b34da6a3ce929d0e0e4736"],
    )
    errors: list[FieldProblem] = Field(
        max_length=1000, description="The values that were refused, if it is about values."
    )
    current: dict[str, Any] = Field(description="With 412: what the resource is now.")


class Problem(Exception):
    """An error with an answer for the caller."""

    status: int = 500
    type: str = "/problems/internal"
    title: str = "Internal error"

    def __init__(
        self,
        detail: str = "",
        errors: list[FieldProblem] | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail, self.errors, self.headers, self.members = detail, errors, headers, members


class StatusProblem(Problem):
    """A problem that means what its status means: ``about:blank`` (RFC 9457, 4.2.1)."""

    type = "about:blank"

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.title = int(status), http.client.responses.get(status, "Error")
        super().__init__(detail, headers=headers)


class Unauthenticated(Problem):
    """No valid token (RFC 6750, 3.1)."""

    status, type, title = 401, "/problems/unauthenticated", "Valid access token required"


class Forbidden(Problem):
    """The token lacks the scope."""

    status, type, title = 403, "/problems/forbidden", "Not allowed"


class NotFound(Problem):
    """The resource does not exist, or the caller may not know that it does."""

    status, type, title = 404, "/problems/not-found", "Not found"


class MethodNotAllowed(Problem):
    """The path exists, the method does not; ``Allow`` lists those that do (RFC 9110, 15.5.6)."""

    status, type, title = 405, "/problems/method-not-allowed", "Method not allowed"


class Conflict(Problem):
    """The request contradicts the current state."""

    status, type, title = 409, "/problems/conflict", "Conflict"


class VersionMismatch(Problem):
    """``If-Match`` names a version that is no longer the present one; ``current`` has that one."""

    status, type, title = 412, "/problems/version-mismatch", "Changed by someone else"


class TooLarge(Problem):
    """The body is larger than the service reads."""

    status, type, title = 413, "/problems/too-large", "Request body too large"


class Invalid(Problem):
    """The request does not match the contract."""

    status, type, title = 422, "/problems/invalid", "Invalid request"


class VersionRequired(Problem):
    """A write came without ``If-Match`` (RFC 6585, 3)."""

    status, type, title = 428, "/problems/version-required", "If-Match header required"


class TooManyRequests(Problem):
    """The caller has reached its rate limit (RFC 6585, 4)."""

    status, type, title = 429, "/problems/too-many-requests", "Too many requests"


class Unavailable(Problem):
    """A service that the request needs does not answer."""

    status, type, title = 503, "/problems/unavailable", "Not available just now"


# The body is the problem's own, so an exception's headers about a body are dropped.
OF_THE_BODY = frozenset(("content-type", "content-length", "content-encoding", "transfer-encoding"))


def respond(problem: Problem, path: str) -> Response:
    """Return the response of ``problem``; without a body where HTTP allows none."""
    content = None
    if has_body(problem.status):
        content = _encode(_members(problem, path))
    response = Response(content, problem.status, media_type=MEDIA_TYPE if content else None)
    for name, value in (problem.headers or {}).items():
        if name.lower() not in OF_THE_BODY:
            response.headers.append(name, str(value))
    response.headers.setdefault("cache-control", "no-store")
    return response


def has_body(status: int) -> bool:
    """Tell whether a response of this status has a body (RFC 9110, 6.4.1)."""
    return status >= 200 and status not in (204, 205, 304)


def _members(problem: Problem, path: str) -> dict[str, Any]:
    return {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        "trace_id": trace_id.get(),
        "errors": [error.model_dump() for error in problem.errors or ()],
        "current": {},
        **problem.members,
    }


def _encode(members: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(members)
    except UnicodeEncodeError:  # half a surrogate pair, quoted from the request
        return json.dumps(members, default=str).encode()


def responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Declare problems at a route, so that the contract lists them."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        p.status: {"description": f"{p.title}.", "content": {MEDIA_TYPE: {"schema": schema}}}
        for p in problems
    }


READ_PROBLEMS = responses(NotFound)
CREATE_PROBLEMS = responses(Conflict, TooLarge)
WRITE_PROBLEMS = responses(NotFound, Conflict, VersionMismatch, TooLarge, VersionRequired)
