"""``Idempotency-Key``: a POST that is sent twice happens once."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from sqlalchemy import select

from app import contract
from app.core import idempotency
from app.core.database import now
from app.resources.products.tests.factory import PRODUCT, make_product
from conftest import make_token


def key(value: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": value or str(uuid.uuid4())}


POSTS = {
    "create_category": ("categories", {"name": "Kitchen"}),
    "create_product": ("products", PRODUCT),
    "upsert_products": ("products/bulk", {"items": [PRODUCT]}),
    "create_stock_movement": ("products/{id}/stock-movements", {"quantity": 1, "reason": "sold"}),
}


def test_every_post_is_tried_here():
    posts = [o["post"]["operationId"] for o in contract.pinned()["paths"].values() if "post" in o]

    assert sorted(posts) == sorted(POSTS)


@pytest.mark.parametrize("name", POSTS)
async def test_a_repeat_is_answered_as_before_byte_for_byte(client: AsyncClient, name):
    path, body = POSTS[name]
    if "{id}" in path:
        product = await make_product(client)
        path = path.format(id=product["id"])
        await client.post(path, json={"quantity": 5, "reason": "received"})
    headers = key()

    first = await client.post(path, json=body, headers=headers)
    again = await client.post(path, json=body, headers=headers)

    assert first.is_success
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for header in ("location", "etag", "content-type", "cache-control", "vary"):
        assert again.headers.get(header) == first.headers.get(header)


async def test_the_effect_happens_once(client: AsyncClient):
    product = await make_product(client)
    url = f"products/{product['id']}"
    headers = key()

    for _ in range(3):
        body = {"quantity": 5, "reason": "received"}
        await client.post(f"{url}/stock-movements", json=body, headers=headers)

    assert (await client.get(url)).json()["stock"] == 5


async def test_of_a_hundred_twins_one_creates_and_all_hear_of_it(client: AsyncClient):
    headers = key()

    answers = await asyncio.gather(
        *(client.post("products", json=PRODUCT, headers=headers) for _ in range(100))
    )

    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert len((await client.get("products")).json()["items"]) == 1


async def test_another_body_under_the_key_is_422(client: AsyncClient):
    headers = key()
    await client.post("products", json=PRODUCT, headers=headers)

    response = await client.post("products", json=PRODUCT | {"sku": "OTHER"}, headers=headers)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/header/idempotency-key"
    assert len((await client.get("products")).json()["items"]) == 1


async def test_another_path_under_the_key_is_422(client: AsyncClient):
    headers = key()
    body = {"quantity": 5, "reason": "received"}
    for sku in ("ONE", "TWO"):
        product = await make_product(client, sku=sku)
        response = await client.post(
            f"products/{product['id']}/stock-movements", json=body, headers=headers
        )

    assert response.status_code == 422


async def test_a_key_belongs_to_its_caller(client_for):
    headers = key()
    body = {"name": "Kitchen"}
    await client_for(make_token(sub="ann")).post("categories", json=body, headers=headers)

    response = await client_for(make_token(sub="bob")).post(
        "categories", json=body, headers=headers
    )

    assert response.status_code == 409
    assert response.json()["errors"][0]["pointer"] == "#/name"


async def test_a_failure_is_not_remembered(client: AsyncClient):
    taken = await make_product(client)
    headers = key()
    failed = await client.post("products", json=PRODUCT, headers=headers)
    await client.delete(f"products/{taken['id']}", headers={"If-Match": '"1"'})

    response = await client.post("products", json=PRODUCT, headers=headers)

    assert (failed.status_code, response.status_code) == (409, 201)


async def test_quotes_are_not_part_of_the_key(client: AsyncClient):
    await client.post("products", json=PRODUCT, headers=key("abc-1"))

    response = await client.post("products", json=PRODUCT, headers=key('"abc-1"'))

    assert response.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("bad", ["", '"', '""', 'a"b', "a b", "a" * 131, "ä".encode()])
async def test_a_key_that_is_none_is_422(client: AsyncClient, bad):
    response = await client.post("products", json=PRODUCT, headers={"Idempotency-Key": bad})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/header/idempotency-key"


async def test_a_twin_that_runs_too_long_is_409_with_retry_after(
    client: AsyncClient, app, settings, monkeypatch
):
    if settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time: a twin's turn always comes")
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.1)
    running = (
        "INSERT INTO idempotency_keys (subject, key, fingerprint, status, headers, body,"
        " created_at) VALUES ('tester', 'busy', '', 0, '{}', '', now())"
    )
    async with app.state.database.write.connect() as connection:
        await connection.exec_driver_sql(running)
        response = await client.post("products", json=PRODUCT, headers=key("busy"))
        await connection.rollback()

    assert response.status_code == 409
    assert response.headers["retry-after"] == "1"
    assert (await client.post("products", json=PRODUCT, headers=key("busy"))).status_code == 201


class TestAfterADay:
    @pytest.fixture
    async def yesterday(self, client: AsyncClient, monkeypatch):
        """A key that was used 25 hours ago, for something that is gone."""
        response = await client.post("products", json=PRODUCT, headers=key("old"))
        url = f"products/{response.json()['id']}"
        await client.delete(url, headers={"If-Match": '"1"'})
        tomorrow = now() + timedelta(hours=25)
        monkeypatch.setattr(idempotency, "now", lambda: tomorrow)

    @pytest.mark.usefixtures("yesterday")
    async def test_a_key_is_new_again(self, client: AsyncClient):
        response = await client.post("products", json=PRODUCT, headers=key("old"))

        assert response.status_code == 201
        assert "idempotency-replayed" not in response.headers

    @pytest.mark.usefixtures("yesterday")
    async def test_its_row_is_deleted(self, app):
        await idempotency.forget(app.state.database.write)

        rows = await app.state.database.read.all(select(idempotency.IdempotencyKey.key))
        assert rows == []
