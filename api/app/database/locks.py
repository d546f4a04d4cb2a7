"""Bounds how long a write waits for locks, so that two writes cannot deadlock.

A write takes its locks in one order: rows it refers to, then rows by their key. A change of a key
breaks this order. So it waits for a shorter time than PostgreSQL needs to detect a deadlock
(``deadlock_timeout``, one second), and its caller is asked to try again. SQLite has one writer at a
time.
"""

from sqlalchemy import CTE, ColumnElement, String, bindparam, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

KEY_SECONDS = 0.2
ALWAYS: ColumnElement[bool] = true()
SET_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :wait, true)")


def lock_timeout(when: ColumnElement[bool] = ALWAYS) -> CTE:
    """Return the step of a statement that bounds each wait for a lock in what reads from it."""
    wait = bindparam("lock_timeout_", type_=String)
    setting = func.set_config("lock_timeout", wait, true()).label("setting")
    return select(setting).where(when).cte("patience")


def lock_timeout_value(seconds: float) -> dict[str, str]:
    """Return the value of that step."""
    return {"lock_timeout_": f"{seconds:g}s"}


class LockTimeout(Exception):
    """Another transaction holds the lock for longer than this one may wait."""


async def wait_for_locks(session: AsyncSession, seconds: float) -> None:
    """Limit each wait for a lock in this transaction; 0: until the statement's time limit."""
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()  # session.execute would flush first
        await connection.execute(SET_LOCK_TIMEOUT, {"wait": f"{seconds:g}s"})
