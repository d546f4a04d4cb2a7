"""Versions over HTTP (RFC 9110, 13.1.1): nobody overwrites what they have not seen."""

import asyncio

import pytest
from httpx2 import AsyncClient
from sqlalchemy import update
from starlette.requests import Request

from app.http.etags import Precondition, etag
from app.types import MAX_VERSION
from conftest import make_token
from tests.widgets.factory import make_widget
from tests.widgets.models import Widget


@pytest.fixture
async def widget(client: AsyncClient):
    return await make_widget(client)


@pytest.fixture
def url(widget):
    return f"widgets/{widget['id']}"


WRITES = [
    ("PATCH", "", {"name": "x"}),
    ("DELETE", "", None),
    ("PUT", "/color", {"color": "blue"}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
class TestIfMatch:
    async def test_is_required(self, client: AsyncClient, url, method, path, body):
        response = await client.request(method, url + path, json=body)

        assert response.status_code == 428

    @pytest.mark.parametrize(
        "tag",
        [
            '"9"',
            'W/"1"',
            "1",
            '""',
            '"a"',
            '"1',
            '"-1"',
            '"01"',
            '"1a"',
            '"9-1.3.0"',
            '"1-x"',
            '"2147483648"',
            '"9999999999"',
            '"99999999999"',
            "",
            ",",
            '"9", W/"1-1.3.0"',
        ],
    )
    async def test_another_version_is_refused_with_what_is_there_now(
        self, client: AsyncClient, widget, url, method, path, body, tag
    ):
        response = await client.request(method, url + path, json=body, headers={"If-Match": tag})

        assert response.status_code == 412
        assert response.json()["current"] == widget

    @pytest.mark.parametrize("version", [10**9 - 1, 10**9, 2**31 - 2])
    async def test_the_largest_versions_are_matched(
        self, client: AsyncClient, execute, url, method, path, body, version
    ):
        await execute(f"UPDATE widgets SET version = {version}")  # noqa: S608
        headers = {"If-Match": (await client.get(url)).headers["etag"]}

        response = await client.request(method, url + path, json=body, headers=headers)

        assert response.is_success, response.text

    async def test_what_is_there_is_shown_to_those_who_may_read_it(
        self, client_for, url, method, path, body
    ):
        writer = client_for(make_token(scope="widgets:write"))

        response = await writer.request(method, url + path, json=body, headers={"If-Match": '"9"'})

        assert response.status_code == 412
        assert response.json()["current"] == {}

    @pytest.mark.parametrize(
        "tag",
        [
            '"1"',
            "*",
            '"7", "1"',
            etag(1),
            '"1-0.9.0"',
            '"7-1.3.0","1-1.3.0"',
            '"x", *',
        ],
    )
    async def test_the_present_version_passes(
        self, client: AsyncClient, url, method, path, body, tag
    ):
        response = await client.request(method, url + path, json=body, headers={"If-Match": tag})

        assert response.is_success

    @pytest.mark.parametrize("lines", [['"7"', '"1"'], ['"1"', '"7"'], ['"7", "8"', '"9", "1"']])
    async def test_several_lines_are_one_list(
        self, client: AsyncClient, url, method, path, body, lines
    ):
        headers = [("If-Match", line) for line in lines]

        assert (await client.request(method, url + path, json=body, headers=headers)).is_success

    async def test_several_lines_may_be_no_longer_than_one(
        self, client: AsyncClient, url, method, path, body
    ):
        headers = [("If-Match", '"1"')] * 60

        response = await client.request(method, url + path, json=body, headers=headers)

        assert response.status_code == 422

    @pytest.mark.parametrize("version", [10**9 - 1, 10**9, MAX_VERSION - 1])
    async def test_every_version_that_a_row_can_have_passes(
        self, client: AsyncClient, app, url, method, path, body, version
    ):
        async with app.state.database.write.begin() as connection:
            await connection.execute(update(Widget).values(version=version))
        tag = (await client.get(url)).headers["etag"]

        response = await client.request(method, url + path, json=body, headers={"If-Match": tag})

        assert response.is_success

    @pytest.mark.parametrize("present", [1, 41])
    async def test_the_longest_list_counts_whole(
        self, client: AsyncClient, app, url, method, path, body, present
    ):
        async with app.state.database.write.begin() as connection:
            await connection.execute(update(Widget).values(version=present))
        tags = ",".join(f'"{version}"' for version in range(1, 42))

        response = await client.request(method, url + path, json=body, headers={"If-Match": tags})

        assert response.is_success

    async def test_what_is_not_there_is_404(self, client: AsyncClient, method, path, body):
        unknown = "widgets/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"

        response = await client.request(
            method, unknown + path, json=body, headers={"If-Match": '"1"'}
        )

        assert response.status_code == 404


async def test_of_twenty_writers_that_read_the_same_version_one_wins(client: AsyncClient, url):
    async def write(number: int) -> int:
        body, headers = {"name": f"Writer {number}"}, {"If-Match": '"1"'}
        return (await client.patch(url, json=body, headers=headers)).status_code

    statuses = await asyncio.gather(*(write(number) for number in range(20)))

    assert sorted(statuses) == [200] + [412] * 19


def test_lists_of_all_lengths_have_one_statement():
    """Or callers could fill the memory with statements."""
    request = Request({"type": "http"})
    lists = [",".join(f'"{n}"' for n in range(1, length + 1)) for length in range(2, 42)]

    assert len({Precondition(request, each).count for each in lists}) == 1


async def test_a_body_that_is_not_valid_is_refused_whatever_the_version(client: AsyncClient, url):
    """The write itself looks at the version, and there is none."""
    response = await client.patch(url, json={"code": ""}, headers={"If-Match": '"9"'})

    assert response.status_code == 422
