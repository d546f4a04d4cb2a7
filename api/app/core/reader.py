"""The read door: one SELECT at a time, in no transaction, perhaps on a replica.

There are two lanes. ``PlainReader`` runs a statement through SQLAlchemy, on either engine.
``FastReader`` has SQLAlchemy compile a statement once and hands it to the driver's own pool; it
costs a third. Both give the same rows (tests/test_reader.py); nobody else knows which one it is.
"""

import asyncio
import time
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, NoReturn, Protocol, cast

import asyncpg
from fastapi import Depends, Request
from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import slow
from app.core.database import driver_failed

# PostgreSQL's classes and codes of what passes: connections, resources, operator intervention,
# serialization failure, deadlock, lock not available.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
PASSING = ("08", "53", "57", "40001", "40P01", "55P03")
Values = Mapping[str, Any]
NO_VALUES: Values = MappingProxyType({})


class Reader(Protocol):
    """What a query asks of either lane."""

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row."""

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""

    async def close(self) -> None:
        """Close the connections."""


class PlainReader:
    """The lane through SQLAlchemy."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row; a connection that was closed while it idled costs a second try."""
        try:
            return await self._fetch(statement, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await self._fetch(statement, values)

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    async def _fetch(self, statement: Executable, values: Values) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            started = time.perf_counter()
            rows = (await connection.execute(statement, values)).all()
            slow.note(statement, started)
            return rows

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()


class Compiled(NamedTuple):
    """A statement as the driver takes it, and how its values go in and its rows come out."""

    sql: str
    defaults: Values
    names: Sequence[str]
    into: Sequence[Callable[[Any], Any] | None]
    out_of: Sequence[tuple[int, Callable[[Any], Any]]]
    row: Callable[[Any], Any]

    def arguments(self, values: Values) -> list[Any]:
        """Return the values in the order of the statement's parameters."""
        known = {**self.defaults, **values}
        return [
            convert(known[name]) if convert else known[name]
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


def compile_statement(statement: Any, dialect: Dialect) -> Compiled:
    """Let SQLAlchemy write the SQL, and say how each type goes in and comes out."""
    compiled = statement.compile(dialect=dialect)
    columns = list(statement.exported_columns)
    inward = [compiled.binds[name].type.dialect_impl(dialect) for name in compiled.positiontup]
    outward = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns]
    return Compiled(
        sql=compiled.string,
        defaults=compiled.params,
        names=compiled.positiontup,
        into=[kind.bind_processor(dialect) for kind in inward],
        out_of=[(place, convert) for place, convert in enumerate(outward) if convert],
        row=getattr(namedtuple("Row", [c.key for c in columns], rename=True), "_make"),  # noqa: B009
    )


class FastReader:
    """The lane past SQLAlchemy, for PostgreSQL."""

    def __init__(self, pool: "asyncpg.Pool", dialect: Dialect, patience: float) -> None:
        self._pool, self._dialect, self._patience = pool, dialect, patience
        self._compiled: dict[Executable, Compiled] = {}  # as many as there are statements

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row; a connection that was closed while it idled costs a second try."""
        try:
            return await self.run(statement, values)
        except ConnectionError:
            return await self.run(statement, values)

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    async def run(self, statement: Executable, values: Values) -> Sequence[Any]:
        """Run any one statement, once; it is a transaction of its own."""
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = compile_statement(statement, self._dialect)
        arguments = compiled.arguments(values)
        try:
            return compiled.rows(await self._fetch(compiled.sql, arguments))
        except OSError as error:
            raise driver_failed(error) from error

    async def _fetch(self, sql: str, arguments: list[Any]) -> Sequence[Any]:
        """Ask the database; ConnectionError if it may know better the next time."""
        if self._pool.get_idle_size():
            connection = await self._pool.acquire()
        else:
            async with asyncio.timeout(self._patience):
                connection = await self._open()
        try:
            started = time.perf_counter()
            records: Sequence[Any] = await connection.fetch(sql, *arguments)
            return records
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(sql, None, error) from error  # as SQLAlchemy says it
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _give_up(error)
        finally:
            slow.note(sql, started)
            await self._pool.release(connection)

    async def _open(self) -> Any:
        """Return a connection that becomes free, or a new one; OSError if none is to be had."""
        try:
            return await self._pool.acquire()
        except TimeoutError as error:  # of a new one; the wait for a free one ends outside
            raise OSError("no answer") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _give_up(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


def _give_up(error: Exception) -> NoReturn:
    """Raise ConnectionError for what passes, else the error itself."""
    state = getattr(error, "sqlstate", None) or "08000"  # the driver's own: connection lost
    if state.startswith(PASSING):
        raise ConnectionError(type(error).__name__) from error
    raise error


async def get_reader(request: Request) -> Reader:
    """Give the door to the replica, if there is one and the caller may use it."""
    database, scope = request.app.state.database, request.scope
    read: Reader = database.read
    if database.replica is None or not scope["caller"]:
        return read
    writers = request.app.state.recent_writers
    behind = await writers.has(scope["caller"], scope["scopes"])
    return read if behind else cast(Reader, database.replica)


ReaderDep = Annotated[Reader, Depends(get_reader)]
