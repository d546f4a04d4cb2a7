"""A stock movement with an ``Idempotency-Key``: the rule of stock and the key, at once."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import insert, select, update

from app.database.model import now
from app.http import idempotency
from app.resources.products.models import Product
from app.resources.products.tests.factory import make_product
from conftest import ISSUER

numbers = itertools.count()
TESTER = idempotency.owner_of(ISSUER, "tests", "tester")
UNKNOWN = f'"stock_after":{idempotency.UNKNOWN}'


@pytest.fixture
async def url(client: AsyncClient):
    product = await make_product(client)
    return f"products/{product['id']}"


async def move(
    client: AsyncClient, url: str, quantity: int, key: str = "", **fields: Any
) -> Response:
    body = {"quantity": quantity, "reason": "adjusted"} | fields
    headers = {"Idempotency-Key": key or f"key-{next(numbers)}"}
    return await client.post(f"{url}/stock-movements", json=body, headers=headers)


async def test_sales_that_are_each_sent_twice_take_what_is_there_and_no_more(client, url):
    await move(client, url, 20)
    keys = [f"sale-{number}" for number in range(40)]

    answers = await asyncio.gather(*(move(client, url, -1, key) for key in keys * 2))
    again = [await move(client, url, -1, key) for key in keys]

    sold = [answer for answer in again if answer.status_code == 201]
    assert len(sold) == 20
    assert sorted(each.json()["stock_after"] for each in sold) == list(range(20))
    said = {answer.content for answer in answers if answer.status_code == 201}
    assert said == {answer.content for answer in sold}
    assert (await client.get(url)).json()["stock"] == 0
    assert len((await client.get(f"{url}/stock-movements?limit=100")).json()["items"]) == 21


async def test_a_repeat_of_the_last_sale_is_not_short_of_stock(client, url):
    await move(client, url, 1)
    first = await move(client, url, -1, "last")

    again = await move(client, url, -1, "last")

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_refusal_is_not_remembered(client, url):
    short = await move(client, url, -1, "early")
    await move(client, url, 5)

    later = await move(client, url, -1, "early")

    assert (short.status_code, later.status_code) == (409, 201)
    assert later.json()["stock_after"] == 4


async def test_a_product_that_is_not_there_is_404_each_time(client, url):
    unknown = "products/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"

    answers = [await move(client, unknown, 1, "nowhere") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (await move(client, url, 1, "nowhere")).status_code == 201


@pytest.mark.parametrize("note", [UNKNOWN, f'x",{UNKNOWN},"y', "\\" + UNKNOWN, "ß\u2028😀"])
async def test_a_note_is_stored_and_repeated_as_it_is(client, url, note):
    first = await move(client, url, 7, "note", note=note)
    again = await move(client, url, 7, "note", note=note)
    read = await client.get(first.headers["location"].removeprefix("/v1/"))

    assert (first.json()["note"], first.json()["stock_after"]) == (note, 7)
    assert first.content == again.content == read.content


async def test_after_a_day_a_key_moves_again(client, url, monkeypatch):
    await move(client, url, 5, "daily")
    tomorrow = now() + timedelta(hours=25)
    monkeypatch.setattr(idempotency, "now", lambda: tomorrow)

    again = await move(client, url, 5, "daily")

    assert "idempotency-replayed" not in again.headers
    assert again.json()["stock_after"] == 10


async def test_of_twins_with_a_key_that_has_expired_one_moves(client, url, app):
    """While one has deleted its row, and has not run yet, the others find none."""
    keys = [f"expired-{number}" for number in range(20)]
    for key in keys:
        await move(client, url, 1, key)
    async with app.state.database.write.begin() as connection:
        yesterday = now() - timedelta(hours=25)
        await connection.execute(update(idempotency.IdempotencyKey).values(created_at=yesterday))

    for key in keys:
        twins = await asyncio.gather(*(move(client, url, 1, key) for _ in range(10)))

        assert {(twin.status_code, twin.content) for twin in twins} == {(201, twins[0].content)}

    assert (await client.get(url)).json()["stock"] == 40


@pytest.mark.parametrize(("locked", "status"), [
    (insert(idempotency.IdempotencyKey).values(
        subject=TESTER, key="busy", fingerprint=b"", created_at=now()), 409),
    (select(Product.id).with_for_update(), 503),
])  # fmt: skip
async def test_a_twin_that_runs_is_409_and_a_product_that_is_locked_is_503(
    client, url, app, settings, monkeypatch, locked, status
):
    if settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time: a turn always comes")
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.1)
    async with app.state.database.write.connect() as connection:
        await connection.execute(locked)
        busy = await move(client, url, 5, "busy")
        await connection.rollback()

    assert (busy.status_code, busy.headers["retry-after"]) == (status, "1")
    assert (await move(client, url, 5, "busy")).json()["stock_after"] == 5
