"""Bounds how long a write waits for locks, so that two writes cannot deadlock.

A write takes its locks in one order: rows it refers to, then rows by their key. A change of a key
breaks this order. So it waits for a shorter time than PostgreSQL needs to detect a deadlock
(``deadlock_timeout``, one second), and its caller is asked to try again. SQLite has one writer at a
time.
"""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.errors import LOCK_NOT_AVAILABLE, sqlstate

KEY_SECONDS = 0.2
SET_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :wait, true)")


class LockTimeout(Exception):
    """Another transaction holds the lock for longer than this one may wait."""


async def wait_for_locks(session: AsyncSession, seconds: float) -> None:
    """Limit each wait for a lock in this transaction; 0: until the statement's time limit."""
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()  # session.execute would flush first
        await connection.execute(SET_LOCK_TIMEOUT, {"wait": f"{seconds:g}s"})


async def flush_new_key(session: AsyncSession) -> None:
    """Flush a row with a new unique value; LockTimeout if another request is taking that value."""
    await wait_for_locks(session, KEY_SECONDS)
    try:
        await session.flush()
    except DBAPIError as error:
        if sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise
        raise LockTimeout from error
