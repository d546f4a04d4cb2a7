"""Says what each error of a database means to a caller: one table for each engine.

Codes of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html, of SQLite:
https://www.sqlite.org/rescode.html. Errors keep SQLAlchemy's types; ``classify`` says what an
error is, ``translate_errors`` gives those of the network SQLAlchemy's type as well.
"""

import sqlite3
from enum import Enum
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncEngine

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
READ_ONLY = "25006"
LOCK_NOT_AVAILABLE = "55P03"


class UnreadableRow(asyncpg.InternalClientError):  # type: ignore[misc]  # it has no types
    """A row was not as the driver's prepared statement describes it.

    PostgreSQL refuses to run a statement whose columns have other types than before; a pooler
    prepares it again instead. asyncpg then raises whatever its reading of the bytes raises.
    """


class Condition(Enum):
    """The kinds of errors."""

    PASSING = "503: another try may do; the connection is good"
    LOST = "503: another connection may do; this one is dropped"
    FAULT = "503: as LOST, and an error in the log: the server wants a look at it"
    CONSTRAINT = "409: a constraint refused a row"
    VALUE = "422: a value of the caller that cannot be stored or searched"
    BUG = "500: the statement is wrong"


UNAVAILABLE = (Condition.PASSING, Condition.LOST, Condition.FAULT)
DROPPED = (Condition.LOST, Condition.FAULT)

TYPES: dict[Condition, type[DBAPIError]] = {
    Condition.CONSTRAINT: IntegrityError,
    Condition.VALUE: DataError,
    Condition.BUG: ProgrammingError,
}

# By code, or by class of codes (two characters). Any other code is a BUG.
POSTGRESQL = {
    "08": Condition.LOST,  # connection exception
    "22000": Condition.VALUE,  # data exception; the driver's own as well
    "22001": Condition.VALUE,  # string too long
    "22003": Condition.VALUE,  # number out of range
    "22007": Condition.VALUE,  # not a date or time
    "22008": Condition.VALUE,  # date or time out of range
    "22021": Condition.VALUE,  # NUL in a text
    "22P02": Condition.VALUE,  # text that cannot be read as the type
    "22P05": Condition.VALUE,  # character that the encoding lacks
    "23": Condition.CONSTRAINT,
    READ_ONLY: Condition.LOST,  # failover: another session may reach the new primary
    "25P03": Condition.LOST,  # idle in a transaction for too long: ended
    "25P04": Condition.LOST,  # transaction took too long: ended
    "26000": Condition.LOST,  # a pooler gave another session, which lacks a prepared statement
    "28": Condition.FAULT,  # login refused
    "3D000": Condition.FAULT,  # no such database
    "40": Condition.PASSING,  # rolled back: serialization, deadlock, conflict on a replica
    "42P05": Condition.LOST,  # a pooler gave another session, which has the prepared statement
    "53": Condition.PASSING,  # no connection or memory left
    "53100": Condition.FAULT,  # disk full
    "54000": Condition.VALUE,  # larger than an index takes
    "55000": Condition.PASSING,  # object not in the required state, as in a recovery
    "55006": Condition.PASSING,  # in use
    LOCK_NOT_AVAILABLE: Condition.PASSING,
    "57": Condition.LOST,  # shut down, starting, dropped
    "57014": Condition.PASSING,  # cancelled, as by a time-out
    "58": Condition.FAULT,  # error of the operating system
    "72": Condition.PASSING,  # snapshot too old
    "F0": Condition.FAULT,  # configuration
    "HV00N": Condition.PASSING,  # a foreign server does not answer
    "XX": Condition.FAULT,  # internal, damaged
}

# By primary code. Any other code is a BUG.
SQLITE = {
    sqlite3.SQLITE_INTERNAL: Condition.FAULT,
    sqlite3.SQLITE_PERM: Condition.FAULT,
    sqlite3.SQLITE_ABORT: Condition.PASSING,
    sqlite3.SQLITE_BUSY: Condition.PASSING,
    sqlite3.SQLITE_LOCKED: Condition.PASSING,
    sqlite3.SQLITE_NOMEM: Condition.PASSING,
    sqlite3.SQLITE_READONLY: Condition.FAULT,
    sqlite3.SQLITE_INTERRUPT: Condition.PASSING,
    sqlite3.SQLITE_IOERR: Condition.FAULT,
    sqlite3.SQLITE_CORRUPT: Condition.FAULT,
    sqlite3.SQLITE_FULL: Condition.FAULT,
    sqlite3.SQLITE_CANTOPEN: Condition.FAULT,
    sqlite3.SQLITE_PROTOCOL: Condition.PASSING,
    sqlite3.SQLITE_SCHEMA: Condition.PASSING,
    sqlite3.SQLITE_TOOBIG: Condition.VALUE,
    sqlite3.SQLITE_CONSTRAINT: Condition.CONSTRAINT,
    sqlite3.SQLITE_NOLFS: Condition.FAULT,
    sqlite3.SQLITE_NOTADB: Condition.FAULT,
}


