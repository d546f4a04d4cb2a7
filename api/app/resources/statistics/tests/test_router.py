from itertools import product as pairs

import pytest
from httpx2 import AsyncClient

from app.database.model import now
from app.resources.categories.tests.factory import make_category
from app.resources.products.models import MAX_STOCK
from app.resources.products.tests.factory import make_product
from app.resources.statistics.schemas import MAX_AMOUNT
from conftest import make_token


async def test_an_empty_shop_has_empty_statistics(client: AsyncClient):
    statistics = (await client.get("statistics")).json()

    assert statistics.pop("computed_at")
    assert statistics == {
        "products": [],
        "categories": [],
        "stock_values": [],
        "lowest_stock": [],
        "out_of_stock_count": 0,
        "movements": [],
    }


async def test_counts_worth_and_movements(client: AsyncClient):
    mug = await make_product(client, status="active")
    await make_product(client, sku="NONE-LEFT", status="active")
    await make_product(
        client, sku="DRAFT", price={"amount_minor": 5, "currency": "JPY"}, status="draft"
    )
    for quantity in (10, -3):
        body = {"quantity": quantity, "reason": "adjusted"}
        await client.post(f"products/{mug['id']}/stock-movements", json=body)

    statistics = (await client.get("statistics")).json()

    assert statistics["products"] == [
        {"status": "active", "count": 2},
        {"status": "draft", "count": 1},
    ]
    assert statistics["stock_values"] == [
        {"currency": "EUR", "amount_minor": 7 * 1999, "exact_amount_minor": "13993"},
        {"currency": "JPY", "amount_minor": 0, "exact_amount_minor": "0"},
    ]
    assert statistics["out_of_stock_count"] == 1
    assert [(low["sku"], low["stock"]) for low in statistics["lowest_stock"]] == [
        ("NONE-LEFT", 0),
        ("MUG-BLUE", 7),
    ]
    assert statistics["movements"] == [
        {"day": f"{now():%Y-%m-%d}", "pieces_in": 10, "pieces_out": 3}
    ]


async def test_movements_older_than_30_days_are_left_out(client: AsyncClient, execute):
    mug = await make_product(client)
    body = {"quantity": 1, "reason": "received"}
    await client.post(f"products/{mug['id']}/stock-movements", json=body)
    await execute("UPDATE stock_movements SET created_at = '2020-01-01 00:00:00+00:00'")

    assert (await client.get("statistics")).json()["movements"] == []


async def test_categories_by_size_and_those_without_at_last(client: AsyncClient):
    kitchen, garden = [await make_category(client, name=name) for name in ("Kitchen", "Garden")]
    for number, category in enumerate((None, None, None, kitchen, garden, garden)):
        category_id = category and category["id"]
        await make_product(client, sku=str(number), category_id=category_id)

    statistics = (await client.get("statistics")).json()

    assert statistics["categories"] == [
        {"category_id": garden["id"], "name": "Garden", "count": 2},
        {"category_id": kitchen["id"], "name": "Kitchen", "count": 1},
        {"category_id": None, "name": "", "count": 3},
    ]


async def test_the_ten_lowest_stocks_are_of_active_products(client: AsyncClient):
    for number in range(12):
        status = "active" if number else "draft"
        await make_product(client, sku=str(number), status=status)

    lowest = (await client.get("statistics")).json()["lowest_stock"]

    assert [low["sku"] for low in lowest] == [str(number) for number in range(1, 11)]


PRICES = (0, 1, 10**6 - 1, 10**6, 10**6 + 1, 10**12 - 1, 10**12)
STOCKS = (0, 1, 2**15 - 1, 2**15, 2**15 + 1, MAX_STOCK - 1, MAX_STOCK)


@pytest.mark.parametrize("pieces", [*STOCKS, None])
async def test_worth_is_exact_whatever_is_stored(client: AsyncClient, execute, pieces):
    """None: every price with every stock, in one sum."""
    stored = list(pairs(PRICES, STOCKS if pieces is None else (pieces,)))
    items = [
        {"sku": str(number), "name": "A", "price": {"amount_minor": price, "currency": "EUR"}}
        for number, (price, _) in enumerate(stored)
    ]
    await client.post("products/bulk", json={"items": items})
    for number, (_, stock) in enumerate(stored):
        await execute(f"UPDATE products SET stock = {stock} WHERE sku = '{number}'")  # noqa: S608

    response = await client.get("statistics")

    worth = sum(price * stock for price, stock in stored)
    assert response.json()["stock_values"] == [
        {
            "currency": "EUR",
            "amount_minor": min(worth, MAX_AMOUNT),
            "exact_amount_minor": str(worth),
        }
    ]


async def test_the_worth_of_many_rows_is_beyond_64_bits_as_well(client: AsyncClient, execute):
    items = [
        {"sku": str(n), "name": "A", "price": {"amount_minor": 10**12, "currency": "JPY"}}
        for n in range(500)
    ]
    await client.post("products/bulk", json={"items": items})
    await execute(f"UPDATE products SET stock = {MAX_STOCK}")  # noqa: S608

    [worth] = (await client.get("statistics")).json()["stock_values"]

    assert worth["exact_amount_minor"] == str(500 * 10**12 * MAX_STOCK)


SHOWN = {"products:read": (False, False), "products:read stock:read": (False, True),
         "products:read categories:read": (True, False)}  # fmt: skip


@pytest.mark.parametrize("scope", SHOWN)
async def test_a_token_is_shown_what_its_scopes_read(client: AsyncClient, client_for, scope):
    category = await make_category(client)
    mug = await make_product(client, category_id=category["id"])
    body = {"quantity": 1, "reason": "received"}
    await client.post(f"products/{mug['id']}/stock-movements", json=body)

    statistics = (await client_for(make_token(scope=scope)).get("statistics")).json()

    [counted] = statistics["categories"]
    assert (counted["category_id"], counted["count"]) == (category["id"], 1)
    assert (bool(counted["name"]), bool(statistics["movements"])) == SHOWN[scope]
