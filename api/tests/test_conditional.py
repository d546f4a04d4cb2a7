"""``If-None-Match`` (RFC 9110, 13.1.2): what a caller has already is not sent again."""

import pytest
from httpx2 import AsyncClient

from app import contract
from app.resources.products.tests.factory import make_product


@pytest.fixture
async def paths(client: AsyncClient) -> dict[str, str]:
    """Every operation that reads, with something to read."""
    product = await make_product(client)
    category = (await client.post("categories", json={"name": "Kitchen"})).json()
    movements = f"products/{product['id']}/stock-movements"
    movement = (await client.post(movements, json={"quantity": 1, "reason": "received"})).json()
    return {
        "list_products": "products",
        "read_product": f"products/{product['id']}",
        "list_categories": "categories",
        "read_category": f"categories/{category['id']}",
        "list_stock_movements": movements,
        "read_stock_movement": f"{movements}/{movement['id']}",
    }


def wants_none_match(operation) -> bool:
    return any(p["name"] == "if-none-match" for p in operation.get("parameters", []))


async def test_every_read_answers_304_to_who_has_it(client: AsyncClient, paths):
    for path in paths.values():
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert again.status_code == 304, path
        assert again.content == b""
        for header in ("etag", "cache-control", "vary"):
            assert again.headers[header] == first.headers[header]


async def test_every_read_of_a_resource_is_tried_here(paths):
    gets = [path["get"] for path in contract.pinned()["paths"].values() if "get" in path]
    # These tell of this moment or of the caller.
    of_now = {"read_statistics", "read_identity", "check_live", "check_ready"}

    assert {g["operationId"] for g in gets if wants_none_match(g)} == set(paths)
    assert {g["operationId"] for g in gets} == set(paths) | of_now


async def test_what_has_changed_is_sent(client: AsyncClient, paths):
    url, listing = paths["read_product"], paths["list_products"]
    one, page = await client.get(url), await client.get(listing)
    await client.patch(url, json={"name": "Red"}, headers={"If-Match": one.headers["etag"]})

    for path, before in ((url, one), (listing, page)):
        after = await client.get(path, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize("tag", ['W/"2"', '"7", "2"', "*"])
async def test_weak_several_and_any(client: AsyncClient, paths, tag):
    response = await client.get(paths["read_product"], headers={"If-None-Match": tag})

    assert response.status_code == 304


async def test_no_cache_may_serve_one_person_s_data_to_another(client: AsyncClient, paths):
    for path in (*paths.values(), "statistics", "identity"):
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "private, no-cache"
        assert headers["vary"] == "Authorization"
