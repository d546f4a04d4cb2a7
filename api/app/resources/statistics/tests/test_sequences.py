"""After any sequence of writes, stock and statistics are what the rows say."""

import time
from collections import Counter
from typing import Any

from app.database.model import now
from app.resources.statistics.schemas import MAX_AMOUNT
from conftest import make_token
from tests.bounds import WRITES
from tests.sequences import Api, record, run_sequences

COUNT, LONG_COUNT = 5, 200
SHOP = [each for each in WRITES if each.path.split("/")[2] in ("categories", "products")]


async def test_after_any_writes_the_sums_are_those_of_the_rows(
    client_for, empty_tables, execute, long, record_property
):
    async def check(api: Api) -> None:
        check_stock(api)
        await execute("DELETE FROM statistics_summaries")  # so that new ones are made
        statistics = (await api.get("/v1/statistics")).json()
        statistics.pop("computed_at")
        assert statistics == expected(api)

    api = Api(client_for(make_token(exp=int(time.time()) + 86_400)))

    await run_sequences(api, empty_tables, LONG_COUNT if long else COUNT, check, SHOP)

    record(api, record_property, "in sequences of the shop")


def check_stock(api: Api) -> None:
    """Hold the stock to the sum of the movements: of the product, and after each of them."""
    for product in api.rows["/v1/products"].values():
        stock = 0
        movements = api.rows[f"/v1/products/{product['id']}/stock-movements"]
        for movement in reversed(movements.values()):
            stock += movement["quantity"]
            assert movement["stock_after"] == stock
        assert product["stock"] == stock


def expected(api: Api) -> dict[str, Any]:
    """Return the statistics of the rows; all movements are of today."""
    products = [*api.rows["/v1/products"].values()]
    names = {row["id"]: row["name"] for row in api.rows["/v1/categories"].values()}
    statuses = Counter(product["status"] for product in products)
    categories = Counter(product["category_id"] for product in products)
    values = Counter[str]()
    for product in products:
        values[product["price"]["currency"]] += product["price"]["amount_minor"] * product["stock"]
    active = [product for product in products if product["status"] == "active"]
    lowest = sorted(active, key=lambda product: (product["stock"], product["id"]))[:10]
    movements = [m for url in api.rows if "stock-m" in url for m in api.rows[url].values()]
    day = {
        "day": f"{now():%Y-%m-%d}",
        "pieces_in": sum(max(0, movement["quantity"]) for movement in movements),
        "pieces_out": sum(max(0, -movement["quantity"]) for movement in movements),
    }
    return {
        "products": [{"status": name, "count": statuses[name]} for name in sorted(statuses)],
        "categories": [
            {"category_id": row_id, "name": names.get(row_id, ""), "count": count}
            for row_id, count in by_size(categories, names)
        ],
        "stock_values": [
            {
                "currency": currency,
                "amount_minor": min(worth, MAX_AMOUNT),
                "exact_amount_minor": str(worth),
            }
            for currency, worth in sorted(values.items())
        ],
        "out_of_stock_count": sum(product["stock"] == 0 for product in active),
        "lowest_stock": [
            {name: product[name] for name in ("id", "sku", "name", "stock")} for product in lowest
        ],
        "movements": [day] if movements else [],
    }


def by_size(counts: Counter[str | None], names: dict[str, str]) -> list[tuple[str | None, int]]:
    return sorted(
        counts.items(), key=lambda each: (each[0] is None, -each[1], names.get(each[0] or "", ""))
    )
