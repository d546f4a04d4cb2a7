"""No 5xx, whatever the document allows and whatever it does not (bounds.py makes the requests)."""

import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from httpx2 import AsyncClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

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
    valid,
    with_ids,
)

EXAMPLES, LONG_EXAMPLES, STEPS = 2, 7, 5
SOME = 25  # of the bad values for an operation, chosen by its place in the document; --long has all


async def read_everything(walk: Walk, chance: random.Random) -> None:
    """Read each operation: each order and filter, the page after and before it, each link."""
    for operation in READS:
        url = operation.url(walk.place(operation, chance.choice))
        if not operation.is_list:
            assert (await walk.send("GET", url)).status_code in (200, 404), url
            continue
        query = operation.query
        for sort in query.get("sort", {}).get("enum", [None]):
            await follow(walk, url, {"sort": sort} if sort else {})
        for name, schema in query.items():
            if name not in ("sort", "cursor", "limit"):
                value = chance.choice(VALUES.setdefault((operation.path, name), values(schema)))
                sort = {"sort": chance.choice(query["sort"]["enum"])} if "sort" in query else {}
                await follow(walk, url, sort | {name: value})


VALUES: dict[tuple[str, str], list[Any]] = {}


def values(schema: dict[str, Any]) -> list[Any]:
    """Return some values of a parameter at its bounds."""
    found: list[Any] = []

    @settings(max_examples=20, database=None, derandomize=True, deadline=None)
    @given(valid(schema))
    def collect(value: Any) -> None:
        found.append(with_ids(str(value), {}))

    collect()
    return found


async def follow(walk: Walk, url: str, params: dict[str, Any]) -> None:
    """Go two pages on and back again, by cursor and by link."""
    response = await walk.send("GET", url, params=params | {"limit": 1})
    if response.status_code == 404:
        return
    for name in ("next", "next", "prev"):
        assert response.status_code == 200, (url, params, response.text)
        assert len(response.headers.get("link", "")) <= 5000
        page, link = response.json(), response.links.get(name)
        cursor = page[f"{name}_cursor"]
        if not cursor:
            break
        response = await walk.send("GET", url, params=params | {"limit": 1, "cursor": cursor})
        if link:
            linked = await walk.send("GET", link["url"])
            assert linked.content == response.content
        else:
            assert name == "prev"


@pytest.fixture
def walk(client: AsyncClient) -> Walk:
    return Walk(client)


@pytest.fixture
def walked() -> list[Any]:
    """The plans that were carried out."""
    return []


@pytest.fixture
def some(long) -> Callable[[Operation, Iterable[Any]], list[Any]]:
    """Choose of the bad values for an operation."""

    def choose(operation: Operation, values: Iterable[Any]) -> list[Any]:
        found = list(values)
        chance = random.Random(f"{operation.method} {operation.path}")  # noqa: S311
        return found if long else chance.sample(found, min(SOME, len(found)))

    return choose


steps = st.sampled_from(WRITES).flatmap(
    lambda operation: st.tuples(st.just(operation), valid(operation.body or {}), st.integers(0, 99))
)


@settings(
    max_examples=LONG_EXAMPLES, deadline=None, derandomize=True, database=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(plan=st.lists(steps, min_size=STEPS, max_size=STEPS))
async def test_after_any_valid_writes_everything_can_be_read(
    walk: Walk, long, walked, record_property, plan
):
    if not long and len(walked) == EXAMPLES:
        return
    walked.append(plan)
    before = walk.sent
    for operation, body, seed in plan:
        chance = random.Random(seed)  # noqa: S311
        place = walk.place(operation, chance.choice)

        response = await walk.write(operation, body, place)

        good = (200, 201, 204, 404, 409)
        assert response.status_code in good, (operation[:2], body, response.text)
        await read_everything(walk, chance)
    record_property("requests at the bounds of the document", walk.sent - before)


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
