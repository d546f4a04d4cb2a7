"""New rows, with their columns' defaults.

Many rows are inserted in the order of their key, and those that exist are locked on the way: two
batches that share keys wait for each other in one order, so neither can wait for ever.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    false,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.errors import LOCK_NOT_AVAILABLE, sqlstate
from app.database.locks import SET_LOCK_TIMEOUT
from app.database.model import Model

Values = Mapping[str, Any]


@cache
def _defaults(model: type[Model]) -> dict[str, Callable[[], Any]]:
    """Return how the columns get their values that nobody gives."""
    return {c.key: partial(_default, c.default) for c in model.__table__.columns}


def _default(default: Any) -> Any:
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg


def new_row(model: type[Model], values: Values) -> dict[str, Any]:
    """Return a whole new row: what is not in ``values`` has its column's default."""
    defaults = _defaults(model)
    return {key: values[key] if key in values else make() for key, make in defaults.items()}


def money_columns(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return ``fields`` with the columns ``{name}_minor`` and ``currency`` in place of a Money."""
    if money := fields.pop(name, None):
        fields |= {f"{name}_minor": money["amount_minor"], "currency": money["currency"]}
    return fields


INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


async def insert_if_absent(
    session: AsyncSession, model: type[Model], values: Values, wait_seconds: float
) -> bool:
    """Insert a row unless its key is taken; return whether it was inserted.

    Another transaction that is inserting the same key is waited for, then TimeoutError is raised.
    SQLite has one writer at a time, so there is none.
    """
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        await session.execute(SET_LOCK_TIMEOUT, {"wait": f"{wait_seconds:g}s"})
    statement = INSERT[dialect](model).values(values).on_conflict_do_nothing()
    try:
        result = await session.execute(statement)
    except DBAPIError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise TimeoutError from error
        raise
    return bool(getattr(result, "rowcount", 0))


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
