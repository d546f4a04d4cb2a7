"""The sample shop is believable, and is added once."""

from app.sample import load


async def test_fills_an_empty_shop_once(settings, client):
    count = await load(settings)
    again = await load(settings)

    products = (await client.get("products", params={"limit": 100})).json()["items"]
    categories = (await client.get("categories")).json()["items"]
    assert (len(products), again, len(categories)) == (count, 0, 8)
    assert 55 <= count <= 65
    assert any(product["stock"] for product in products)


async def test_stock_is_the_sum_of_the_history(settings, client):
    await load(settings)
    [product] = (await client.get("products", params={"q": "BAK-SOUR"})).json()["items"]

    url = f"products/{product['id']}/stock-movements"
    items = (await client.get(url, params={"limit": 100})).json()["items"]

    assert sum(item["quantity"] for item in items) == product["stock"]
    assert items[0]["stock_after"] == product["stock"]
