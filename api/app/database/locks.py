"""How long a write waits for those before it, so that no two writes wait for each other.

A write takes its locks in one order: what it refers to, then rows by their key. One that gives a
row another key cannot keep to it; so it waits for the key less long than PostgreSQL needs to find
two that wait for each other (``deadlock_timeout``, a second), and is told to try again. SQLite has
one writer at a time.
"""

from sqlalchemy import (
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.errors import LOCK_NOT_AVAILABLE, sqlstate

KEY_SECONDS = 0.2
SET_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :wait, true)")


class LockTimeout(Exception):
    """Another transaction holds the lock for longer than this one may wait."""


async def wait_for_locks(session: AsyncSession, seconds: float) -> None:
    """Bound each wait of this transaction; 0 is as long as a statement may take."""
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()  # to ask the session would flush it first
        await connection.execute(SET_LOCK_TIMEOUT, {"wait": f"{seconds:g}s"})


async def flush_new_key(session: AsyncSession) -> None:
    """Flush a row that gets another unique value; raise LockTimeout if someone is taking it now."""
    await wait_for_locks(session, KEY_SECONDS)
    try:
        await session.flush()
    except DBAPIError as error:
        if sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise
        raise LockTimeout from error
