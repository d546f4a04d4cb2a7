"""A row is stored with and without a key, and says the same either way."""

import uuid

import pytest
from httpx2 import AsyncClient

from tests.widgets.factory import WIDGET

OWN = ("id", "code", "created_at", "updated_at")  # of each row


@pytest.mark.parametrize("body", [{"code": "A"}, WIDGET, WIDGET | {"mass": -5, "color": "blue"}])
async def test_both_ways_answer_the_same(client: AsyncClient, body):
    key = {"Idempotency-Key": str(uuid.uuid4())}

    plain = await client.post("widgets", json=body)
    keyed = await client.post("widgets", json=body | {"code": "Other"}, headers=key)

    assert (plain.status_code, keyed.status_code) == (201, 201)
    first, second = ({k: v for k, v in r.json().items() if k not in OWN} for r in (plain, keyed))
    assert first == second
    assert plain.headers["etag"] == keyed.headers["etag"] == '"1"'
    for answer in (plain, keyed):
        read = await client.get(f"widgets/{answer.json()['id']}")
        assert (read.json(), read.headers["etag"]) == (answer.json(), '"1"')


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a-key"}], ids=["plain", "keyed"])
async def test_both_ways_say_which_value_is_taken(client: AsyncClient, headers):
    await client.post("widgets", json=WIDGET)

    answer = await client.post("widgets", json=WIDGET, headers=headers)

    assert answer.status_code == 409
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/code"]
