"""No 5xx for what the document does not allow (bounds.py makes the requests)."""

import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.bounds import (
    BAD_HEADERS,
    BAD_TEXTS,
    JSON,
    READS,
    WRITES,
    Operation,
    Walk,
    bad_bodies,
    fill,
    with_ids,
)

SOME = 25  # of the bad values for an operation, chosen by its place in the document; --long has all


@pytest.fixture
def walk(client: AsyncClient) -> Walk:
    return Walk(client)


@pytest.fixture
def some(long) -> Callable[[Operation, Iterable[Any]], list[Any]]:
    """Choose of the bad values for an operation."""

    def choose(operation: Operation, values: Iterable[Any]) -> list[Any]:
        found = list(values)
        chance = random.Random(f"{operation.method} {operation.path}")  # noqa: S311
        return found if long else chance.sample(found, min(SOME, len(found)))

    return choose


async def test_no_value_in_a_body_is_a_5xx(walk: Walk, some, record_property):
    await fill(walk)
    for operation in WRITES:
        url = operation.url(walk.place(operation, lambda known: known[-1]))
        for body in some(operation, bad_bodies(operation.body)) if operation.body else ():
            content = with_ids(body, walk.ids)
            response = await walk.send(
                operation.method, url, content=content, headers=JSON | {"If-Match": "*"}
            )
            assert response.status_code < 500, (operation[:2], body)
    record_property("bad bodies", walk.sent)


async def test_no_value_in_a_url_is_a_5xx(walk: Walk, some, record_property):
    await fill(walk)
    for operation in READS + WRITES:
        place = walk.place(operation, lambda known: known[-1])
        urls = [
            f"{operation.url(place)}?{name}={value}"
            for name in [*operation.query, "unknown", "%ED%A0%80", "%00"]
            for value in BAD_TEXTS
        ]
        for part in [part for part in operation.path.split("/") if part.startswith("{")]:
            start, end = operation.path.split(part)
            urls += [
                operation._replace(path=start).url(place)
                + value
                + operation._replace(path=end).url(place)
                for value in BAD_TEXTS
            ]
        for url in some(operation, urls):
            content = b"{}" if operation.method != "get" else None
            response = await walk.send(
                operation.method, url, content=content, headers=JSON | {"If-Match": "*"}
            )
            assert response.status_code < 500, (operation.method, url)
    record_property("bad URLs", walk.sent)


async def test_no_header_is_a_5xx(walk: Walk, some, record_property):
    await fill(walk)
    names = [
        b"authorization", b"content-type", b"if-match", b"if-none-match", b"idempotency-key",
        b"traceparent", b"accept", b"x-unknown",
    ]  # fmt: skip
    for operation in READS + WRITES:
        url = operation.url(walk.place(operation, lambda known: known[-1]))
        for header in some(operation, itertools.product(names, BAD_HEADERS)):
            content = b"{}" if operation.method != "get" else None
            response = await walk.send(operation.method, url, content=content, headers=[header])
            assert response.status_code < 500, (operation.method, url, header)
    record_property("bad headers", walk.sent)
