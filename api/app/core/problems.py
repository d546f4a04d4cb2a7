"""Errors as RFC 9457 problem details (``application/problem+json``).

Raise a ``Problem`` anywhere; the handlers below answer with it. ``errors[].pointer`` is a JSON
Pointer (RFC 6901) into the request's body, so that a form can put each message beside its field.
"""

from typing import Any, ClassVar, NamedTuple

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.core.database import AMBIGUOUS, violated_constraint
from app.core.telemetry import trace_id
from app.core.types import Schema

MEDIA_TYPE = "application/problem+json"


class FieldProblem(Schema):
    """One value that was refused."""

    pointer: str = Field(
        description="JSON Pointer to the value in the body; `#/query/…`, `#/path/…` elsewhere.",
        examples=["#/price/amount_minor"],
    )
    code: str = Field(description="Stable reason for machines.", examples=["too_short"])
    detail: str = Field(description="Sentence for a person.", examples=["SKU already in use."])


class ProblemDetails(Schema):
    """What every error answers (RFC 9457)."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    type: str = Field(
        description="Stable name of the problem, a relative URI.", examples=["/problems/not-found"]
    )
    title: str = Field(description="The problem in few words.", examples=["Not found"])
    status: int = Field(ge=400, le=599, description="HTTP status.", examples=[404])
    detail: str = Field("", description="Sentence for a person.", examples=["No such product."])
    instance: str = Field(description="Path of the request.", examples=["/v1/products"])
    trace_id: str = Field(
        description="W3C trace id; the log lines of this request carry it.",
        examples=["4bf92f3577b34da6a3ce929d0e0e4736"],
    )
    errors: list[FieldProblem] = Field(
        [], max_length=1000, description="The values that were refused, if it is about values."
    )
    current: dict[str, Any] = Field({}, description="With 412: what the resource is now.")


class Problem(Exception):
    """An error that a caller is meant to see."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "/problems/internal"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str = "",
        errors: list[FieldProblem] | None = None,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail, self.errors, self.headers, self.members = detail, errors, headers, members


class Unauthenticated(Problem):
    """No token, or one that does not hold (RFC 6750, 3.1)."""

    status, type, title = 401, "/problems/unauthenticated", "Valid access token required"


class Forbidden(Problem):
    """The token's scope does not reach this far."""

    status, type, title = 403, "/problems/forbidden", "Not allowed"


class NotFound(Problem):
    """The resource does not exist, or the caller may not know that it does."""

    status, type, title = 404, "/problems/not-found", "Not found"


class MethodNotAllowed(Problem):
    """The path exists, the method does not; ``Allow`` lists those that do (RFC 9110, 15.5.6)."""

    status, type, title = 405, "/problems/method-not-allowed", "Method not allowed"


class Conflict(Problem):
    """The request contradicts the present state."""

    status, type, title = 409, "/problems/conflict", "Conflict"


class VersionMismatch(Problem):
    """``If-Match`` names a version that is no longer the present one; ``current`` has that one."""

    status, type, title = 412, "/problems/version-mismatch", "Changed by someone else"


class TooLarge(Problem):
    """The body is larger than the service reads."""

    status, type, title = 413, "/problems/too-large", "Request body too large"


class Invalid(Problem):
    """The request is not what the contract says."""

    status, type, title = 422, "/problems/invalid", "Invalid request"


class VersionRequired(Problem):
    """A write came without ``If-Match`` (RFC 6585, 3)."""

    status, type, title = 428, "/problems/version-required", "If-Match header required"


class Unavailable(Problem):
    """The database cannot be asked just now."""

    status, type, title = 503, "/problems/unavailable", "Not available just now"


class Violation(NamedTuple):
    """What it means to a caller that a constraint refused a row."""

    pointer: str
    code: str
    detail: str
    in_use: str = ""  # a foreign key's other side: the sentence for "cannot be deleted"


def respond(problem: Problem, path: str) -> Response:
    """Return the response of ``problem``."""
    body = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        "trace_id": trace_id.get(),
        **problem.members,
    }
    if problem.errors:
        body["errors"] = [error.model_dump() for error in problem.errors]
    headers = {"Cache-Control": "no-store"} | (problem.headers or {})
    return Response(msgspec.json.encode(body), problem.status, headers, MEDIA_TYPE)


def responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Declare problems at a route, so that the contract lists them."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        p.status: {"description": f"{p.title}.", "content": {MEDIA_TYPE: {"schema": schema}}}
        for p in problems
    }


WRITE_PROBLEMS = responses(NotFound, Conflict, VersionMismatch, TooLarge, VersionRequired)


def _pointer(loc: tuple[int | str, ...]) -> str:
    """Translate Pydantic's location: ``("body", "items", 0)`` is ``#/items/0``."""
    if loc[:1] == ("body",):
        # A malformed body has a byte offset here, which is no pointer.
        loc = () if len(loc) == 2 and isinstance(loc[1], int) else loc[1:]
    return "#" + "".join(f"/{str(p).replace('~', '~0').replace('/', '~1')}" for p in loc)


METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def _allowed_methods(request: Request) -> str:
    """Return every method of the path; the framework names those of the first route alone."""
    return ", ".join(
        method
        for method in METHODS
        for route in request.app.router.routes
        if route.matches(dict(request.scope) | {"method": method})[0] is Match.FULL
    )


def _from_http_exception(request: Request, error: HTTPException) -> Problem:
    match error.status_code:
        case 404:
            return NotFound("There is nothing at this path.")
        case 405:
            return MethodNotAllowed(headers={"Allow": _allowed_methods(request)})
    error_of_body = FieldProblem(pointer="#", code="body", detail="The body cannot be read.")
    return Invalid(errors=[error_of_body])


def _from_validation(error: RequestValidationError) -> Problem:
    return Invalid(
        errors=[
            FieldProblem(pointer=_pointer(e["loc"]), code=e["type"], detail=e["msg"])
            for e in error.errors()[:100]
        ]
    )


def _from_database(error: DBAPIError, constraints: dict[str, Violation]) -> Problem:
    if not isinstance(error, IntegrityError):
        if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
            return Unavailable(headers={"Retry-After": "1"})
        raise error
    violation = constraints.get(violated_constraint(error) or "")
    if violation is None:
        raise error
    if violation.in_use and (error.statement or "").startswith("DELETE"):
        return Conflict(violation.in_use)
    pointer, code, detail, _ = violation
    return Conflict(errors=[FieldProblem(pointer=pointer, code=code, detail=detail)])


def install(app: FastAPI, constraints: dict[str, Violation]) -> None:
    """Register the handlers. ``constraints`` says what each named constraint means to a caller."""
    constraints = constraints | {
        AMBIGUOUS: Violation("#", "reference", "Something it refers to is missing, or uses it.")
    }

    def on(kind: type[Exception], translate: Any) -> None:
        async def handler(request: Request, error: Exception) -> Response:
            return respond(translate(request, error), request.url.path)

        app.add_exception_handler(kind, handler)

    on(Problem, lambda _, error: error)
    on(HTTPException, _from_http_exception)
    on(RequestValidationError, lambda _, error: _from_validation(error))
    on(StaleDataError, lambda _, error: VersionMismatch())
    on(DBAPIError, lambda _, error: _from_database(error, constraints))
    for kind in (PoolTimeout, ConnectionError):  # no connection free, none to be had
        on(kind, lambda _, error: Unavailable(headers={"Retry-After": "1"}))
