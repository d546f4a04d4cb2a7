"""What went wrong in the framework, the database or a rule, as the problem that a caller sees."""

import logging
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from app.core.constraints import AMBIGUOUS, violated_constraint
from app.core.database_errors import (
    READ_ONLY,
    UNAVAILABLE,
    Condition,
    classify,
    driver_error,
    sqlstate,
)
from app.core.problems import (
    Conflict,
    FieldProblem,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unavailable,
    VersionMismatch,
    Violation,
    respond,
)

log = logging.getLogger(__name__)


def _pointer(loc: tuple[int | str, ...]) -> str:
    """Translate Pydantic's location: ``("body", "items", 0)`` is ``#/items/0``."""
    if loc[:1] == ("body",):
        # A malformed body has a byte offset here, which is no pointer.
        loc = () if len(loc) == 2 and isinstance(loc[1], int) else loc[1:]
    return "#" + "".join(f"/{str(p).replace('~', '~0').replace('/', '~1')}" for p in loc)


def _allowed_methods(request: Request) -> str:
    """Return every method of the path; the framework names those of the first route alone.

    A path without parameters wins over a template that fits as well (OpenAPI 3.1, Paths Object).
    """
    paths: dict[str, Any] = request.app.openapi()["paths"]
    parts = request.url.path.split("/")
    fitting = [path for path in paths if _fits(path.split("/"), parts)]
    operations = paths[min(fitting, key=lambda path: path.count("{"))] if fitting else ["get"]
    return ", ".join(sorted(method.upper() for method in operations))


def _fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        name == part or name.startswith("{") for name, part in zip(template, parts, strict=True)
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


def _unavailable(error: Exception, condition: Condition = Condition.PASSING) -> Problem:
    raised = driver_error(error)
    fields = {"error": type(raised).__name__, "sqlstate": sqlstate(error)}
    if condition is Condition.FAULT:
        log.error("database fault", extra={"fields": fields}, exc_info=error)
    else:
        log.warning("database away", extra={"fields": fields})
    detail = "The database does not answer just now."
    if sqlstate(error) == READ_ONLY:
        detail = "The database accepts no changes just now."
    return Unavailable(detail, headers={"Retry-After": "1"})


def _from_database(error: DBAPIError, constraints: dict[str, Violation]) -> Problem:
    """Return the problem of an error of the database; raise it again if it is a bug."""
    condition = classify(error)
    if condition in UNAVAILABLE:
        return _unavailable(error, condition)
    if condition is Condition.VALUE and error.params:
        fields = {"error": type(driver_error(error)).__name__, "sqlstate": sqlstate(error)}
        log.warning("value refused by the database", extra={"fields": fields})
        detail = "A value cannot be stored or searched."
        return Invalid(errors=[FieldProblem(pointer="#", code="value", detail=detail)])
    violation = None
    if isinstance(error, IntegrityError):
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
    on(PoolTimeout, lambda _, error: _unavailable(error))
