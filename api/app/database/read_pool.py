"""The read pool: one SELECT at a time, in no transaction, perhaps on a replica.

``snapshot`` is for several SELECTs that must show the same moment.

There are two readers. ``SqlAlchemyReader`` runs a statement through SQLAlchemy, on either engine.
``AsyncpgReader`` has SQLAlchemy compile a statement once and hands it to the driver; it costs a
quarter. Both give the same rows (tests/test_read_pool.py); nobody else knows which one it is.
"""

import asyncio
import contextlib
import json
import time
from collections import namedtuple
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import JSON, Dialect, Executable, Float, Numeric
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.database import slow_queries
from app.database.connection_pool import ConnectionPool, PooledConnection
from app.database.errors import DRIVER_ERRORS, DROPPED, Condition, classify, from_asyncpg, wrap

Values = Mapping[str, Any]
FLOAT8, NUMERIC = 701, 1700  # pg_type.oid
NO_VALUES: Values = MappingProxyType({})


# SQLite's snapshot begins with the first SELECT; others write meanwhile (WAL).
BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


class Snapshot(Protocol):
    """Runs SELECTs."""

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row."""

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""


class Reader(Snapshot, Protocol):
    """What both readers can do."""

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Return what runs all its SELECTs on the database as it was at one moment.

        It has a connection of its own meanwhile; a replica is not asked.
        """

    async def close(self) -> None:
        """Close the connections."""


class SqlAlchemyReader:
    """Reads through SQLAlchemy."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row; tries once more if an idle connection was closed."""
        try:
            return await self._fetch(statement, values)
        except DBAPIError as error:
            if not is_worth_another_try(error):
                raise
            return await self._fetch(statement, values)

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Run all SELECTs in one transaction."""
        async with self._engine.connect() as connection:
            try:
                await connection.exec_driver_sql(BEGIN[self._engine.dialect.name])
                yield _SqlAlchemySnapshot(connection)
                await connection.exec_driver_sql("ROLLBACK")
            except BaseException:
                await connection.invalidate()
                raise

    async def _fetch(self, statement: Executable, values: Values) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            return await _SqlAlchemySnapshot(connection).all(statement, values)

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()


class _SqlAlchemySnapshot:
    """Reads on one connection of SQLAlchemy."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row."""
        started = time.perf_counter()
        rows = (await self._connection.execute(statement, values)).all()
        slow_queries.note(statement, started)
        return rows

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None


class Compiled(NamedTuple):
    """A statement as the driver takes it, with the conversions of its values and rows."""

    sql: str
    defaults: Values
    names: Sequence[str]
    into: Sequence[Callable[[Any], Any] | None]
    out_of: Sequence[tuple[int, Callable[[Any], Any]]]
    row: Callable[[Any], Any]

    def arguments(self, values: Values) -> list[Any]:
        """Return the values in the order of the statement's parameters."""
        parameters = {**self.defaults, **values}
        return [
            convert(parameters[name]) if convert else parameters[name]
            for name, convert in zip(self.names, self.into, strict=True)
        ]

    def rows(self, records: Sequence[Any]) -> Sequence[Any]:
        """Return records as rows: values by name, of the types that the models declare."""
        rows = []
        for record in records:
            cells = list(record)
            for place, convert in self.out_of:
                cells[place] = convert(cells[place])
            rows.append(self.row(cells))
        return rows


