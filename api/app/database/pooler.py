"""Refuses a pooler that loses prepared statements, as PgBouncer before 1.21 does.

Between two transactions such a pooler gives a caller another session, which lacks the statements
that were prepared by name. A newer one prepares them again, under names of its own:
https://www.pgbouncer.org/config.html#max_prepared_statements
"""

import asyncio
import uuid
from typing import Any

import asyncpg

from app.database.engines import driver_arguments
from app.database.errors import DRIVER_ERRORS

SECONDS = 3.0  # for all of it
TRIES = 5  # a busy pooler may give a session back by chance
SESSION = "SELECT pg_backend_pid()"
SEEN = "SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE name = $1)"


class PoolerRefused(Exception):
    """Why a pooler cannot be used; one line that says what to do."""


async def refuse_old_pooler(name: str, url: str | None) -> None:
    """Raise PoolerRefused if the database of the setting ``name`` is behind such a pooler.

    A database that does not answer is left to the requests: it may come back.
    """
    if not url or not url.startswith("postgresql"):
        return
    arguments = driver_arguments(url)
    connections: list[Any] = []
    try:
        async with asyncio.timeout(SECONDS):
            if not await _keeps_statements(arguments, connections):
                raise PoolerRefused(
                    f"{name}: its pooler loses prepared statements; use PgBouncer 1.21 or newer "
                    "with max_prepared_statements above 0, or pool_mode=session"
                )
    except DRIVER_ERRORS:
        pass
    finally:
        for each in connections:
            each.terminate()


async def _keeps_statements(arguments: dict[str, Any], connections: list[Any]) -> bool:
    first = await _connect(arguments, connections)
    statement = f"probe_{uuid.uuid4().hex}"
    async with first.transaction():
        if await first.fetchval(SESSION) == first.get_server_pid():
            return True  # there is no pooler
        kept = await first.prepare("SELECT 1", name=statement)  # closed once nobody has it
        if not await first.fetchval(SEEN, statement):
            return True  # it is prepared under another name
    second = await _connect(arguments, connections)
    for _ in range(TRIES):
        async with second.transaction():
            if await second.fetchval(SEEN, statement):
                return False  # both had one session
            async with first.transaction():
                if not await first.fetchval(SEEN, statement):
                    return False  # this one has another session than before
    del kept
    return True


async def _connect(arguments: dict[str, Any], connections: list[Any]) -> Any:
    # Without a cache, statements have no names, so the questions themselves are safe.
    connection = await asyncpg.connect(**arguments, statement_cache_size=0)
    connections.append(connection)
    return connection
