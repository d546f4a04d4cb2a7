"""New rows, with their columns' defaults.

Many rows are inserted in the order of their key, and existing ones are locked in the same order, so
batches that share keys cannot deadlock.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Text, bindparam, column, false, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from app.database.errors import LOCK_NOT_AVAILABLE, sqlstate
from app.database.locks import SET_LOCK_TIMEOUT
from app.database.model import Model

Values = Mapping[str, Any]


@cache
def _defaults(model: type[Model]) -> tuple[Values, Sequence[tuple[str, Callable[[None], Any]]]]:
    """Return the default of each column, and the functions that make one anew for each row."""
    columns = model.__table__.columns
    defaults = {c.key: getattr(c.default, "arg", None) for c in columns}
    return defaults, [
        (c.key, c.default.arg) for c in columns if getattr(c.default, "is_callable", 0)
    ]


def new_row(model: type[Model], values: Values) -> SimpleNamespace:
    """Return a new row with all columns: ``values``, and defaults for the others."""
    defaults, made = _defaults(model)
    row = {**defaults, **values}
    for key, make in made:
        if key not in values:
            row[key] = make(None)
    return SimpleNamespace(**row)


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

    It waits for another transaction that is inserting the same key, and raises TimeoutError after
    ``wait_seconds``. SQLite has one writer at a time, so there is none.
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
    # With a condition that is never true, ON CONFLICT locks the row and changes nothing:
    # https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
    # It names a column without a unique index, so the lock does not stop foreign keys to the row.
    unchanged = {"version": table.c.version}
    statement = INSERT[dialect](table)
    if dialect == "postgresql":
        statement = statement.from_select([c.key for c in table.c], _select_unnested(table))
    statement = statement.on_conflict_do_update(index_elements=[key], set_=unchanged, where=false())
    return statement.returning(table.c.id)


def _select_unnested(table: Any) -> Select[Any]:
    """Select rows whose columns are sent as arrays: a short statement, however many there are."""
    arrays = (
        bindparam(c.key, type_=postgresql.ARRAY(_item(c.type), dimensions=1)) for c in table.c
    )
    names = (column(c.key, c.type) for c in table.c)
    return select(func.unnest(*arrays).table_valued(*names).render_derived())


def _item(of: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type of an array's items; a cast to one with a length would shorten a text."""
    return Text() if type(of) is String else of


async def insert_or_lock(
    session: AsyncSession, model: type[Model], key: str, rows: Sequence[Values]
) -> set[UUID]:
    """Insert each row whose ``key`` is free, and lock the row that has it; return the ids inserted.

    The rows have all columns (``new_row``) and different keys. It waits for rows that others lock.
    """
    if not rows:
        return set()
    statement = _insert_or_lock(model, key, session.get_bind().dialect.name)
    in_order = [dict(row) for row in sorted(rows, key=lambda row: row[key])]
    values: Any = in_order
    if statement.select is not None:
        values = {name: [row[name] for row in in_order] for name in in_order[0]}
    return set(await session.scalars(statement, values))
