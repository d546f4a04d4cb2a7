"""Who recorded a movement is stored whole."""

import pytest

from tests.test_subject import LONGEST, token


@pytest.mark.parametrize("value", LONGEST.values(), ids=LONGEST.keys())
async def test_who_recorded_a_movement_is_the_whole_subject(client_for, value):
    client = client_for(token(sub=value))
    body = {"sku": "A", "name": "A", "price": {"amount_minor": 1, "currency": "EUR"}}
    product = (await client.post("products", json=body)).json()

    url = f"products/{product['id']}/stock-movements"
    await client.post(url, json={"quantity": 1, "reason": "received"})

    [movement] = (await client.get(url)).json()["items"]
    assert movement["recorded_by"] == value
