"""The short way gives the answers that FastAPI's own way gives."""

import uuid
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from app.core.lane import Lane
from app.main import create_app
from app.resources.products.tests.factory import PRODUCT, make_product
from conftest import make_token

UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def ways(settings, schema, client):
    """A client of each way, on one database; ``client`` empties it."""
    short, own = create_app(settings), create_app(settings)
    assert isinstance(own.router.routes.pop(0), Lane)
    clients = []
    headers = {"Authorization": f"Bearer {make_token()}"}
    async with short.router.lifespan_context(short), own.router.lifespan_context(own):
        for app in (short, own):
            transport = ASGITransport(app, raise_app_exceptions=False)
            clients.append(
                AsyncClient(transport=transport, base_url="http://api.test/v1/", headers=headers)
            )
        yield clients
        for each in clients:
            await each.aclose()


def shown(answer: Response) -> dict[str, Any]:
    body = answer.json() if answer.content else None
    for name in ("trace_id", "id", "created_at", "updated_at", "computed_at"):
        if isinstance(body, dict):
            body.pop(name, None)
    drop = ("traceparent", "location", "content-length")
    headers = {k: v for k, v in answer.headers.items() if k not in drop}
    return {"status": answer.status_code, "headers": headers, "body": body}


READS = {
    "list": "products",
    "page of one": "products?limit=1&sort=-price",
    "filtered": "products?status=active&q=mug&tag=gift",
    "no such status": "products?status=lost",
    "limit of zero": "products?limit=0",
    "limit in words": "products?limit=many",
    "given twice": "products?limit=1&limit=2",
    "unknown parameter": "products?colour=blue",
    "made-up cursor": "products?cursor=nonsense",
    "empty category": "products?category_id=",
    "unknown product": f"products/{UNKNOWN}",
    "no id": "products/abc",
    "reserved word": "products/bulk",
    "slash at the end": "products/",
    "statistics": "statistics",
    "identity": "identity",
    "nothing there": "nothing",
}


@pytest.mark.parametrize("target", READS.values(), ids=READS.keys())
async def test_reads(ways, client, target):
    await make_product(client, tags=["gift"], status="active")
    short, own = ways

    assert shown(await short.get(target)) == shown(await own.get(target))


HEADERS = {
    "known version": {"If-None-Match": '"1"'},
    "any version": {"If-None-Match": "*"},
    "too long": {"If-None-Match": "x" * 2000},
    "no token": {"Authorization": ""},
    "not a bearer": {"Authorization": "Basic YTpi"},
    "a forged token": {"Authorization": "Bearer a.b.c"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
async def test_headers(ways, client, headers):
    product = await make_product(client)
    short, own = ways

    for target in ("products", f"products/{product['id']}", "products/abc"):
        answers = [await each.get(target, headers=headers) for each in (short, own)]
        assert shown(answers[0]) == shown(answers[1])


async def test_scopes(ways):
    headers = {"Authorization": f"Bearer {make_token(scope='products:read')}"}
    short, own = ways

    for target, body in (("products", PRODUCT), ("categories", {"name": "A"}), ("products", {})):
        answers = [await each.post(target, json=body, headers=headers) for each in (short, own)]
        assert answers[0].status_code == 403
        assert shown(answers[0]) == shown(answers[1])


BODIES = {
    "whole": (b'{"sku": "%s", "name": "A", "price": {"amount_minor": 1, "currency": "EUR"}}', JSON),
    "no type": (b'{"sku": "%s", "name": "A", "price": {"amount_minor": 1, "currency": "EUR"}}', {}),
    "type with parameter": (
        b'{"sku": "%s", "name": "A", "price": {"amount_minor": 1, "currency": "EUR"}}',
        {"Content-Type": "application/json; charset=utf-8"},
    ),
    "text": (b'{"sku": "%s"}', {"Content-Type": "text/plain"}),
    "a number as text": (
        b'{"sku": "%s", "name": "A", "price": {"amount_minor": "1", "currency": "EUR"}}', JSON,
    ),
    "unknown field": (b'{"sku": "%s", "name": "A", "colour": 1}', JSON),
    "no object": (b'["%s"]', JSON),
    "not JSON": (b'{"sku": %s', JSON),
    "half a surrogate": (b'{"sku": "\\ud800", "name": "%s"}', JSON),
    "deep": (b'{"sku": "%s", "name": ' + b"[" * 100_000, JSON),
    "empty": (b"", JSON),
    "null": (b"null", JSON),
    "a bad key": (b'{"sku": "%s", "name": "A"}', JSON | {"Idempotency-Key": "a b"}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "headers"), BODIES.values(), ids=BODIES.keys())
async def test_bodies(ways, body, headers):
    answers = []
    for each in ways:
        sku = uuid.uuid4().hex.encode()
        content = body.replace(b"%s", sku)
        answer = await each.post("products", content=content, headers=headers)
        found = shown(answer)
        if found["status"] == 201:
            assert found["body"].pop("sku") == sku.decode()
        answers.append(found)

    assert answers[0] == answers[1]


async def test_what_it_takes_and_what_it_leaves(settings):
    """The reads and the creations; what needs a session is FastAPI's."""
    lane = create_app(settings).router.routes[0]
    assert isinstance(lane, Lane)

    taken = {
        operation.route.name: bool(operation.calls)
        for operations in lane._operations.values()
        for operation in operations
    }

    assert {name for name, short in taken.items() if short} >= {
        "list_products", "read_product", "create_product",
    }  # fmt: skip
    assert not taken["update_product"]
