"""Pages: each row exactly once, in every order, both ways; made-up cursors are refused."""

import base64
import json

import pytest
from httpx2 import AsyncClient

from conftest import DOCUMENT
from tests.widgets.factory import make_widget

[SORT] = [
    parameter
    for parameter in DOCUMENT["paths"]["/v1/widgets"]["get"]["parameters"]
    if parameter["name"] == "sort"
]
SORTS = SORT["schema"]["enum"]
COUNT = 25


@pytest.fixture
async def widgets(client: AsyncClient):
    for number in range(COUNT):
        # Equal names and numbers: only the id tells them apart.
        name = f"{'abC'[number % 3]} widget"
        await make_widget(client, code=f"W-{number:02}", name=name, mass=number % 4, size=0)


async def walk(client: AsyncClient, direction: str, **params):
    """Follow the cursors to the end; return the pages."""
    pages = [(await client.get("widgets", params=params)).json()]
    while cursor := pages[-1][f"{direction}_cursor"]:
        page = (await client.get("widgets", params=params | {"cursor": cursor})).json()
        pages.append(page)
    return pages


def codes(pages) -> list[str]:
    return [item["code"] for page in pages for item in page["items"]]


@pytest.mark.parametrize("sort", SORTS)
async def test_each_row_is_seen_once_in_each_order_and_again_on_the_way_back(
    client: AsyncClient, widgets, sort
):
    forwards = await walk(client, "next", sort=sort, limit=4)
    params = {"sort": sort, "limit": 4}
    back = [forwards[-1]]
    while cursor := back[-1]["prev_cursor"]:
        back.append((await client.get("widgets", params=params | {"cursor": cursor})).json())

    seen = codes(forwards)
    assert sorted(seen) == [f"W-{number:02}" for number in range(COUNT)]
    assert codes(reversed(back)) == seen


@pytest.mark.parametrize(("sort", "key"), [
    ("code", lambda item: item["code"]),
    ("name", lambda item: item["name"].lower()),
    ("mass", lambda item: item["mass"]),
    ("size", lambda item: item["size"]),
    ("created_at", lambda item: item["created_at"]),
])  # fmt: skip
@pytest.mark.parametrize("sign", ["", "-"])
async def test_the_order_is_the_one_that_was_asked_for(client, widgets, sort, key, sign):
    pages = await walk(client, "next", sort=sign + sort, limit=10)

    keys = [key(item) for page in pages for item in page["items"]]
    assert keys == sorted(keys, reverse=bool(sign))


async def test_a_row_that_comes_while_paging_moves_no_other(client: AsyncClient, widgets):
    first = (await client.get("widgets", params={"sort": "code", "limit": 5})).json()
    await make_widget(client, code="W-00-NEW")

    params = {"sort": "code", "limit": 5, "cursor": first["next_cursor"]}
    second = (await client.get("widgets", params=params)).json()

    assert second["items"][0]["code"] == "W-05"


async def test_the_first_page_has_no_page_before_it(client: AsyncClient, widgets):
    page = (await client.get("widgets")).json()

    assert (page["prev_cursor"], page["next_cursor"]) == (None, None)


async def test_link_header_leads_to_the_pages_and_keeps_the_filters(client, widgets):
    params = {"limit": 5, "sort": "code", "q": "widget"}
    response = await client.get("widgets", params=params)

    url = response.links["next"]["url"].removeprefix("/v1/")
    second = await client.get(url)

    assert second.json()["items"][0]["code"] == "W-05"
    assert "prev" in second.links


async def test_a_page_whose_rows_are_gone_still_leads_back(client, widgets, execute):
    params = {"limit": 20, "sort": "code"}
    first = (await client.get("widgets", params=params)).json()
    await execute("DELETE FROM widgets WHERE code > 'W-10'")

    empty = (await client.get("widgets", params=params | {"cursor": first["next_cursor"]})).json()
    back = (await client.get("widgets", params=params | {"cursor": empty["prev_cursor"]})).json()

    assert empty["items"] == []
    assert back["items"][0]["code"] == "W-00"


