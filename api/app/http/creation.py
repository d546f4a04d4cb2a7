"""One new row, the commonest write.

With an ``Idempotency-Key`` the row and the answer that is kept for a repeat are one transaction.
Without one the INSERT is all there is: on PostgreSQL it goes past SQLAlchemy's session, as reads
do, at a quarter of the cost. Both give the same answers (tests/test_creation.py).
"""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy import Insert, insert

from app.database.inserts import Values, new_row
from app.database.model import Model
from app.http.dependencies import transaction
from app.http.idempotency import KeyHeader, claim
from app.http.scope import request_scope
from app.http.state import app_state


@cache
def _insert(model: type[Model]) -> Insert:
    return insert(model.__table__)  # type: ignore[arg-type]


class Creation:
    """Stores one row for one request."""

    def __init__(self, request: Request, key: str | None) -> None:
        self._request, self._key = request, key

    async def store(
        self, model: type[Model], values: Values, answer: Callable[[Any], Response]
    ) -> Response:
        """Store a row with ``values`` and its columns' defaults; return the answer about it."""
        row = new_row(model, values)
        state = app_state(self._request.scope)
        if state.database.asyncpg_reader and not self._key:
            try:
                await state.database.asyncpg_reader.run(_insert(model), row)
            finally:
                await state.recent_writers.remember(request_scope(self._request.scope)["caller"])
            return answer(SimpleNamespace(**row))
        async with transaction(self._request) as session:
            guard = await claim(self._request, session, self._key)
            await session.execute(_insert(model), row)
            return await guard.store(answer(SimpleNamespace(**row)))


async def get_creation(request: Request, idempotency_key: KeyHeader = None) -> Creation:
    """Give the way to store one row."""
    return Creation(request, idempotency_key)


CreationDep = Annotated[Creation, Depends(get_creation)]
