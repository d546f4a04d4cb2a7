"""Sequences of valid requests, made from the document, and what holds after each of them.

Each step is an operation that writes, with values at the bounds of its schema (bounds.py), for a
row that exists. A failure prints the shortest
sequence that fails.
"""

import asyncio
import importlib
import itertools
import json
import random
import uuid
from collections import ChainMap, Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from httpx2 import AsyncClient, Response
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests.bounds import JSON, READS, WRITES, Operation, example, resolve, valid, with_ids

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]  # by the list's URL and the row's id
STEPS = 12
SOME = 6  # rows of a list that are read one by one
PAGES = 4  # of a list that is read to its end
MOST_PAGES = 50
FILLED = [0, 1, 7]  # of everything, at the beginning
MAX_LINK_LENGTH = 5000
LISTS = sorted((each for each in READS if each.is_list), key=lambda each: each.path.count("{"))


class Api:
    """The API as a caller sees it: every row that it lists, and what was counted."""

    def __init__(self, client: AsyncClient) -> None:
        self.client, self.rows, self.counts = client, dict[str, dict[str, Row]](), Counter[str]()

    async def send(self, method: str, url: str, **options: Any) -> Response:
        """Send a request; no answer is a 5xx."""
        self.counts["requests"] += 1
        response = await self.client.request(method, f"http://api.test{url}", **options)
        assert response.status_code < 500, (method, url, response.text)
        return response

    async def get(self, url: str, **options: Any) -> Response:
        """Read what must be there."""
        response = await self.send("GET", url, **options)
        assert response.status_code == 200, (url, options, response.text)
        return response

    def urls(self, path: str) -> list[str]:
        """Return the URLs of a path with the ids of the rows that there are, the newest last."""
        return sorted(_urls(path, self.rows))

    def ids(self) -> dict[str, list[str]]:
        """Return the ids of rows by the name that they have in a path."""
        found: dict[str, list[str]] = {}
        for operation in READS:
            collection, _, name = operation.path.rpartition("/")
            if name.startswith("{"):
                for url in self.urls(collection):
                    found.setdefault(name[1:-1], []).extend(sorted(self.rows.get(url, {})))
        return found

    async def read_rows(self) -> Rows:
        """Read every row of every list; return what there was before."""
        before, self.rows = self.rows, {}
        for operation in LISTS:
            for url in self.urls(operation.path):
                pages = [page async for page in self.pages(url, {"limit": 100})]
                self.rows[url] = {row["id"]: row for page in pages for row in page}
        return before

    async def pages(self, url: str, params: Row, rel: str = "next") -> Any:
        """Yield the items of each page, by cursor and by link in turn, to the end."""
        response = await self.get(url, params=params)
        for number in itertools.count():
            assert number < MOST_PAGES, ("no end", url, params)
            page = response.json()
            yield page["items"]
            cursor: str | None = page[f"{rel}_cursor"]
            link: Any = response.links.get(rel)
            assert len(response.headers.get("link", "")) <= MAX_LINK_LENGTH
            assert bool(cursor) == bool(link) or (cursor and rel == "prev"), (url, params)
            if not cursor:
                return
            by_cursor = params | {"cursor": cursor}
            response = await (  # the link before may not fit beside the one after
                self.get(link["url"]) if number % 2 and link else self.get(url, params=by_cursor)
            )


def _urls(path: str, rows: Rows) -> Iterator[str]:
    start, brace, rest = path.partition("/{")
    if not brace:
        yield path
    for row_id in rows.get(start, {}) if brace else ():
        yield from _urls(f"{start}/{row_id}{rest.partition('}')[2]}", rows)


class Request(NamedTuple):
    """A valid request."""

    operation: Operation
    nth: int  # of the rows that it may be about, from the newest
    body: Any
    match: str = ""  # what If-Match says: current, stale, or *
    keyed: bool = False

    def __repr__(self) -> str:
        """Return it as short as it can be read."""
        headers = [self.match and f"If-Match: {self.match}", "Idempotency-Key" * self.keyed]
        shown = [f"{self.nth}", json.dumps(self.body), *filter(None, headers)]
        return f"{self.operation.spec['operationId']}({', '.join(shown)})"


