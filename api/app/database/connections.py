"""How a process reaches its database: an engine for writes, a read pool, perhaps a replica."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import Executable, Select, event, literal_column, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.database import slow_queries
from app.database.connection_pool import ConnectionPool, PooledConnection
from app.database.engines import (
    DatabaseSettings,
    create_write_engine,
    driver_arguments,
    engine_options,
    prepare_sqlite,
)
from app.database.errors import READ_ONLY, sqlstate, translate_errors
from app.database.read_pool import AsyncpgReader, Reader, SqlAlchemyReader, Values
from app.database.replica import Replica
from app.database.revisions import Revisions

PING = select(1)
# "on" on a replica, or if default_transaction_read_only is set.
IS_READ_ONLY: Select[Any] = select(
    literal_column("current_setting('transaction_read_only')").label("setting")
)


class Database(NamedTuple):
    """The engine for writes and the read pools of one process."""

    write: AsyncEngine
    read: Reader  # on the primary
    revisions: Revisions
    replica: Reader | None = None

    @property
    def asyncpg_reader(self) -> AsyncpgReader | None:
        """The read pool on PostgreSQL, which also runs single statements that write; else None."""
        return self.read if isinstance(self.read, AsyncpgReader) else None

    async def run(self, statement: Executable, values: Values) -> Sequence[Any]:
        """Run one statement that writes, in a transaction of its own; return its rows."""
        if pool := self.asyncpg_reader:
            return await pool.run(statement, values)
        async with self.write.begin() as connection:
            result = await connection.execute(statement, dict(values))
            return result.all() if result.returns_rows else ()

    async def is_writable(self) -> bool:
        """Tell whether the primary accepts changes; if not (failover), replace its connections."""
        if self.asyncpg_reader is None:
            return bool(await self.read.first(PING))
        row = await self.asyncpg_reader.first(IS_READ_ONLY)
        if row and row.setting == "on":
            self.asyncpg_reader.expire()
            return False
        return True

    async def dispose(self) -> None:
        """Close all connections."""
        await self.write.dispose()
        await self.read.close()
        if self.replica:
            await self.replica.close()


async def open_database(settings: DatabaseSettings) -> Database:
    """Make the engine and the pools; no connection is opened before the first query."""
    slow_queries.threshold_seconds = settings.slow_query_seconds
    write = create_write_engine(settings)
    read = await _open_reader(settings, settings.database_url, write)
    if isinstance(read, AsyncpgReader):
        _expire_when_read_only(write, read)
    if not settings.read_database_url:
        return Database(write, read, Revisions(read))
    replica = await _open_reader(settings, settings.read_database_url, write)
    lag = settings.replica_lag_seconds
    return Database(write, read, Revisions(read), Replica(replica, read, lag))


async def _open_reader(settings: DatabaseSettings, url: str, write: AsyncEngine) -> Reader:
    options = engine_options(settings, url)
    if url.startswith("sqlite"):
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT", **options)
        prepare_sqlite(engine)
        translate_errors(engine)
        return SqlAlchemyReader(engine)
    arguments = driver_arguments(url) | options["connect_args"]
    connect = partial(asyncpg.connect, connection_class=PooledConnection, **arguments)
    pool = ConnectionPool(connect, settings.pool_size, settings.pool_timeout_seconds)
    return AsyncpgReader(pool, write.dialect)


def _expire_when_read_only(write: AsyncEngine, read: AsyncpgReader) -> None:
    """Replace the read pool's connections after a write was refused as read-only."""

    @event.listens_for(write.sync_engine, "handle_error")
    def expire(context: Any) -> None:
        if sqlstate(context.original_exception) == READ_ONLY:
            read.expire()