def cursor(*values) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


ID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"


@pytest.mark.parametrize("made_up", [
    "nonsense",
    "äöü",
    "=",
    cursor("code", "next", "A", ID),
    cursor("name", "sideways", "A", ID),
    cursor("name", "next", 5, ID),
    cursor("name", "next", "a\0", ID),
    cursor("name", "next", "\ud800", ID),
    cursor("name", "next", "A", "no id"),
    cursor("name", "next", "A"),
    cursor("name", "next", None, ID),
    "W10",
])  # fmt: skip
async def test_a_made_up_cursor_is_refused(client: AsyncClient, made_up):
    response = await client.get("widgets", params={"cursor": made_up})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/query/cursor"


@pytest.mark.parametrize(("sort", "key"), [
    ("size", 2**40), ("size", -(2**40)), ("mass", 2**70), ("mass", "1"),
    ("created_at", "2026-01-01"), ("created_at", "2026-01-01T00:00:00"), ("created_at", 5),
])  # fmt: skip
async def test_a_key_that_the_column_cannot_hold_is_refused(client: AsyncClient, sort, key):
    params = {"sort": sort, "cursor": cursor(sort, "next", key, ID)}

    assert (await client.get("widgets", params=params)).status_code == 422


@pytest.mark.parametrize("limit", [0, -1, 101, 10_000, "ten", 2**70])
async def test_a_limit_outside_1_to_100_is_refused(client: AsyncClient, limit):
    response = await client.get("widgets", params={"limit": limit})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/query/limit"


NAMES = [
    "a" + letter * 198 + end
    for letter in ("\U0001f600", "\U0010ffff", "İ", "\x01", "\n", "€", '"', "\\", "%")
    for end in ("x", "y", "z")
]


@pytest.mark.parametrize("sort", SORTS)
async def test_every_cursor_and_link_that_is_given_is_taken(client, sort, record_property):
    """Of the longest names there are, with the longest search there is."""
    for number, name in enumerate(NAMES):
        await make_widget(client, code=f"{number:02}" + name[:62], name=name)
    search = "\U0001f600" * 198
    long = {"q": search, "color": "red", "limit": "0" * 4000 + "1"}

    for params, count in (({"limit": 1}, len(NAMES)), (long, 3)):
        pages = [await client.get("widgets", params=params | {"sort": sort})]
        while cursor := pages[-1].json()["next_cursor"]:
            link = pages[-1].links["next"]["url"]
            assert len(pages[-1].headers["link"]) <= 5000
            page = await client.get(
                "widgets", params=params | {"sort": sort, "limit": 1, "cursor": cursor}
            )
            assert (await client.get(f"http://api.test{link}")).content == page.content
            back = page.json()["prev_cursor"]
            before = await client.get(
                "widgets", params=params | {"sort": sort, "limit": 1, "cursor": back}
            )
            assert before.json()["items"] == pages[-1].json()["items"]
            pages.append(page)
        assert len({page.json()["items"][0]["id"] for page in pages}) == len(pages) == count
        record_property("pages of the longest names", len(pages))


async def test_links_name_what_the_operation_reads_and_nothing_else(client, widgets):
    params = {"limit": 5, "sort": "code", "x": "y" * 12_000}

    response = await client.get("widgets", params=params)

    link = response.links["next"]["url"]
    assert "x=" not in link
    assert (await client.get(f"http://api.test{link}")).status_code == 200


async def test_the_name_of_a_parameter_that_is_not_read_is_logged(client, caplog):
    params = {"Limit": 1, "colour": "secret", "sort": "name"}

    response = await client.get("widgets", params=params)

    [record] = [r for r in caplog.records if r.message == "unknown query parameters"]
    assert response.status_code == 200
    assert record.fields == {"operation": "list_widgets", "parameters": ["Limit", "colour"]}


async def test_nothing_is_logged_of_parameters_that_are_read(client, widgets, caplog):
    params = {"q": "a", "color": "red", "sort": "code", "limit": 5}

    await client.get("widgets", params=params)

    assert "unknown query parameters" not in caplog.text
