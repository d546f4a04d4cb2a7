"""New rows.

One row is the commonest write.

With an ``Idempotency-Key`` the row and the answer that is kept for a repeat are one transaction.
Without one the INSERT is all there is: on PostgreSQL it goes past SQLAlchemy's session, as reads
do, at a quarter of the cost. Both give the same answers (tests/test_creation.py).

Many rows are inserted in the order of their key, and those that exist are locked on the way: two
batches that share keys wait for each other in one order, so neither can wait for ever.
"""

from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy import Insert, false, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.engines import INSERT, Model, Values, new_row, transaction
from app.http.idempotency import KeyHeader, claim


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
        state = self._request.app.state
        if state.database.direct and not self._key:
            try:
                await state.database.direct.run(_insert(model), row)
            finally:
                await state.recent_writers.remember(self._request.scope["caller"])
            return answer(SimpleNamespace(**row))
        async with transaction(self._request) as session:
            once = await claim(self._request, session, self._key)
            await session.execute(_insert(model), row)
            return await once.keep(answer(SimpleNamespace(**row)))


async def get_creation(request: Request, idempotency_key: KeyHeader = None) -> Creation:
    """Give the way to store one row."""
    return Creation(request, idempotency_key)


CreationDep = Annotated[Creation, Depends(get_creation)]


@cache
def _insert_or_lock(model: type[Model], key: str, dialect: str) -> Any:
    table: Any = model.__table__
    # With a condition that never holds, ON CONFLICT locks the row and leaves it as it is:
    # https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
    # It sets a column that no key has, so that the lock lets those pass who refer to the row.
    unchanged = {"version": table.c.version}
    statement = INSERT[dialect](table).on_conflict_do_update(
        index_elements=[key], set_=unchanged, where=false()
    )
    return statement.returning(table.c.id)


async def insert_or_lock(
    session: AsyncSession, model: type[Model], key: str, rows: Sequence[Values]
) -> set[UUID]:
    """Insert each row whose ``key`` is free, and lock the row that has it; return the ids inserted.

    The rows are whole (``new_row``), no two with the same key. Whoever holds one is waited for.
    """
    if not rows:
        return set()
    statement = _insert_or_lock(model, key, session.get_bind().dialect.name)
    in_order = sorted(rows, key=lambda row: row[key])
    return set(await session.scalars(statement, [dict(row) for row in in_order]))
