"""A column's type is changed while a pooler keeps its sessions, whose plans are other ones then.

PgBouncer prepares a statement again on another session, where it may have columns of other types.
So that no pooler is needed, a prepared statement is replaced on the server, under its name.
"""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.database.connections import Database, open_database
from app.database.errors import Condition, classify
from app.settings import Settings

VALUES = {  # none of which is a text's bytes as well
    "smallint": "-1", "integer": "-1", "bigint": "-1", "double precision": "-1.5",
    "numeric": "255", "text": "'tea'", "boolean": "true", "date": "'1999-12-31'",
    "uuid": "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "integer[]": "'{-1}'",
    "timestamp with time zone": "'1999-12-31T23:59:59Z'",
}  # fmt: skip
NAMES = "SELECT name FROM pg_prepared_statements WHERE statement ~ 'AS changed'"
ALIKE = (  # of as many bytes, each of which can be read as the other
    {"bigint", "double precision", "timestamp with time zone"},
    {"integer", "date"},
    {"text", "boolean"},
)
PAIRS = [
    pair
    for pair in itertools.permutations(VALUES, 2)
    if not any(set(pair) <= alike for alike in ALIKE)
]


def select(kind: str) -> sa.Select[Any]:
    return sa.select(sa.literal_column(f"CAST({VALUES[kind]} AS {kind})").label("changed"))


async def replace(connection: Any, kind: str) -> None:
    """Put another statement into the place of each that is prepared."""
    for [name] in await connection.fetch(NAMES):
        await connection.execute(f"DEALLOCATE {name}; PREPARE {name} AS {select(kind)}")


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Database]:
    """A database with one connection for reads, and one for writes."""
    opened = await open_database(Settings(database_url=database, pool_size=1, _env_file=None))
    yield opened
    await opened.dispose()


async def test_a_read_is_tried_again_on_another_session(opened, long, record_property):
    pairs = PAIRS if long else PAIRS[::5]
    pool = opened.read._pool

    for before, after in pairs:
        statement = select(before)
        await opened.read.first(statement)
        await replace(connection := await pool.acquire(), after)
        pool.release(connection)

        assert await opened.read.first(statement), (before, after)
        assert connection.is_closed(), (before, after)

    record_property("pairs of types, the one described and the one read", (len(pairs), len(PAIRS)))


async def test_a_session_is_dropped_and_its_error_is_passing(opened, long, record_property):
    pairs = PAIRS if long else PAIRS[::5]

    for before, after in pairs:
        async with opened.write.connect() as connection:
            await connection.execute(select(before))
            raw = await connection.get_raw_connection()
            await replace(raw.driver_connection, after)
            with pytest.raises(DBAPIError) as error:
                await connection.execute(select(before))
        assert classify(error.value) is Condition.LOST, (before, after)
        assert raw.driver_connection is None, (before, after)

    record_property("pairs of types in a session", (len(pairs), len(PAIRS)))
