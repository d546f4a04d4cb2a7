"""A row is stored with and without a key, and says the same either way."""

import uuid
from typing import Any

import pytest
from httpx2 import AsyncClient

from app.http.etags import etag
from app.resources.products.tests.factory import PRODUCT

NEW: dict[str, list[dict[str, Any]]] = {
    "categories": [{"name": "Kitchen"}, {"name": "Kitchen", "description": "Pots and pans."}],
    "products": [
        PRODUCT,
        PRODUCT | {"tags": ["gift", "blue"], "status": "active", "description": "Holds 300 ml."},
    ],
}
OWN = ("id", "created_at", "updated_at")  # of each row


@pytest.mark.parametrize(("path", "body"), [(p, b) for p, bodies in NEW.items() for b in bodies])
async def test_both_ways_answer_the_same(client: AsyncClient, path, body):
    unique = "sku" if path == "products" else "name"
    other = body | {unique: "Other"}

    plain = await client.post(path, json=body)
    keyed = await client.post(path, json=other, headers={"Idempotency-Key": str(uuid.uuid4())})

    assert (plain.status_code, keyed.status_code) == (201, 201)
    drop = {*OWN, unique}
    first, second = ({k: v for k, v in r.json().items() if k not in drop} for r in (plain, keyed))
    assert first == second
    assert plain.headers["etag"] == keyed.headers["etag"] == etag(1)
    for answer in (plain, keyed):
        read = await client.get(f"{path}/{answer.json()['id']}")
        assert (read.json(), read.headers["etag"]) == (answer.json(), etag(1))


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a-key"}], ids=["plain", "keyed"])
async def test_both_ways_say_which_value_is_taken(client: AsyncClient, headers):
    await client.post("products", json=PRODUCT)

    answer = await client.post("products", json=PRODUCT, headers=headers)

    assert answer.status_code == 409
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/sku"]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a-key"}], ids=["plain", "keyed"])
async def test_both_ways_say_what_does_not_exist(client: AsyncClient, headers):
    body = PRODUCT | {"category_id": str(uuid.uuid4())}

    answer = await client.post("products", json=body, headers=headers)

    assert answer.status_code == 409
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/category_id"]
