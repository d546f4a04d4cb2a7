"""``If-None-Match`` (RFC 9110, 13.1.2): what a caller has already is not sent again."""

import pytest
from httpx2 import AsyncClient

from app.http.etags import etag
from tests.bounds import READS, Operation, Walk, fill
from tests.widgets.factory import make_widget


def wants_none_match(operation: Operation) -> bool:
    return any(p["name"] == "if-none-match" for p in operation.spec.get("parameters", []))


CONDITIONAL = [operation for operation in READS if wants_none_match(operation)]


@pytest.fixture
async def walk(client: AsyncClient) -> Walk:
    """Something to read for every operation that reads."""
    walk = Walk(client)
    await fill(walk)
    return walk


def url(walk: Walk, operation: Operation) -> str:
    return operation.url(walk.place(operation, lambda known: known[-1]))


async def test_every_read_answers_304_to_who_has_it(walk, record_property):
    for operation in CONDITIONAL:
        path = url(walk, operation)
        first = await walk.send("GET", path)
        headers = {"If-None-Match": first.headers["etag"]}
        again = await walk.send("GET", path, headers=headers)

        assert again.status_code == 304, path
        assert again.content == b""
        for header in ("etag", "cache-control", "vary"):
            assert again.headers[header] == first.headers[header]
    record_property("reads that answer 304", len(CONDITIONAL))


def test_what_is_read_by_id_or_as_a_list_wants_it():
    """The others tell of this moment or of the caller."""
    assert [each for each in READS if each.is_list or each.path.endswith("}")] == CONDITIONAL


async def test_what_has_changed_is_sent(client: AsyncClient):
    url = f"widgets/{(await make_widget(client))['id']}"
    one, page = await client.get(url), await client.get("widgets")
    await client.patch(url, json={"name": "Red"}, headers={"If-Match": one.headers["etag"]})

    for path, before in ((url, one), ("widgets", page)):
        after = await client.get(path, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize("tags", [[f"W/{etag(1)}"], [f'"7", {etag(1)}'], ['"7"', etag(1)], ["*"]])
async def test_weak_several_in_one_line_or_more_and_any(client: AsyncClient, tags):
    url = f"widgets/{(await make_widget(client))['id']}"

    response = await client.get(url, headers=[("If-None-Match", tag) for tag in tags])

    assert response.status_code == 304


@pytest.mark.parametrize("tag", ['"1"', '"1-0.9.0"', 'W/"1-0.9.0"'])
async def test_what_an_earlier_release_of_the_contract_answered_is_sent_again(client, tag):
    """It may lack a field."""
    url = f"widgets/{(await make_widget(client))['id']}"

    assert (await client.get(url, headers={"If-None-Match": tag})).status_code == 200


async def test_no_cache_may_serve_one_person_s_data_to_another(walk):
    for operation in READS:
        headers = (await walk.send("GET", url(walk, operation))).headers
        assert headers["cache-control"] == "private, no-cache"
        assert headers["vary"] == "Authorization"
