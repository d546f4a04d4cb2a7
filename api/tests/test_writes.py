"""Writes: with and without a key, in one statement or one transaction, they say the same."""

import asyncio
import uuid

import pytest
from httpx2 import ASGITransport, AsyncClient

from app.http.etags import etag
from tests.bounds import WRITES, Walk, example
from tests.widgets.application import create
from tests.widgets.factory import WIDGET, make_widget

OWN = ("id", "code", "created_at", "updated_at")  # of each row


@pytest.mark.parametrize("body", [{"code": "A"}, WIDGET, WIDGET | {"mass": -5, "color": "blue"}])
async def test_both_ways_answer_the_same(client: AsyncClient, body):
    key = {"Idempotency-Key": str(uuid.uuid4())}

    plain = await client.post("widgets", json=body)
    keyed = await client.post("widgets", json=body | {"code": "Other"}, headers=key)

    assert (plain.status_code, keyed.status_code) == (201, 201)
    first, second = ({k: v for k, v in r.json().items() if k not in OWN} for r in (plain, keyed))
    assert first == second
    assert plain.headers["etag"] == keyed.headers["etag"] == etag(1)
    for answer in (plain, keyed):
        read = await client.get(f"widgets/{answer.json()['id']}")
        assert (read.json(), read.headers["etag"]) == (answer.json(), etag(1))


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a-key"}], ids=["plain", "keyed"])
async def test_both_ways_say_which_value_is_taken(client: AsyncClient, headers):
    await client.post("widgets", json=WIDGET)

    answer = await client.post("widgets", json=WIDGET, headers=headers)

    assert answer.status_code == 409
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/code"]


POSTS = [each for each in WRITES if each.method == "post"]


async def test_of_eight_twins_of_any_operation_one_has_the_effect(
    client: AsyncClient, record_property
):
    walk = Walk(client)
    for operation in POSTS:
        place = walk.place(operation, lambda known: known[-1])
        body, headers = example(operation.body or {}), {"Idempotency-Key": str(uuid.uuid4())}

        twins = [walk.write(operation, body, place, headers) for _ in range(8)]
        answers = await asyncio.gather(*twins)

        assert answers[0].is_success, answers[0].text
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    record_property("POST operations that eight twins send at once", len(POSTS))


SAME = [{}, {"name": "Sprocket"}, {"name": "Sprocket", "size": 3, "code": "A-1"}]


@pytest.mark.parametrize("tag", [etag(1), "*"])
@pytest.mark.parametrize("body", SAME)
async def test_what_is_as_wanted_already_stays_as_it_is(client: AsyncClient, body, tag):
    widget = await make_widget(client)
    url = f"widgets/{widget['id']}"

    answer = await client.patch(url, json=body, headers={"If-Match": tag})

    assert (answer.status_code, answer.json()) == (200, widget)
    assert (await client.get(url)).json() == widget


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "", {"name": "Late"}), ("PUT", "/color", {"color": "blue"}), ("DELETE", "", None)],
)
async def test_what_comes_to_the_version_just_now_is_written_or_refused(
    settings, schema, empty, client: AsyncClient, method, path, body
):
    """With one connection the change of another caller comes between the UPDATE and the SELECT."""
    narrow = create(settings.model_copy(update={"pool_size": 1}))
    async with (
        narrow.router.lifespan_context(narrow),
        AsyncClient(
            transport=ASGITransport(narrow), base_url=client.base_url, headers=client.headers
        ) as caller,
    ):
        for number in range(5):
            widget = await make_widget(client, code=f"W-{number}")
            url = f"widgets/{widget['id']}"
            await client.patch(url, json={"name": "Second"}, headers={"If-Match": '"1"'})

            late, third = await asyncio.gather(
                caller.request(method, url + path, json=body, headers={"If-Match": '"1", "3"'}),
                caller.patch(url, json={"name": "Third"}, headers={"If-Match": '"2"'}),
            )

            assert third.status_code == 200
            left = await client.get(url)
            if late.is_success:
                assert left.status_code == (404 if method == "DELETE" else 200)
                assert method == "DELETE" or left.json() == late.json() == left.json() | body
            else:
                assert (late.status_code, left.json()) == (412, third.json())


async def test_a_change_counts_the_version_and_says_when(client: AsyncClient):
    widget = await make_widget(client)
    headers = {"If-Match": etag(1)}

    answer = await client.patch(f"widgets/{widget['id']}", json={"size": 4}, headers=headers)

    changed = answer.json()
    assert changed == widget | {"size": 4, "version": 2, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > widget["updated_at"]
    assert (await client.get(f"widgets/{widget['id']}")).json() == changed


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "Late"}),
        ("PUT", "/color", {"color": "blue"}),
        ("POST", "/growth", {"by": 1}),
    ],
)
async def test_after_the_last_version_comes_the_first(
    client: AsyncClient, execute, method, path, body
):
    url = f"widgets/{(await make_widget(client))['id']}"
    await execute("UPDATE widgets SET version = 2147483647")
    read = await client.get(url)

    headers = {"If-Match": read.headers["etag"]}
    answer = await client.request(method, url + path, json=body, headers=headers)

    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert (await client.get(url)).json() == answer.json() != read.json() | {"version": 1}


async def test_of_deletes_at_once_one_deletes_and_the_others_find_nothing(client: AsyncClient):
    widget = await make_widget(client)

    answers = await asyncio.gather(
        *(client.delete(f"widgets/{widget['id']}", headers={"If-Match": "*"}) for _ in range(5))
    )

    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404, 404]
