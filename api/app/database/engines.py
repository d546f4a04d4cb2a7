"""Engines, sessions, column types; all that is different in SQLite is here."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Annotated, Any, Protocol, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    SQLColumnExpression,
    String,
    bindparam,
    event,
    func,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, DontWrapMixin
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7

from app.database import slow_queries
from app.database.errors import LOCK_NOT_AVAILABLE, sqlstate, translate_errors
from app.http.problems import FieldProblem, Invalid

E = TypeVar("E", bound=StrEnum)
Values = Mapping[str, Any]

# Every constraint has a name: Alembic can drop it, problems.py can say which field broke it.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

CONNECT_SECONDS = 0.8


class Model(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMES)


class OutOfCalendar(Invalid, DontWrapMixin):
    """A moment that in UTC is before year 1, or after 9999; SQLAlchemy lets it through."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, which one without a zone is in; OutOfCalendar if it cannot."""
        if value is None or value.tzinfo is UTC:
            return value
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        try:
            return value.astimezone(UTC)
        except OverflowError as error:
            detail = "A moment is not within the years 1 to 9999 in UTC."
            problem = FieldProblem(pointer="#", code="datetime_range", detail=detail)
            raise OutOfCalendar(errors=[problem]) from error

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return what makes a moment aware; of PostgreSQL's only the first and the last are not.

        Its driver stores those two as infinite, and reads them without a zone.
        """
        read: Any = self.impl_instance.dialect_impl(dialect).result_processor(dialect, coltype)
        if read is None:
            return lambda value: value and (value if value.tzinfo else value.replace(tzinfo=UTC))
        return lambda value: value and read(value).replace(tzinfo=UTC)


def text_enum(kind: type[E], length: int) -> Enum:
    """Return the type of an enum kept as text, by value: it grows without a migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda values: [value.value for value in values],
    )


def now() -> datetime:
    """Return this moment in UTC, to the microsecond that both engines keep."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7): later rows have larger keys; an index grows at its end."""
    return uuid7()


class DatabaseSettings(Protocol):
    """The settings that this module reads."""

    database_url: str
    read_database_url: str | None
    replica_lag_seconds: int
    pool_size: int
    pool_timeout_seconds: float
    statement_timeout_seconds: float
    slow_query_seconds: float


def create_write_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Return the engine of sessions, and of migrations."""
    url = settings.database_url
    options = engine_options(settings, url)
    if url.startswith("sqlite"):
        # SQLite has one writer at a time: one connection queues in order, where many would spin.
        engine = create_async_engine(url, **options | {"pool_size": 1})
        prepare_sqlite(engine)
        # IMMEDIATE takes the lock first: a rule that reads, then writes, cannot be overtaken.
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    else:
        engine = create_async_engine(url, **options)
    translate_errors(engine)
    slow_queries.watch(engine)
    return engine


def engine_options(settings: DatabaseSettings, url: str) -> dict[str, Any]:
    """Return what an engine is made with; ``connect_args`` suit the driver's own pool as well."""
    options: dict[str, Any] = {
        "pool_size": settings.pool_size,
        "pool_timeout": settings.pool_timeout_seconds,
        "max_overflow": 0,
        "hide_parameters": True,  # what people type does not belong into logs
    }
    if url.startswith("postgresql"):
        options["connect_args"] = {
            "server_settings": {"timezone": "UTC"},
            "timeout": _connect_seconds(settings, url),
            "command_timeout": settings.statement_timeout_seconds,
        }
    return options


def _connect_seconds(settings: DatabaseSettings, url: str) -> float:
    """Return how long a new connection may take: as long as a free one is waited for.

    A replica has less time: the primary answers for one that hangs.
    """
    if url == settings.read_database_url:
        return CONNECT_SECONDS
    return max(settings.pool_timeout_seconds, CONNECT_SECONDS)


def _unicode_lower(words: str | None) -> str | None:
    # Letter by letter, as PostgreSQL: Python's knows a sigma that ends a word, but not where the
    # word goes on that somebody searches for.
    return words and words.replace("Σ", "σ").lower()


def prepare_sqlite(engine: AsyncEngine) -> None:
    """Make SQLite keep foreign keys, read beside its writer, and know Unicode."""

    def on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.close()
        # SQLite's own knows ASCII only.
        connection.create_function("lower", 1, _unicode_lower, deterministic=True)

    event.listen(engine.sync_engine, "connect", on_connect)


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def lower(words: Any) -> ColumnElement[str]:
    """Return ``words`` in lower case, for an order and a search that ignore case."""
    return func.lower(words, type_=String)


def day_of(moment: Any) -> ColumnElement[str]:
    """Return the day of a moment, in UTC; PostgreSQL's sessions are set to UTC in ``connect``."""
    return func.date(moment, type_=String)


def contains(words: SQLColumnExpression[str], parameter: str) -> ColumnElement[bool]:
    """Tell whether ``words`` match the bound ``search_pattern``, in any case.

    The database lowers both: its letters are not quite Python's.
    """
    return lower(words).like(lower(bindparam(parameter, type_=String)), escape="\\")


def search_pattern(words: str) -> str:
    """Return the LIKE pattern of a text that contains ``words``, wildcards taken literally."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", words) + "%"


@cache
def _defaults(model: type[Model]) -> dict[str, Callable[[], Any]]:
    """Return how the columns get their values that nobody gives."""
    return {c.key: partial(_default, c.default) for c in model.__table__.columns}


def _default(default: Any) -> Any:
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg


def new_row(model: type[Model], values: Values) -> dict[str, Any]:
    """Return a whole new row: what is not in ``values`` has its column's default."""
    defaults = _defaults(model)
    return {key: values[key] if key in values else make() for key, make in defaults.items()}


@asynccontextmanager
async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """Open a session: commit at the end, roll back on error."""
    state = request.app.state
    try:
        engine = state.database.write
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        # After a failure as well: who is told "changed since" must not read the old again.
        await state.recent_writers.remember(request.scope["caller"])


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Give one session and one transaction per request."""
    async with transaction(request) as session:
        yield session


# scope="function": the commit runs before the response leaves, so a commit that fails is an error.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]

SET_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :wait, true)")
INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


async def insert_if_absent(
    session: AsyncSession, model: type[Model], values: Values, wait_seconds: float
) -> bool:
    """Insert a row unless its key is taken; return whether it was inserted.

    Another transaction that is inserting the same key is waited for, then TimeoutError is raised.
    SQLite has one writer at a time, so there is none.
    """
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        await session.execute(SET_LOCK_TIMEOUT, {"wait": f"{wait_seconds:g}s"})
    statement = INSERT[dialect](model).values(values).on_conflict_do_nothing()
    try:
        result = await session.execute(statement)
    except DBAPIError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise TimeoutError from error
        raise
    return bool(getattr(result, "rowcount", 0))