async def send(api: Api, request: Request) -> None:
    """Send a request, twice if it has a key, and hold what it changed to what it answered."""
    operation, nth, body, match, keyed = request
    urls = api.urls(operation.path)
    url = urls[-1 - nth % len(urls)]
    headers = dict(JSON)
    if match:
        headers["If-Match"] = await _if_match(api, url, match)
    if keyed:
        headers["Idempotency-Key"] = uuid.uuid4().hex
    _meet_rows(api, body, nth)
    content = with_ids(json.dumps(body), api.ids()) if operation.body else None

    response = await api.send(operation.method, url, content=content, headers=headers)

    name = operation.spec["operationId"]
    api.counts[f"{name} sent"] += 1
    api.counts[f"{name} good"] += response.is_success
    refused = (404, 409, 412) if match == "stale" else (404, 409)
    assert response.is_success or response.status_code in refused, (name, response.text)
    before = await api.read_rows()
    await _check_changes(api, operation.method, url, response, before)
    if keyed and response.is_success:
        again = await api.send(operation.method, url, content=content, headers=headers)
        assert (again.status_code, again.content) == (response.status_code, response.content)
        assert "idempotency-replayed" in again.headers
        once = await api.read_rows()
        assert api.rows == once, "a repeat had an effect"


def _meet_rows(api: Api, body: Any, nth: int) -> None:
    """Give every second item of a batch the texts of a row that has all its required ones."""
    for items in body.values() if isinstance(body, dict) else ():
        for item in items[nth % 2 :: 2] if isinstance(items, list) else ():
            if isinstance(item, dict):
                texts = [k for k, v in item.items() if isinstance(v, str) and v[:3] != "id:"]
                rows = [row for rows in api.rows.values() for row in rows.values()]
                fitting = [row for row in rows if {*item} - {"version"} <= row.keys()]
                if fitting:
                    row = fitting[-1 - nth % len(fitting)]
                    item |= {name: row[name] for name in texts}
                    nth += 1


async def _if_match(api: Api, url: str, match: str) -> str:
    if match == "*":
        return match
    while not (found := await api.send("GET", url)).is_success:
        url = url.rpartition("/")[0]  # what is changed is a part of the row
    etag: str = found.headers["etag"]
    return etag if match == "current" else '"999999999"'


async def _check_changes(api: Api, method: str, url: str, response: Response, before: Rows) -> None:
    old = {row_id: row for rows in before.values() for row_id, row in rows.items()}
    new = {row_id: row for rows in api.rows.values() for row_id, row in rows.items()}
    changed = [row_id for row_id in old.keys() & new.keys() if _check_version(old, new, row_id)]
    added, gone = new.keys() - old.keys(), old.keys() - new.keys()
    if not response.is_success:
        assert (changed, added, gone) == ([], set(), set()), "a refused request had an effect"
    elif method == "delete":
        assert (gone, added, changed) == ({url.rpartition("/")[2]}, set(), [])
        assert (await api.send("GET", url)).status_code == 404
    elif response.status_code == 201:
        created = response.json()
        found = await api.get(response.headers["location"])
        assert (added, gone) == ({created["id"]}, set())
        assert found.json() == created == new[created["id"]]
        assert found.headers["etag"] == response.headers.get("etag", found.headers["etag"])
        assert created.get("version", 1) == 1
    else:
        assert not gone
        row = response.json()
        if row.get("id") in new:
            assert row == new[row["id"]]
            assert not added
            assert changed in ([], [row["id"]])


def _check_version(old: dict[str, Row], new: dict[str, Row], row_id: str) -> bool:
    """Tell whether a row was changed; its version counts changes, and nothing but changes."""
    before, after = dict(old[row_id]), dict(new[row_id])
    if "version" not in before:
        return before != after
    counted = after.pop("version") - before.pop("version")
    if not counted:
        assert before == after
        return False
    before.pop("updated_at", None)
    after.pop("updated_at", None)
    assert (counted, before != after) == (1, True), (before, after)
    return True


async def read_everything(api: Api) -> None:
    """Read each list in each order and with each filter, on and back, and rows one by one."""
    chance = random.Random(len(api.rows))  # noqa: S311
    for operation in LISTS:
        for url in api.urls(operation.path)[-SOME:]:
            await _read_list(api, operation, url, chance)
    for operation in READS:
        if not operation.is_list:
            for url in api.urls(operation.path)[-SOME:]:
                await _read_one(api, url)


