"""Turns exceptions of the framework, the database and the rules into problems."""

import asyncio
import inspect
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from app.database.column_types import OutOfCalendar
from app.database.constraints import AMBIGUOUS, Violation, violated_constraint
from app.database.errors import (
    READ_ONLY,
    UNAVAILABLE,
    Condition,
    classify,
    driver_error,
    sqlstate,
)
from app.database.locks import LockTimeout
from app.http.problems import (
    Conflict,
    FieldProblem,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    StatusProblem,
    TooLarge,
    Unavailable,
    VersionMismatch,
    respond,
)
from app.http.route_contexts import allowed_methods

log = logging.getLogger(__name__)


def _pointer(loc: tuple[int | str, ...]) -> str:
    """Translate Pydantic's location: ``("body", "items", 0)`` is ``#/items/0``."""
    if loc[:1] == ("body",):
        # For malformed JSON this is a byte offset, which is no pointer.
        loc = () if len(loc) == 2 and isinstance(loc[1], int) else loc[1:]
    return _valid("#" + "".join(f"/{str(p).replace('~', '~0').replace('/', '~1')}" for p in loc))


def _valid(words: str) -> str:
    """Return a text without halves of surrogate pairs, which UTF-8 cannot encode."""
    return words.encode("utf-8", "backslashreplace").decode()


# Modules of the framework that raise HTTPException themselves.
FRAMEWORK = (
    "fastapi.routing", "starlette.middleware.body_limit", "starlette.requests", "starlette.routing",
    "starlette.staticfiles",
)  # fmt: skip


def _is_frameworks_own(error: HTTPException) -> bool:
    """Tell whether FastAPI or Starlette itself raised it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") in FRAMEWORK


def _from_http_exception(request: Request, error: HTTPException) -> Problem:
    """Return a problem with the exception's status, detail and headers.

    The framework's own exceptions get a better detail."""
    if _is_frameworks_own(error):
        match error.status_code:
            case 400:
                unread = FieldProblem(pointer="#", code="body", detail="The body cannot be read.")
                return Invalid(errors=[unread])
            case 404:
                return NotFound("There is nothing at this path.")
            case 405:
                return MethodNotAllowed(headers={"Allow": ", ".join(allowed_methods(request))})
            case 413:
                return TooLarge("The body is larger than this operation reads.")
    return StatusProblem(error.status_code, _words(error.detail), error.headers)


def _words(detail: Any) -> str:
    """Return the detail as a text (RFC 9457, 3.1.4); other values become JSON."""
    if isinstance(detail, str):
        return detail
    return json.dumps(jsonable_encoder(detail), ensure_ascii=False)


def _from_validation(error: RequestValidationError) -> Problem:
    return Invalid(
        errors=[
            FieldProblem(pointer=_pointer(e["loc"]), code=e["type"], detail=_valid(e["msg"]))
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


def not_migrated(missing: Sequence[str]) -> str:
    """Return the words for a database that lacks revisions."""
    return f"The database lacks the migrations {', '.join(missing)}: run python -m app migrate."


async def _from_database(
    request: Request, error: DBAPIError, constraints: dict[str, Violation]
) -> Problem:
    """Return the problem of a database error; raise the error again if it is a bug."""
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
        violation = constraints.get(violated_constraint(error, constraints))
    if violation is None:
        return await _not_migrated(request, error)
    if violation.in_use and (error.statement or "").startswith("DELETE"):
        return Conflict(violation.in_use)
    pointer, code, detail, _ = violation
    return Conflict(errors=[FieldProblem(pointer=pointer, code=code, detail=detail)])


async def _not_migrated(request: Request, error: DBAPIError) -> Problem:
    """Return the problem of a database that lacks a migration, or raise the error again."""
    database = getattr(request.app.state, "database", None)
    missing: Sequence[str] = ()
    with suppress(SQLAlchemyError):  # then nobody knows
        missing = await database.revisions.missing() if database else ()
    if not missing:
        raise error
    log.error("database not migrated", extra={"fields": {"missing": missing}}, exc_info=error)
    return Unavailable(not_migrated(missing), headers={"Retry-After": "1"})


def _out_of_calendar() -> Problem:
    detail = "A moment is not within the years 1 to 9999 in UTC."
    return Invalid(errors=[FieldProblem(pointer="#", code="datetime_range", detail=detail)])


def _lock_timeout() -> Problem:
    detail = "Another request is taking this value just now; try again."
    return Conflict(detail, headers={"Retry-After": "1"})


def unhandled(error: BaseException) -> Problem:
    """Return the problem of an exception without a handler."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return StatusProblem(error.status_code, _words(error.detail), error.headers)
    if isinstance(error, asyncio.CancelledError):  # the time to stop is over
        return Unavailable("The server is stopping.", headers={"Retry-After": "1"})
    return Problem()


def install(app: FastAPI, constraints: dict[str, Violation] | None = None) -> None:
    """Register the handlers; a sub-application needs them too.

    ``constraints`` says what each named constraint means to a caller.
    """
    meanings = (constraints or {}) | {
        AMBIGUOUS: Violation("#", "reference", "Something it refers to is missing, or uses it.")
    }

    def on(kind: type[Exception], translate: Any) -> None:
        async def handler(request: Request, error: Exception) -> Response:
            problem = translate(request, error)
            if inspect.isawaitable(problem):
                problem = await problem
            return respond(problem, request.scope["path"])

        app.add_exception_handler(kind, handler)

    on(Problem, lambda _, error: error)
    on(HTTPException, _from_http_exception)
    on(RequestValidationError, lambda _, error: _from_validation(error))
    on(StaleDataError, lambda _, error: VersionMismatch())
    on(OutOfCalendar, lambda *_: _out_of_calendar())
    on(LockTimeout, lambda *_: _lock_timeout())
    on(DBAPIError, lambda request, error: _from_database(request, error, meanings))
    on(PoolTimeout, lambda _, error: _unavailable(error))
    # The framework sends this answer and raises the exception again, so that it is logged.
    on(Exception, lambda _, error: unhandled(error))