def _result_processor(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what converts a value of the driver's, if it must be converted."""
    if isinstance(kind, JSON):  # SQLAlchemy has its own connections read it
        return lambda text: None if text is None else json.loads(text)
    codes = {Float: FLOAT8, Numeric: NUMERIC}  # the only types that ask for it
    code = next((codes[each] for each in codes if isinstance(kind, each)), None)
    found: Callable[[Any], Any] | None = kind.result_processor(dialect, code)
    return found


def compile_statement(statement: Any, dialect: Dialect) -> Compiled:
    """Return a statement as SQLAlchemy compiles it, with the conversions of its types."""
    compiled = statement.compile(dialect=dialect)
    columns = list(statement.exported_columns)
    inward = [compiled.binds[name].type.dialect_impl(dialect) for name in compiled.positiontup]
    outward = [_result_processor(c.type.dialect_impl(dialect), dialect) for c in columns]
    return Compiled(
        sql=compiled.string,
        defaults=compiled.params,
        names=compiled.positiontup,
        into=[kind.bind_processor(dialect) for kind in inward],
        out_of=[(place, convert) for place, convert in enumerate(outward) if convert],
        row=getattr(namedtuple("Row", [c.key for c in columns], rename=True), "_make"),  # noqa: B009
    )


class AsyncpgReader:
    """Reads from PostgreSQL through asyncpg; its errors have SQLAlchemy's types."""

    def __init__(self, pool: ConnectionPool, dialect: Dialect) -> None:
        self._pool, self._dialect = pool, dialect
        self._compiled: MutableMapping[Executable, Compiled] = WeakKeyDictionary()

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row; tries once more if an idle connection was closed."""
        try:
            return await self.run(statement, values)
        except DBAPIError as error:
            if not is_worth_another_try(error):
                raise
            return await self.run(statement, values)

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    async def run(self, statement: Executable, values: Values) -> Sequence[Any]:
        """Run a statement of any kind, in a transaction of its own; never twice."""
        compiled = self.compile(statement)
        return compiled.rows(await self._fetch(compiled.sql, compiled.arguments(values), values))

    def compile(self, statement: Executable) -> Compiled:
        """Return a statement as the driver takes it; compiled once, as long as there is one."""
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = compile_statement(statement, self._dialect)
        return compiled

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Run all SELECTs in one transaction; a failure closes its connection."""
        connection = await self._acquire()
        snapshot = _AsyncpgSnapshot(self, connection)
        try:
            await snapshot.call(connection.execute, BEGIN["postgresql"])
            yield snapshot
            await snapshot.call(connection.execute, "ROLLBACK")
        except BaseException:
            self._pool.discard(connection)
            raise
        finally:
            self._pool.release(connection)

    def expire(self) -> None:
        """Replace every connection before its next use, at most once a second."""
        self._pool.expire()

    async def _fetch(self, sql: str, arguments: list[Any], values: Values) -> Sequence[Any]:
        connection = await self._acquire()
        started = time.perf_counter()
        try:
            records: Sequence[Any] = await connection.fetch(sql, *arguments)
            return records
        except Exception as error:
            raise wrap(self.drop_if_lost(connection, error), sql, dict(values)) from error
        except asyncio.CancelledError:
            self._pool.discard(connection)
            raise
        finally:
            slow_queries.note(sql, started)
            self._pool.release(connection)

    async def _acquire(self) -> PooledConnection:
        try:
            return await self._pool.acquire()
        except DRIVER_ERRORS as error:
            raise OperationalError(None, None, error) from error

    def drop_if_lost(self, connection: PooledConnection, raised: Exception) -> Exception:
        """Close a connection that is of no use after an error, or all of them; return the error."""
        error = from_asyncpg(raised)
        condition = classify(error)
        if condition is Condition.LOST:
            self.expire()
        if isinstance(error, TimeoutError):
            self._pool.discard(connection)  # the driver cancels the statement first
        elif condition in DROPPED:
            _terminate(connection)
        return error

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


class _AsyncpgSnapshot:
    """Reads on one connection of asyncpg."""

    def __init__(self, reader: AsyncpgReader, connection: Any) -> None:
        self._reader, self._connection = reader, connection

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row."""
        compiled = self._reader.compile(statement)
        fetch, arguments = self._connection.fetch, compiled.arguments(values)
        return compiled.rows(await self.call(fetch, compiled.sql, *arguments))

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    async def call(self, function: Any, sql: str, *arguments: Any) -> Any:
        """Call a function of the driver; its errors have SQLAlchemy's types."""
        started = time.perf_counter()
        try:
            return await function(sql, *arguments)
        except Exception as error:
            raise wrap(self._reader.drop_if_lost(self._connection, error), sql, {}) from error
        finally:
            slow_queries.note(sql, started)


def _terminate(connection: Any) -> None:
    with contextlib.suppress(asyncpg.InterfaceError):  # it is closed already
        connection.terminate()


def is_worth_another_try(error: DBAPIError) -> bool:
    """Tell whether the read may succeed at once on another connection."""
    return error.connection_invalidated and not isinstance(error.orig, TimeoutError)
