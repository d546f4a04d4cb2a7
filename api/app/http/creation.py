"""Creates one row.

With an ``Idempotency-Key``, the row and the answer that is stored for a repeat are one transaction.
Without a key there is one INSERT; on PostgreSQL it runs on the read pool's connections, at a
quarter of the cost of a session. Both give the same answers (tests/test_creation.py).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from types import SimpleNamespace
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy import Insert, insert

from app.database.inserts import Values, new_row
from app.database.model import Model
from app.database.read_pool import AsyncpgReader
from app.database.replica import RecentWriters
from app.http.dependencies import transaction
from app.http.idempotency import IdempotencyGuard, KeyHeader, claim
from app.http.scope import request_scope
from app.http.state import app_state


@cache
def _insert(model: type[Model]) -> Insert:
    return insert(model.__table__)  # type: ignore[arg-type]


class Creation:
    """Inserts the row of one request, and stores the answer for a repeat."""

    def __init__(
        self, run: Callable[[Insert, Values], Awaitable[Any]], guard: IdempotencyGuard | None = None
    ) -> None:
        self._run, self._guard = run, guard

    async def insert(self, model: type[Model], values: Values) -> Any:
        """Insert a row with ``values`` and its columns' defaults; return it."""
        row = new_row(model, values)
        await self._run(_insert(model), row)
        return SimpleNamespace(**row)

    async def store(self, response: Response) -> Response:
        """Store the answer if the request has a key; return it."""
        return await self._guard.store(response) if self._guard else response


class OneStatement(AbstractAsyncContextManager[Creation]):
    """A creation without a key: its INSERT commits by itself."""

    def __init__(self, pool: AsyncpgReader, writers: RecentWriters, caller: str) -> None:
        self._pool, self._writers, self._caller = pool, writers, caller

    async def __aenter__(self) -> Creation:
        return Creation(self._pool.run)

    async def __aexit__(self, *error: object) -> None:
        await self._writers.remember(self._caller)


@asynccontextmanager
async def one_transaction(request: Request, key: str | None) -> AsyncIterator[Creation]:
    """Yield a Creation, and commit at the end; Replay if the key was used before."""
    async with transaction(request) as session:
        guard = await claim(request, session, key)
        yield Creation(session.execute, guard)


async def get_creation(
    request: Request, idempotency_key: KeyHeader = None
) -> AbstractAsyncContextManager[Creation]:
    """Return the context in which the handler inserts its row."""
    state = app_state(request.scope)
    pool = state.database.asyncpg_reader
    if pool is None or idempotency_key:
        return one_transaction(request, idempotency_key)
    return OneStatement(pool, state.recent_writers, request_scope(request.scope)["caller"])


CreationDep = Annotated[AbstractAsyncContextManager[Creation], Depends(get_creation)]
