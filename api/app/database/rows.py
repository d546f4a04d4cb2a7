"""Reads, locks, changes and deletes one row by its id."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Row,
    Select,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    false,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.locks import lock_timeout
from app.database.model import Model, next_version
from app.database.read_pool import Reader

M = TypeVar("M", bound=Model)
ANYTHING: ColumnElement[bool] = true()
STATEMENTS = 500  # of each kind; one takes 32 KiB


@cache
def select_by_id(model: type[Model]) -> Select[Any]:
    """Return the SELECT of all columns of the row with ``:id``."""
    columns = model.__table__.columns
    return select(*columns).where(columns.id == bindparam("id"))


@lru_cache(maxsize=STATEMENTS)
def update_by_id(
    model: type[Model],
    names: frozenset[str],
    versions: int | None,
    when: ColumnElement[bool],
    bounded: bool,
) -> Executable:
    """Return the UPDATE of columns of the row with ``:id_``; it returns all its columns.

    It changes nothing, and returns no row, unless ``when`` is true, a column differs from
    ``:new_NAME``, and the version is one of ``:if_match_0`` … (``versions`` of them; None: any).
    ``bounded``: each wait for a lock is limited (PostgreSQL only).
    """
    table: Any = model.__table__
    values = _new_values(table, names)
    conditions = [*_is_version(table, versions), when, _differs(table, values)]
    if bounded:
        conditions.append(lock_timeout().c.setting.is_not(None))
    for column in table.c:
        if column.onupdate is not None and column.key not in values:
            values[column.key] = bindparam(f"new_{column.key}", type_=column.type)
    if "version" in table.c:
        values["version"] = next_version(table.c.version)
    return update(table).where(*conditions).values(values).returning(*table.c)


@lru_cache(maxsize=STATEMENTS)
def select_unchanged(
    model: type[Model], names: frozenset[str], when: ColumnElement[bool]
) -> Executable:
    """Return the SELECT of the row with ``:id_`` that ``update_by_id`` did not change.

    ``would_change``: but for its version there is no reason any more.
    """
    table: Any = model.__table__
    differs = _differs(table, _new_values(table, names))
    return select(*table.c, and_(when, differs).label("would_change")).where(_is_row(table))


def _new_values(table: Any, names: frozenset[str]) -> dict[str, Any]:
    return {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in sorted(names)}


def _differs(table: Any, values: Mapping[str, Any]) -> ColumnElement[bool]:
    return or_(false(), *(table.c[n].is_distinct_from(v) for n, v in values.items()))


@cache
def delete_by_id(model: type[Model], versions: int | None) -> Executable:
    """Return the DELETE of the row with ``:id_`` in one of the versions; it returns its id."""
    table: Any = model.__table__
    return delete(table).where(*_is_version(table, versions)).returning(table.c.id)


def _is_row(table: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.c.id == bindparam("id_", type_=table.c.id.type)
    return found


def _is_version(table: Any, versions: int | None) -> list[ColumnElement[bool]]:
    if versions is None:
        return [_is_row(table)]
    named = (table.c.version == bindparam(f"if_match_{n}", type_=Integer) for n in range(versions))
    return [_is_row(table), or_(*named)]


@cache
def has_unique(model: type[Model], names: frozenset[str]) -> bool:
    """Tell whether one of the columns is of a unique key."""
    table: Any = model.__table__
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique += [each for each in table.indexes if each.unique]
    return any(column.key in names for each in unique for column in each.columns)


def changed_values(model: type[Model], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of ``update_by_id`` but for its conditions."""
    defaults = {
        column.key: column.onupdate.arg(None)
        for column in model.__table__.columns
        if column.onupdate is not None
    }
    return {f"new_{name}": value for name, value in (defaults | dict(changes)).items()}


async def get_row(reader: Reader, model: type[Model], row_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(select_by_id(model), {"id": row_id})


async def lock_row(session: AsyncSession, model: type[M], row_id: UUID) -> M | None:
    """Return the row locked for a change, or None. Other writers wait until the commit.

    Rows that only refer to it can be inserted meanwhile.
    """
    return await session.get(model, row_id, with_for_update={"key_share": True})
