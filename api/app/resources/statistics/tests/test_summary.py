"""Statistics are made by one process for all, now and then, and shown with their age."""

import asyncio
from datetime import datetime, timedelta

import pytest
from httpx2 import AsyncClient
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.database.model import now
from app.resources.products.tests.factory import make_product
from app.resources.statistics import service
from app.resources.statistics.models import Summary


@pytest.fixture
def set_row(app):
    """Change the stored summary; ``age`` and ``claimed`` are seconds from now."""

    async def change(age: float, seconds: float, claimed: float = -1) -> None:
        moment = now()
        values = {
            "computed_at": moment - timedelta(seconds=age),
            "seconds": seconds,
            "claimed_until": moment + timedelta(seconds=claimed),
        }
        async with app.state.database.write.begin() as connection:
            await connection.execute(update(Summary).values(values))

    return change


async def moment_of(app) -> datetime:
    return (await app.state.database.read.first(select(Summary.computed_at))).computed_at


async def active_count(client: AsyncClient) -> int:
    response = await client.get("statistics")
    assert response.status_code == 200
    return sum(row["count"] for row in response.json()["products"])


@pytest.fixture
async def old(client: AsyncClient) -> AsyncClient:
    """Statistics of an empty shop are stored; now it has a product."""
    assert await active_count(client) == 0
    await make_product(client)
    return client


@pytest.mark.parametrize("age", [0, 2])  # none yet, or too old
async def test_callers_who_come_at_once_wait_for_one_making(client, set_row, age):
    if age:
        await client.get("statistics")
        await set_row(age=300, seconds=2)

    answers = await asyncio.gather(*(client.get("statistics") for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["computed_at"] for answer in answers}) == 1


# Seconds that the making took, age of the summary; what callers see, and what those after them see.
AGES = [
    (0.1, 1.5, 0, 0), (0.1, 3, 0, 1), (0.1, 5, 1, 1), (2, 30, 0, 0), (2, 50, 0, 1), (2, 90, 1, 1),
    (9, 50, 0, 0), (9, 90, 0, 1), (9, 150, 1, 1), (0.1, -5, 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "age", "first", "second"), AGES)
async def test_the_dearer_they_are_the_older_they_may_be(old, set_row, seconds, age, first, second):
    await set_row(age, seconds)

    assert await active_count(old) == first
    assert await active_count(old) == second


async def test_while_new_ones_are_made_the_last_are_shown(old, app, set_row):
    await set_row(age=3, seconds=0.1, claimed=10)
    before = await moment_of(app)

    assert [await active_count(old) for _ in range(3)] == [0, 0, 0]
    assert await moment_of(app) == before


async def test_who_waits_for_a_process_that_was_killed_makes_them(old, set_row):
    await set_row(age=300, seconds=0.1, claimed=0.3)

    assert await active_count(old) == 1


async def test_old_ones_are_better_than_none(old, set_row, monkeypatch):
    monkeypatch.setattr(service, "WAIT_SECONDS", 0.1)
    await set_row(age=300, seconds=0.1, claimed=60)

    assert await active_count(old) == 0


async def test_without_any_the_answer_is_503(client, app, execute, monkeypatch):
    monkeypatch.setattr(service, "WAIT_SECONDS", 0.1)
    await client.get("statistics")
    await execute("UPDATE statistics_summaries SET body = '', claimed_until = '2999-01-01'")

    response = await client.get("statistics")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")


async def test_each_release_has_its_own(client, execute):
    await client.get("statistics")
    await execute("UPDATE statistics_summaries SET body = '{}', release = '0.0.1'")

    assert await active_count(client) == 0


async def test_after_a_failure_others_may_try_at_once(client, app, execute):
    await execute("ALTER TABLE stock_movements RENAME TO elsewhere")
    database = app.state.database
    with pytest.raises(DBAPIError):
        await service.find_statistics(database, database.read, app.version)
    await execute("ALTER TABLE elsewhere RENAME TO stock_movements")

    assert await active_count(client) == 0
