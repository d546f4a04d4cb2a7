"""No 5xx, whatever the contract allows and whatever it does not (bounds.py makes the requests)."""

import itertools
import json
import random
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.bounds import (
    BAD_HEADERS,
    BAD_TEXTS,
    WRITING,
    Operation,
    bad_bodies,
    example,
    id_parameter,
    operations,
    valid,
    with_ids,
)

WRITES = operations(*WRITING)
READS = operations("get")
JSON = {"Content-Type": "application/json"}
EXAMPLES, LONG_EXAMPLES, STEPS = 2, 7, 5
SOME = 25  # of the bad values for an operation, chosen by its place in the contract; --long has all

pytestmark = pytest.mark.skipif(not WRITES, reason="the contract has no operation that writes")


class Walk:
    """What exists, and how many requests were sent."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.ids: dict[str, list[str]] = {}
        self.owners: dict[str, dict[str, str]] = {}  # of a new id: the ids in its path
        self.sent = 0

    async def send(self, method: str, url: str, **options: Any) -> Response:
        self.sent += 1
        return await self.client.request(method, f"http://api.test{url}", **options)

    async def write(self, operation: Operation, body: Any, place: dict[str, str]) -> Response:
        headers = JSON | {"If-Match": "*"}
        if uuid.uuid4().int % 2:
            headers |= {"Idempotency-Key": uuid.uuid4().hex}
        content = with_ids(json.dumps(body), self.ids) if operation.body else None
        url = operation.url(place)
        response = await self.send(operation.method, url, content=content, headers=headers)
        name = id_parameter(operation)
        if response.status_code == 201 and name:
            created = response.json()["id"]
            self.ids.setdefault(name, []).append(created)
            self.owners[created] = place
        return response

    def place(self, operation: Operation, choose: Any) -> dict[str, str]:
        """Return ids for an operation's path that belong together."""
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        found: dict[str, str] = {}
        for name in reversed(names):
            known = self.ids.get(name, [])
            if name not in found and known:
                found |= {name: choose(known[-4:])}
                found |= self.owners[found[name]]
        return found


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


async def fill(walk: Walk) -> None:
    """Create one of everything."""
    for operation in WRITES:
        if operation.method == "post" and operation.body:
            place = walk.place(operation, lambda known: known[-1])
            await walk.write(operation, example(operation.body), place)


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
    record_property("requests at the bounds of the contract", walk.sent - before)


async def test_no_value_in_a_body_is_a_5xx(walk: Walk, some, record_property):
    await fill(walk)
    for operation in WRITES:
        url = operation.url(walk.place(operation, lambda known: known[-1]))
        for body in some(operation, bad_bodies(operation.body)) if operation.body else ():
            response = await walk.send(
                operation.method, url, content=body, headers=JSON | {"If-Match": "*"}
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
