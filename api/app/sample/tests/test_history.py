"""The sample's products have a stock history."""

import pytest

from app.resources import NAMES
from app.sample import load

pytestmark = pytest.mark.skipif("stock" not in NAMES, reason="stock is deleted")


async def test_stock_is_the_sum_of_the_history(settings, client):
    await load(settings)
    products = (await client.get("products", params={"limit": 100})).json()["items"]
    assert any(product["stock"] for product in products)
    [product] = (await client.get("products", params={"q": "BAK-SOUR"})).json()["items"]

    url = f"products/{product['id']}/stock-movements"
    items = (await client.get(url, params={"limit": 100})).json()["items"]

    assert sum(item["quantity"] for item in items) == product["stock"]
    assert items[0]["stock_after"] == product["stock"]
