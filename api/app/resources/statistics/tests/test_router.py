from httpx2 import AsyncClient

from app.core.database import now
from app.resources.categories.tests.factory import make_category
from app.resources.products.tests.factory import make_product


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
