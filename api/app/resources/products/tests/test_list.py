"""The list of products: each row exactly once, in every order, both ways; each link is taken."""

import pytest
from httpx2 import AsyncClient

from app import contract
from app.resources.products.tests.factory import PRODUCT
from tests.test_pagination import ID, NAMES

[SORT] = [
    parameter
    for parameter in contract.pinned()["paths"]["/v1/products"]["get"]["parameters"]
    if parameter["name"] == "sort"
]
SORTS = SORT["schema"]["enum"]
COUNT = 25


@pytest.fixture
async def products(client: AsyncClient):
    batch = [
        {
            "sku": f"SKU-{number:02}",
            # Equal names and prices: only the id tells them apart.
            "name": f"{'abC'[number % 3]} product",
            "price": {"amount_minor": number % 4, "currency": "EUR"},
        }
        for number in range(COUNT)
    ]
    await client.post("products/bulk", json={"items": batch})


async def walk(client: AsyncClient, direction: str, **params):
    """Follow the cursors to the end; return the pages."""
    pages = [(await client.get("products", params=params)).json()]
    while cursor := pages[-1][f"{direction}_cursor"]:
        page = (await client.get("products", params=params | {"cursor": cursor})).json()
        pages.append(page)
    return pages


def skus(pages) -> list[str]:
    return [item["sku"] for page in pages for item in page["items"]]


@pytest.mark.parametrize("sort", SORTS)
async def test_each_row_is_seen_once_in_each_order_and_again_on_the_way_back(
    client: AsyncClient, products, sort
):
    forwards = await walk(client, "next", sort=sort, limit=4)
    params = {"sort": sort, "limit": 4}
    back = [forwards[-1]]
    while cursor := back[-1]["prev_cursor"]:
        back.append((await client.get("products", params=params | {"cursor": cursor})).json())

    seen = skus(forwards)
    assert sorted(seen) == [f"SKU-{number:02}" for number in range(COUNT)]
    assert skus(reversed(back)) == seen


@pytest.mark.parametrize(("sort", "key"), [
    ("sku", lambda item: item["sku"]),
    ("name", lambda item: item["name"].lower()),
    ("price", lambda item: item["price"]["amount_minor"]),
    ("stock", lambda item: item["stock"]),
    ("created_at", lambda item: item["created_at"]),
])  # fmt: skip
@pytest.mark.parametrize("sign", ["", "-"])
async def test_the_order_is_the_one_that_was_asked_for(client, products, sort, key, sign):
    pages = await walk(client, "next", sort=sign + sort, limit=10)

    keys = [key(item) for page in pages for item in page["items"]]
    assert keys == sorted(keys, reverse=bool(sign))


@pytest.mark.sampled(5)  # tests/test_pagination.py has it of widgets
@pytest.mark.parametrize("sort", SORTS)
async def test_every_cursor_and_link_that_is_given_is_taken(client, sort, record_property):
    """Of the longest names there are, with the longest search there is."""
    items = [
        {"sku": f"{number:02}" + name[:62], "name": name, "price": PRODUCT["price"]}
        for number, name in enumerate(NAMES)
    ]
    outcomes = (await client.post("products/bulk", json={"items": items})).json()["items"]
    assert {item["outcome"] for item in outcomes} == {"created"}
    search = "\U0001f600" * 198
    long = {"q": search, "status": "draft", "limit": "0" * 4000 + "1"}

    for params, count in (({"limit": 1}, len(NAMES)), (long, 3)):
        pages = [await client.get("products", params=params | {"sort": sort})]
        while cursor := pages[-1].json()["next_cursor"]:
            link = pages[-1].links["next"]["url"]
            assert len(pages[-1].headers["link"]) <= 5000
            page = await client.get(
                "products", params=params | {"sort": sort, "limit": 1, "cursor": cursor}
            )
            assert (await client.get(f"http://api.test{link}")).content == page.content
            back = page.json()["prev_cursor"]
            before = await client.get(
                "products", params=params | {"sort": sort, "limit": 1, "cursor": back}
            )
            assert before.json()["items"] == pages[-1].json()["items"]
            pages.append(page)
        assert len({page.json()["items"][0]["id"] for page in pages}) == len(pages) == count
        record_property("pages of the longest names", len(pages))


@pytest.mark.parametrize("path", ["products", "categories"])
async def test_the_name_of_a_parameter_that_is_not_read_is_logged(client, path, caplog):
    response = await client.get(path, params={"Limit": 1, "categoryid": "secret", "sort": "name"})

    [record] = [r for r in caplog.records if r.message == "unknown query parameters"]
    assert response.status_code == 200
    assert record.fields == {"operation": f"list_{path}", "parameters": ["Limit", "categoryid"]}


async def test_nothing_is_logged_of_parameters_that_are_read(client, products, caplog):
    params = {"q": "a", "status": "draft", "category_id": ID, "tag": "a", "sort": "sku", "limit": 5}

    await client.get("products", params=params)

    assert "unknown query parameters" not in caplog.text
