"""Reads, locks, changes and deletes one row by its id."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.locks import flush_new_key
from app.database.model import Model
from app.database.read_pool import Reader

M = TypeVar("M", bound=Model)


@cache
def select_by_id(model: type[Model]) -> Select[Any]:
    """Return the SELECT of all columns of the row with ``:id``."""
    columns = model.__table__.columns
    return select(*columns).where(columns.id == bindparam("id"))


async def get_row(reader: Reader, model: type[Model], row_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(select_by_id(model), {"id": row_id})


async def lock_row(session: AsyncSession, model: type[M], row_id: UUID) -> M | None:
    """Return the row locked for a change, or None. Other writers wait until the commit.

    Rows that only refer to it can be inserted meanwhile.
    """
    return await session.get(model, row_id, with_for_update={"key_share": True})


async def delete_row(session: AsyncSession, row: Model) -> None:
    """Delete a locked row."""
    await session.delete(row)
    await session.flush()


async def update_row(session: AsyncSession, row: Model, changes: Mapping[str, Any]) -> None:
    """Change columns of a locked row; LockTimeout if another request is taking its new key."""
    for name, value in changes.items():
        setattr(row, name, value)
    await flush_new_key(session)
