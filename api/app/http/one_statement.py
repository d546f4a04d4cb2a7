"""Steps of one statement that writes with a key, for PostgreSQL: the effect and the key's row.

One statement is one transaction, at a fifth of the cost of a session. Its steps run in the order in
which they read from each other (https://www.postgresql.org/docs/current/queries-with.html). All see
the data of its beginning, so a step that decides by a row locks that row first.
"""

from functools import cache
from typing import Any

from fastapi import Response
from sqlalchemy import (
    CTE,
    Executable,
    LargeBinary,
    String,
    Text,
    bindparam,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from app.database.locks import lock_timeout, lock_timeout_value
from app.database.model import Model
from app.http import idempotency
from app.http.idempotency import COLUMNS, UNKNOWN, IdempotencyKey, Key

KEYS: Any = IdempotencyKey.__table__


def claim() -> CTE:
    """Return the first step: it bounds the waits for locks; no row: an earlier release has run it.

    All that follows reads from it.
    """
    return lock_timeout(~exists(select(1).where(idempotency.OLD)))


def key_values(key: Key, answer: Response) -> dict[str, Any]:
    """Return the values of the steps below."""
    values = {f"key__{name}": value for name, value in key.stored_with(answer).items()}
    text = bytes(answer.body).decode()
    return values | key.lookup | {"key__text": text, **lock_timeout_value(idempotency.WAIT_SECONDS)}


def given(column: Any, prefix: str = "") -> Any:
    """Return a parameter that fills a column."""
    return bindparam(prefix + column.key, type_=column.type).label(column.key)


def store_answer(source: CTE, found: dict[str, Any] | None = None) -> Insert:
    """Return the step that stores the key and its answer, if ``source`` has a row.

    ``found``: values by name of a field that is ``UNKNOWN`` in the answer.
    """
    values = {column.key: given(column, "key__") for column in COLUMNS}
    if found:
        text: Any = bindparam("key__text", type_=Text)
        for name, number in found.items():
            text = func.replace(text, f'"{name}":{UNKNOWN}', f'"{name}":' + cast(number, String))
        values["body"] = func.convert_to(text, "UTF8", type_=LargeBinary).label("body")
    rows = select(*values.values()).select_from(source)
    return insert(KEYS).from_select(list(values), rows)


@cache
def insert_once(model: type[Model]) -> Executable:
    """Return the statement that stores the key and its answer and, if it was free, a row."""
    stored = store_answer(claim()).on_conflict_do_nothing()
    key = stored.returning(COLUMNS.status).cte("stored")
    table: Any = model.__table__
    columns = table.columns
    row = select(*map(given, columns)).select_from(key)
    inserted = insert(table).from_select([c.key for c in columns], row)
    done = exists(select(1).select_from(inserted.returning(columns.id).cte("inserted")))
    return select(done.label("done"))
