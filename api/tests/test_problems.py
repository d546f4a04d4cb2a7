"""Bad requests get a clear answer (RFC 9457), and never a trace."""

import logging
import re

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app import contract
from app.http.problems import MEDIA_TYPE
from conftest import DOCUMENT, make_token


async def send(client: AsyncClient, content: bytes, media_type: str = "application/json"):
    return await client.post("widgets", content=content, headers={"Content-Type": media_type})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"text"', b"null", b"1", b"\xff", b"{'a': 1}", b'{"code": NaN}']
)
async def test_a_body_that_is_no_json_object_is_422(client: AsyncClient, content):
    response = await send(client, content)

    assert response.status_code == 422
    assert response.json()["errors"]


async def test_a_lone_surrogate_is_422(client: AsyncClient):
    response = await send(
        client,
        rb'{"code": "A", "name": "\ud800"}',
    )

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/name"


async def test_deep_nesting_is_422(client: AsyncClient):
    assert (await send(client, b"[" * 100_000)).status_code == 422


async def test_another_media_type_is_422(client: AsyncClient):
    assert (await send(client, b"code=A", "text/plain")).status_code == 422


async def test_a_body_of_20_megabytes_is_413(client: AsyncClient):
    response = await send(client, b" " * 20 * 2**20)

    assert response.status_code == 413


async def test_a_body_that_does_not_announce_its_size_is_cut_off(client: AsyncClient):
    sent = 0

    async def chunks():
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield b" " * 2**20

    response = await client.post("widgets", content=chunks())

    assert response.status_code == 413
    assert sent < 10


@pytest.mark.parametrize("path", ["nothing", "widgets/x/y/z", "../v2/widgets"])
async def test_an_unknown_path_is_a_problem(client: AsyncClient, path):
    response = await client.get(path)

    assert response.status_code == 404
    assert response.headers["content-type"] == MEDIA_TYPE


async def test_an_id_that_is_none_is_422(client: AsyncClient):
    response = await client.get("widgets/17")

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/path/widget_id"


async def test_405_lists_every_method_of_the_path(client: AsyncClient):
    response = await client.put("widgets")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert response.headers["content-type"] == MEDIA_TYPE


@pytest.mark.parametrize("path", DOCUMENT["paths"])
async def test_405_names_the_methods_of_each_path_in_the_document(client: AsyncClient, path):
    url = re.sub(r"{.*?}", "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10", path)

    response = await client.request("TRACE", f"http://api.test{url}")

    assert response.status_code == 405
    methods = {method.upper() for method in DOCUMENT["paths"][path]}
    methods |= {"HEAD"} if "GET" in methods else set()
    assert response.headers["allow"] == ", ".join(sorted(methods))


async def test_a_bug_is_500_without_a_trace_and_is_logged(
    app: FastAPI, client_for, monkeypatch, caplog
):
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(app.state.database.read, "first", broken)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://api.test") as client:
        with caplog.at_level(logging.ERROR, "app"):
            response = await client.get(
                "/v1/widgets/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10",
                headers={"Authorization": f"Bearer {make_token()}"},
            )

    assert response.status_code == 500
    assert response.headers["content-type"] == MEDIA_TYPE
    assert "secret detail" not in response.text
    assert "secret detail" in caplog.text


async def test_the_caller_s_trace_id_is_in_the_problem(client: AsyncClient):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}

    response = await client.get("nothing", headers=headers)

    assert response.json()["trace_id"] == trace


@pytest.mark.parametrize("bad", ["", "00-x-y-01", f"00-{'0' * 32}-{'0' * 16}-01"])
async def test_a_bad_trace_id_is_replaced(client: AsyncClient, bad):
    response = await client.get("nothing", headers={"traceparent": bad})

    assert len(response.json()["trace_id"].strip("0")) > 8


async def test_every_response_says_which_contract_it_speaks(client: AsyncClient):
    for path in ("widgets", "nothing", "http://api.test/docs"):
        assert (await client.get(path)).headers["contract-version"] == contract.version()
