"""Both readers of the read pool give the same answers, byte for byte; and what a snapshot shows."""

import asyncio
import contextlib
import gc
import weakref
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from httpx2 import AsyncClient
from sqlalchemy.exc import DBAPIError

from app.database.column_types import UtcDateTime
from app.database.connections import open_database
from app.settings import Settings
from tests.widgets.factory import make_widget

PATHS = [
    "widgets", "widgets?q=tea&color=red&sort=-mass", "widgets?color=red&limit=1",
    "widgets?sort=created_at&limit=1", "widgets/{id}",
]  # fmt: skip


@pytest.fixture
async def rows(client: AsyncClient) -> dict[str, str]:
    """Some with equal and with other values."""
    widget = await make_widget(client, code="A", name="Tea Ä", mass=-(10**12))
    await make_widget(client, code="B", color="blue")
    await make_widget(client, code="C", name="Tea")
    return {"id": widget["id"]}


async def test_both_readers_answer_alike(client: AsyncClient, rows, plain):
    paths = [path.format(**rows) for path in PATHS]
    fast = [await client.get(path) for path in paths]
    cursor = fast[2].json()["next_cursor"]
    paths.append(f"widgets?color=red&limit=1&cursor={cursor}")
    fast.append(await client.get(paths[-1]))
    plain()

    for path, before in zip(paths, fast, strict=True):
        after = await client.get(path)
        assert before.status_code == 200
        assert before.content == after.content, path


VALUES = [
    (sa.Boolean(), True), (sa.SmallInteger(), -1), (sa.Integer(), 2**31 - 1),
    (sa.BigInteger(), -(2**63)), (sa.Float(), 0.1), (sa.Double(), 1e-9),
    (sa.Numeric(10, 2), Decimal("0.10")), (sa.Numeric(10, 2, asdecimal=False), 2.5),
    (sa.String(5), "é"), (sa.Text(), ""), (sa.LargeBinary(), b"\0"), (sa.Uuid(), UUID(int=1)),
    (sa.JSON(), {"a": [None]}), (sa.Enum("a", "b", native_enum=False), "a"),
    (sa.Date(), date(2026, 1, 2)), (sa.Time(), time(3, 4, 5)), (sa.Interval(), timedelta(1, 2)),
    (UtcDateTime(), datetime(2026, 1, 2, tzinfo=UTC)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=[repr(kind) for kind, _ in VALUES])
async def test_both_readers_give_a_value_of_every_column_type(app, plain, kind, value):
    statement = sa.select(
        sa.cast(sa.bindparam("value", type_=kind), kind).label("value"),
        sa.cast(sa.null(), kind).label("nothing"),
    )

    fast = await app.state.database.read.first(statement, {"value": value})
    plain()
    slow = await app.state.database.read.first(statement, {"value": value})

    assert tuple(fast) == (value, None)
    assert tuple(slow) == tuple(fast)


COUNT = sa.select(sa.func.count().label("number")).select_from(sa.table("widgets"))


async def test_no_reader_holds_a_statement_that_nobody_has_any_more(app):
    """Or those that are made for each request would fill the memory."""
    if app.state.database.asyncpg_reader is None:
        pytest.skip("SQLAlchemy's own cache holds the last 500")
    statement: sa.Select[tuple[int]] = sa.select(sa.literal_column("1").label("one"))
    await app.state.database.read.first(statement)
    held = weakref.ref(statement)

    del statement
    gc.collect()

    assert held() is None


SLEEP: sa.Select[Any] = sa.select(sa.literal_column("pg_sleep(30)::text").label("slept"))
SLEEPERS: sa.Select[Any] = sa.select(sa.literal_column("count(*)").label("number")).select_from(
    sa.text("pg_stat_activity WHERE query ~ '^SELECT pg_sleep' AND state = 'active'")
)


@pytest.mark.parametrize("in_snapshot", [False, True])
async def test_a_statement_whose_caller_has_left_ends_on_the_server_too(database, in_snapshot):
    """Or the server has more of them than the pool has connections."""
    settings = Settings(database_url=database, pool_size=1, _env_file=None)
    ours, other = await open_database(settings), await open_database(settings)

    async def sleep() -> None:
        if in_snapshot:
            async with ours.read.snapshot() as snapshot:
                await snapshot.first(SLEEP)
        await ours.read.first(SLEEP)

    async def sleepers(number: int) -> None:
        async with asyncio.timeout(20):
            while [row.number for row in await other.read.all(SLEEPERS)] != [number]:
                await asyncio.sleep(0.01)

    for _ in range(3):
        task = asyncio.create_task(sleep())
        await sleepers(1)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await sleepers(0)

    await ours.dispose()
    await other.dispose()


@pytest.mark.parametrize(
    "option", ["ssl=disable", "sslmode=disable", "ssl=require", "sslmode=require"]
)
async def test_an_option_in_the_url_is_one_for_reads_and_for_writes(database, option):
    url = f"{database}{'&' if '?' in database else '?'}{option}"
    ours = await open_database(Settings(database_url=url, _env_file=None))

    async def read() -> None:
        assert await ours.read.first(sa.select(sa.literal_column("1")))

    async def write() -> None:
        async with ours.write.connect() as connection:
            await connection.execute(sa.select(sa.literal_column("1")))

    ended = await asyncio.gather(read(), write(), return_exceptions=True)

    assert type(ended[0]) is type(ended[1]), ended
    assert not any(isinstance(each, TypeError) for each in ended)
    await ours.dispose()


class TestSnapshot:
    async def test_it_shows_one_moment(self, client: AsyncClient, app):
        async with app.state.database.read.snapshot() as snapshot:
            before = await snapshot.first(COUNT)
            await make_widget(client)
            after = await snapshot.first(COUNT)

        assert (before.number, after.number) == (0, 0)
        assert (await app.state.database.read.first(COUNT)).number == 1

    async def test_the_next_read_on_its_connection_shows_what_is_new(self, client, app):
        for number in range(12):  # more than there are connections
            async with app.state.database.read.snapshot() as snapshot:
                assert (await snapshot.first(COUNT)).number == number
            await make_widget(client, code=str(number))

    async def test_a_failure_leaves_no_transaction_behind(self, client: AsyncClient, app):
        for _ in range(12):
            with pytest.raises(DBAPIError):
                async with app.state.database.read.snapshot() as snapshot:
                    await snapshot.all(sa.select(sa.table("nowhere", sa.column("id"))))
        await make_widget(client)

        assert (await app.state.database.read.first(COUNT)).number == 1

    async def test_both_readers_have_it(self, client: AsyncClient, app, plain):
        plain()
        async with app.state.database.read.snapshot() as snapshot:
            before = await snapshot.first(COUNT)
            await make_widget(client)

            assert (await snapshot.first(COUNT)).number == before.number == 0