async def _read_one(api: Api, url: str) -> None:
    response = await api.get(url)
    collection, _, row_id = url.rpartition("/")
    if row_id in api.rows.get(collection, {}):
        assert response.json() == api.rows[collection][row_id]
        await _check_not_modified(api, url, response, {})


async def _check_not_modified(api: Api, url: str, response: Response, params: Row) -> None:
    kept = {"If-None-Match": response.headers["etag"]}
    again = await api.send("GET", url, params=params, headers=kept)
    assert (again.status_code, again.content) == (304, b"")
    other = await api.send("GET", url, params=params, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, response.content)


async def _read_list(api: Api, operation: Operation, url: str, chance: random.Random) -> None:
    query, rows = operation.query, api.rows[url]
    orders = query.get("sort", {}).get("enum", [None])
    read: dict[Any, list[str]] = {}
    for sort in orders:
        read[sort] = await _read_both_ways(api, url, {"sort": sort} if sort else {}, len(rows))
        assert {*read[sort]} == rows.keys(), (url, sort)
        if sort and (other := read.get(sort.removeprefix("-"))) and sort.startswith("-"):
            assert read[sort] == other[::-1], (url, sort)
        keys: list[Any] = [
            rows[row_id].get((sort or "").removeprefix("-")) for row_id in read[sort]
        ]
        if keys and all(isinstance(key, int) for key in keys):
            assert keys == sorted(keys, reverse=sort.startswith("-")), (url, sort)
    for name, schema in query.items():
        if name in ("sort", "cursor", "limit"):
            continue
        for value in _values(name, schema, [*rows.values()], chance):
            found = []
            for sort in {orders[0], chance.choice(orders)}:
                params = {name: value} | ({"sort": sort} if sort else {})
                found.append({*await _read_both_ways(api, url, params, len(rows))})
            assert all(each == found[0] for each in found), (url, name, value)
            expected = {row_id for row_id, row in rows.items() if _matches(row, name, value)}
            assert found[0] <= rows.keys()
            assert not _is_field(rows, name) or found[0] == expected, (url, name, value)