def classify(error: BaseException) -> Condition:
    """Return the kind of an error, of a driver or of SQLAlchemy."""
    condition = Condition.BUG
    match raised := driver_error(error):
        case asyncpg.PostgresError():
            condition = _of_postgresql(raised)
        case asyncpg.InterfaceError():
            condition = Condition.LOST if "clos" in str(raised) else Condition.FAULT
        case asyncpg.InternalClientError():  # seen when a server is killed
            condition = Condition.LOST
        case sqlite3.Error():
            condition = _of_sqlite(raised)
        case OSError():  # of the network
            condition = Condition.LOST
        case OverflowError() | UnicodeError():  # a value that SQLite's driver cannot send
            condition = Condition.VALUE
    return condition


def driver_error(error: BaseException) -> BaseException:
    """Return the driver's own error; SQLAlchemy wraps asyncpg's twice."""
    raised = error.orig if isinstance(error, DBAPIError) and error.orig else error
    adapted = type(raised).__module__.startswith("sqlalchemy.") and raised.__cause__
    return adapted or raised


def from_asyncpg(error: Exception) -> Exception:
    """Return what asyncpg raised while it ran a statement; UnreadableRow if it is no error of its.

    A value that it cannot send is an InterfaceError.
    """
    known = isinstance(error, (*DRIVER_ERRORS, asyncpg.PostgresLogMessage))
    return error if known else UnreadableRow(type(error).__name__)


def sqlstate(error: BaseException) -> str:
    """Return PostgreSQL's error code; empty for SQLite."""
    return str(getattr(driver_error(error), "sqlstate", None) or "")


def _of_postgresql(error: asyncpg.PostgresError) -> Condition:
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return Condition.PASSING  # a column was changed; the next try gets a new plan
    if isinstance(error.__cause__, TypeError):
        return Condition.BUG  # a value of a wrong type
    code = error.sqlstate or ""
    return POSTGRESQL.get(code) or POSTGRESQL.get(code[:2]) or Condition.BUG


def _of_sqlite(error: sqlite3.Error) -> Condition:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by Python's module
        return Condition.LOST if "closed database" in str(error) else Condition.BUG
    return SQLITE.get(code & 0xFF, Condition.BUG)  # the upper bits are an extended code


def wrap(error: Exception, statement: str | None, values: Any) -> DBAPIError:
    """Return a driver's error as SQLAlchemy's; its message has no values."""
    condition = classify(error)
    kind = TYPES.get(condition, OperationalError)
    dropped = condition in DROPPED
    return kind(statement, values, error, hide_parameters=True, connection_invalidated=dropped)


def translate_errors(engine: AsyncEngine) -> None:
    """Raise errors of the network as SQLAlchemy's, and drop broken connections."""
    event.listen(engine.sync_engine, "do_connect", _connect)
    event.listen(engine.sync_engine, "handle_error", _handle)
    if engine.dialect.name == "postgresql":
        event.listen(engine.sync_engine, "checkout", _refuse_closed)


def _connect(dialect: Any, _: Any, arguments: Any, options: Any) -> Any:
    try:
        return dialect.connect(*arguments, **options)
    except OSError as error:
        raise dialect.loaded_dbapi.OperationalError(type(error).__name__) from error


def _handle(context: Any) -> DBAPIError | None:
    """Return the error to raise; None for SQLAlchemy's own."""
    error = context.original_exception
    if _is_of_asyncpg(context):
        error = from_asyncpg(error)
    condition = classify(error)
    if condition in DROPPED and context.connection:
        _drop(context, condition)
    if isinstance(error, OSError | OverflowError | UnicodeError | UnreadableRow):
        return wrap(error, context.statement, context.parameters)
    return None


def _is_of_asyncpg(context: Any) -> bool:
    """Tell whether asyncpg raised the error while it ran a statement, and SQLAlchemy left it so."""
    error, dialect = context.original_exception, context.dialect
    translated = isinstance(error, SQLAlchemyError | dialect.loaded_dbapi.Error)
    runs = dialect.name == "postgresql" and context.execution_context is not None
    return runs and isinstance(error, Exception) and not translated


def _drop(context: Any, condition: Condition) -> None:
    if context.dialect.name == "sqlite":  # after the rollback, which releases its lock
        context.connection.connection.invalidate(context.original_exception, soft=True)
        return
    context.is_disconnect = True
    # After LOST the other connections are closed too; a FAULT is of this connection alone.
    context.invalidate_pool_on_disconnect = condition is Condition.LOST


def _refuse_closed(connection: Any, *_: Any) -> None:
    """Replace a connection that the server has closed."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
