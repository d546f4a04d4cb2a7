import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from app.http.etags import etag
from app.resources.products.tests.factory import make_product
from app.types import MAX_VERSION


@pytest.fixture
async def url(client: AsyncClient):
    product = await make_product(client)
    return f"products/{product['id']}"


async def move(client: AsyncClient, url: str, quantity: int, reason: str = "sold"):
    body = {"quantity": quantity, "reason": reason}
    return await client.post(f"{url}/stock-movements", json=body)


async def test_stock_is_the_sum_of_the_movements(client: AsyncClient, url):
    await move(client, url, 5, "received")
    response = await move(client, url, -2)

    assert response.status_code == 201
    assert response.json()["stock_after"] == 3
    assert response.json()["recorded_by"] == "tester"
    assert (await client.get(url)).json()["stock"] == 3


async def test_a_movement_changes_the_product_s_version(client: AsyncClient, url):
    await move(client, url, 5, "received")

    assert (await client.get(url)).headers["etag"] == etag(2)


CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "patch": ("PATCH", "", {"name": "Late"}),
    "status": ("PUT", "/status", {"status": "active"}),
    "movement": ("POST", "/stock-movements", {"quantity": 1, "reason": "received"}),
}


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "a-key"}], ids=["plain", "keyed"])
@pytest.mark.parametrize("change", CHANGES)
async def test_after_the_last_version_of_a_product_comes_the_first(
    client: AsyncClient, execute, url, change, key
):
    await execute("UPDATE products SET version = 2147483647")
    method, path, body = CHANGES[change]

    headers = {"If-Match": etag(MAX_VERSION)} | key
    answer = await client.request(method, url + path, json=body, headers=headers)

    assert answer.is_success, answer.text
    assert (await client.get(url)).headers["etag"] == etag(1)


async def test_history_is_newest_first(client: AsyncClient, url):
    for quantity in (5, -2, 7):
        await move(client, url, quantity, "adjusted")

    items = (await client.get(f"{url}/stock-movements")).json()["items"]

    assert [item["quantity"] for item in items] == [7, -2, 5]


async def test_a_movement_is_where_its_location_says(client: AsyncClient, url):
    created = await move(client, url, 5, "received")

    assert (
        await client.get(created.headers["location"].removeprefix("/v1/"))
    ).json() == created.json()


async def test_stock_never_goes_below_zero(client: AsyncClient, url):
    await move(client, url, 1, "received")

    response = await move(client, url, -2)

    assert response.status_code == 409
    assert response.json()["errors"] == [
        {"pointer": "#/quantity", "code": "short", "detail": "Only 1 in stock."}
    ]
    assert (await client.get(url)).json()["stock"] == 1


async def test_of_twenty_that_want_the_last_five_pieces_exactly_five_succeed(
    client: AsyncClient, url
):
    await move(client, url, 5, "received")

    responses = await asyncio.gather(*(move(client, url, -1) for _ in range(20)))

    statuses = sorted(response.status_code for response in responses)
    assert statuses == [201] * 5 + [409] * 15
    assert (await client.get(url)).json()["stock"] == 0


REASONS = {"received": 1, "sold": -1, "returned": 1, "adjusted": None}
PIECES, DIRECTIONS, QUANTITIES = (None, 3), (None, "in", "out"), (None, 3, -3, 4)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("reason", REASONS)
async def test_the_reason_says_which_way_pieces_go(
    client: AsyncClient, url, reason, pieces, direction, quantity, record_property
):
    await move(client, url, 10, "received")
    sent = {"reason": reason, "pieces": pieces, "direction": direction, "quantity": quantity}
    body = {name: value for name, value in sent.items() if value is not None}

    response = await client.post(f"{url}/stock-movements", json=body)

    ways = {"in": 1, "out": -1}
    if pieces:
        way = REASONS[reason] or ways.get(direction, 0)
    else:
        way = (quantity or 0) // abs(quantity or 1)
    added = way * (pieces or abs(quantity or 0))
    if way and direction in (None, {1: "in", -1: "out"}[way]):
        assert response.json()["stock_after"] == 10 + added
        assert response.json()["quantity"] == added
        assert response.json()["pieces"] == abs(added)
        assert ways[response.json()["direction"]] == way
    else:
        wrong = "direction" if pieces or quantity else "pieces"
        assert response.status_code == 422
        assert [each["pointer"] for each in response.json()["errors"]] == [f"#/{wrong}"]
    record_property("bodies of movements", 1)


@pytest.mark.parametrize("reason", ["sold", "adjusted"])
async def test_more_than_there_is_points_at_the_pieces(client: AsyncClient, url, reason):
    body = {"pieces": 1, "reason": reason, "direction": "out"}

    response = await client.post(f"{url}/stock-movements", json=body)

    assert response.status_code == 409
    assert response.json()["errors"][0]["pointer"] == "#/pieces"


@pytest.mark.parametrize("pieces", [0, -1, 10**6 + 1, 1.5, "1", None])
async def test_bad_pieces_point_at_the_field(client: AsyncClient, url, pieces):
    body = {"pieces": pieces, "reason": "received"}

    response = await client.post(f"{url}/stock-movements", json=body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/pieces"


@pytest.mark.parametrize("quantity", [0, 10**6 + 1, -(10**6) - 1, 1.5, "1", None])
async def test_bad_quantity_points_at_the_field(client: AsyncClient, url, quantity):
    response = await move(client, url, quantity)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/quantity"


async def test_a_product_with_movements_cannot_be_deleted(client: AsyncClient, url):
    await move(client, url, 5, "received")

    response = await client.delete(url, headers={"If-Match": '"2"'})

    assert response.status_code == 409
    assert "archive it" in response.json()["detail"]


async def test_stock_has_an_upper_bound(client: AsyncClient, url, execute):
    await execute("UPDATE products SET stock = 999999999")

    response = await move(client, url, 2, "received")

    assert response.status_code == 409


@pytest.mark.parametrize("path", ["stock-movements", "stock-movements/{id}"])
async def test_an_unknown_product_has_no_movements(client: AsyncClient, path):
    unknown = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"

    response = await client.get(f"products/{unknown}/{path.format(id=unknown)}")

    assert response.status_code == 404


async def test_nothing_moves_of_an_unknown_product(client: AsyncClient):
    response = await move(client, "products/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10", 5)

    assert response.status_code == 404


async def test_a_movement_that_is_sent_three_times_with_one_key_counts_once(client: AsyncClient):
    product = await make_product(client)
    url = f"products/{product['id']}"
    headers = {"Idempotency-Key": "one"}

    for _ in range(3):
        body = {"quantity": 5, "reason": "received"}
        await client.post(f"{url}/stock-movements", json=body, headers=headers)

    assert (await client.get(url)).json()["stock"] == 5