async def _read_both_ways(api: Api, url: str, params: Row, count: int) -> list[str]:
    """Return the ids of a list from its first page to its last, and back, each once."""
    params = params | {"limit": max(1, -(-count // PAGES))}
    pages = [[row["id"] for row in page] async for page in api.pages(url, params)]
    ids = [row_id for page in pages for row_id in page]
    assert len({*ids}) == len(ids), ("twice", url, params)
    first = await api.get(url, params=params)
    await _check_not_modified(api, url, first, params)
    last = first
    while cursor := last.json()["next_cursor"]:
        last = await api.get(url, params=params | {"cursor": cursor})
    if cursor := last.json()["prev_cursor"]:
        start = params | {"cursor": cursor}
        back = [[row["id"] for row in page] async for page in api.pages(url, start, "prev")]
        assert [*reversed(back), pages[-1]] == pages, ("back", url, params)
    return ids


def _is_field(rows: dict[str, Row], name: str) -> bool:
    return any({name, f"{name}s"} & row.keys() for row in rows.values())


def _matches(row: Row, name: str, value: Any) -> bool:
    return bool(row.get(name) == value or value in row.get(f"{name}s", ()))


def _values(name: str, schema: Row, rows: list[Row], chance: random.Random) -> list[Any]:
    """Return values of a filter: of some rows, parts of their texts, and what an enum has."""
    schemas = schema.get("anyOf", [schema])
    longest = max([each.get("maxLength", 0) for each in schemas])
    found: list[Any] = [value for each in schemas for value in each.get("enum", [])]
    for row in chance.sample(rows, min(2, len(rows))):
        if name in row or f"{name}s" in row:
            found += [row[name]] if row.get(name) else row.get(f"{name}s", [])[:2]
        elif longest:
            texts = [value for key, value in sorted(row.items()) if isinstance(value, str)]
            text = chance.choice(texts)[:longest]
            found += [text, text[len(text) // 2 :][:2]]
    return [value for value in found if value != ""]


def _numbered(schema: Row, number: int) -> Row:
    """Return the example of a body; its free texts end in a number."""
    body, fields = example(schema), schema.get("properties", {})
    for name in fields:
        field = resolve(fields[name])
        if field.get("type") == "string" and not {"enum", "format"} & field.keys():
            body[name] = f"{body[name] or ''}{number}"
    return dict(body)


class Plan(NamedTuple):
    """What the sequences are made of."""

    api: Api
    run: Callable[[Awaitable[None]], None]  # awaits
    empty: Callable[[], Awaitable[None]]  # deletes all rows
    check: Callable[[Api], Awaitable[None]]  # comes last
    operations: list[Operation]


class Sequences(RuleBasedStateMachine):
    """Hypothesis' machine; ``run_sequences`` derives one with a plan."""

    plan: Plan
    is_good = False

    @initialize(filled=st.sampled_from(FILLED))
    def begin(self, filled: int) -> None:
        """Begin with nothing, or with some of everything."""
        self.plan.api.counts["sequences"] += 1
        self.plan.run(self._begin(filled))
        self.is_good = True

    async def _begin(self, filled: int) -> None:
        api = self.plan.api
        await self.plan.empty()
        await api.read_rows()
        for number in range(filled):
            for operation in self.possible():
                if operation.method == "post":
                    body = _numbered(operation.body or {}, number)
                    await send(api, Request(operation, 0, body))

    def possible(self) -> Iterator[Operation]:
        """Yield the operations that have a row to be about."""
        return (each for each in self.plan.operations if self.plan.api.urls(each.path))

    @rule(request=st.runner().flatmap(lambda self: _requests([*self.possible()])))
    def send(self, request: Request) -> None:
        """Send one more."""
        self.is_good = False
        self.plan.api.counts["steps"] += 1
        self.plan.run(send(self.plan.api, request))
        self.is_good = True

    def teardown(self) -> None:
        """Check what all of them left."""
        if self.is_good:
            self.plan.run(self.plan.check(self.plan.api))


def _made_valid() -> dict[str, Callable[[Row], Row]]:
    """Return what makes a body valid that its schema allows, from each resource's tests/bodies.py.

    Few need it: those with a rule about several fields.
    """
    paths = sorted(Path(__file__).parents[1].glob("app/resources/*/tests/bodies.py"))
    modules = [f"app.resources.{path.parents[1].name}.tests.bodies" for path in paths]
    return dict(ChainMap(*(importlib.import_module(name).MADE_VALID for name in modules)))


MADE_VALID = _made_valid()


def _requests(operations: list[Operation]) -> st.SearchStrategy[Request]:
    return st.sampled_from(operations).flatmap(_request)


def _request(operation: Operation) -> st.SearchStrategy[Request]:
    headers = {p["name"].lower() for p in operation.spec["parameters"] if p["in"] == "header"}
    matches = ["current", "*", "current", "current", "stale"] if "if-match" in headers else [""]
    return st.builds(
        Request,
        st.just(operation),
        st.integers(0, 9),
        _body(operation),
        st.sampled_from(matches),
        st.booleans() if "idempotency-key" in headers else st.just(False),
    )


def _body(operation: Operation) -> st.SearchStrategy[Any]:
    if not operation.body:
        return st.none()
    made_valid = MADE_VALID.get(operation.spec["operationId"])
    return valid(operation.body).map(made_valid) if made_valid else valid(operation.body)


async def run_sequences(
    api: Api,
    empty: Callable[[], Awaitable[None]],
    count: int,
    check: Callable[[Api], Awaitable[None]] = read_everything,
    operations: list[Operation] = WRITES,
) -> None:
    """Run the same ``count`` sequences each time."""
    loop = asyncio.get_running_loop()

    def run(work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(300)

    chosen = settings(
        max_examples=count, stateful_step_count=STEPS, derandomize=True, database=None,
        deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    plan = {"plan": Plan(api, run, empty, check, operations)}
    machine: Any = type("Sequences", (Sequences,), plan)
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)


def record(api: Api, record_property: Callable[[str, Any], None], what: str) -> None:
    """Record the counts: of all, and for each operation how many steps were answered 2xx."""
    for each in ("sequences", "steps", "requests"):
        record_property(f"{each} {what}", api.counts[each])
    for name in sorted(name[:-5] for name in api.counts if name.endswith(" sent")):
        shares = (api.counts[f"{name} good"], api.counts[f"{name} sent"])
        record_property(f"steps {name} {what}: 2xx", shares)
