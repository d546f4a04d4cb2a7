"""A database that lacks a migration: 503 that names it, for a probe and for what needs it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import to_tuple
from httpx2 import ASGITransport, AsyncClient

from app.database.revisions import VERSIONS, lacking, read_revisions
from app.main import create_app
from conftest import make_token, migrate
from tests.bounds import JSON, READS, WRITES, Operation, Walk, example, fill, with_ids
from tests.widgets.server import WidgetServer

CONFIG = VERSIONS.parents[1] / "alembic.ini"
NEEDED = read_revisions()
# The schemas of all releases before, the last one first.
BEFORE = sorted(
    (each for before in NEEDED.values() for each in before),
    key=lambda revision: len(lacking([revision], NEEDED)),
)
LAST = BEFORE[0]
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")


@pytest.fixture
async def behind(settings, other_url) -> AsyncIterator[AsyncClient]:
    """A caller of this code on the other database."""
    app = create_app(settings.model_copy(update={"database_url": other_url}))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(app, raise_app_exceptions=False),
            base_url="http://api.test",
            headers={"Authorization": f"Bearer {make_token()}"},
        ) as caller,
    ):
        yield caller


def bring_to(revision: str, url: str) -> None:
    """Give a database the schema of a release before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        command.upgrade(Config(CONFIG), revision)


def queries(operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield no query, and each parameter alone: each value of an enum, or an example."""
    yield {}
    for name, schema in operation.query.items():
        for value in schema.get("enum") or [example(schema, name) or "x"]:
            yield {name: with_ids(str(value), {})}


@pytest.mark.parametrize(
    "revision",
    [LAST, *(pytest.param(each, marks=pytest.mark.long) for each in dict.fromkeys(BEFORE[1:]))],
)
async def test_nothing_answers_5xx_but_503(behind, other_url, revision, record_property):
    await asyncio.to_thread(bring_to, revision, other_url)
    walk = Walk(behind)
    await fill(walk)

    found = []
    for operation in [*READS, *WRITES]:
        place = walk.place(operation, lambda known: known[-1])
        content = with_ids(json.dumps(example(operation.body)), {}) if operation.body else None
        for query in queries(operation):
            for key in [{}, {"Idempotency-Key": "a"}][: 1 + (operation.method == "post")]:
                answer = await walk.send(
                    operation.method, operation.url(place), params=query, content=content,
                    headers=JSON | {"If-Match": "*"} | key,
                )  # fmt: skip
                found.append((operation.path, query, answer.status_code))

    assert [each for each in found if each[2] >= 500 and each[2] != 503] == []
    ready = await behind.get("/health/ready")
    assert ready.status_code == 503
    assert "run python -m app migrate" in ready.json()["detail"]
    record_property("requests to a database of a release before", walk.sent)


async def test_it_is_ready_once_it_is_migrated(behind, other_url):
    await asyncio.to_thread(bring_to, LAST, other_url)
    before = await behind.get("/health/ready")
    await asyncio.to_thread(migrate, other_url)
    after = await behind.get("/health/ready")

    assert (before.status_code, after.status_code) == (503, 200)
    assert ", ".join(lacking([LAST], NEEDED)) in before.json()["detail"]


@pytest.mark.any_engine
class TestLacking:
    NEEDED = {"a1": [], "a2": ["a1"], "b1": [], "b2": ["b1", "a2"]}

    @pytest.mark.parametrize(
        ("applied", "missing"),
        [
            ([], ["a1", "a2", "b1", "b2"]),
            (["a1"], ["a2", "b1", "b2"]),
            (["a2", "b1"], ["b2"]),
            (["b2"], []),  # which needs the other branch
            (["b2", "a2"], []),
            (["b3"], []),  # of a newer release
            (["a3", "b2"], []),
        ],
    )
    def test_what_comes_before_an_applied_revision_is_there(self, applied, missing):
        assert lacking(applied, self.NEEDED) == missing

    def test_the_files_say_what_alembic_says(self):
        script = ScriptDirectory.from_config(Config(CONFIG))
        known = {
            each.revision: {*to_tuple(each.down_revision, ()), *to_tuple(each.dependencies, ())}
            for each in script.walk_revisions()
        }
        assert {each: set(before) for each, before in NEEDED.items()} == known


def test_a_server_says_it_in_one_line(tmp_path, database):
    server = WidgetServer(tmp_path, database).start(ready="/health/live")
    with server.client() as client:
        answers = [client.get("widgets") for _ in range(2)]

    server.stop()
    assert [answer.status_code for answer in answers] == [503, 503]
    log = [json.loads(line) for line in server.log.read_text().splitlines()]
    ours = [line for line in log if line["trace_id"] == answers[0].json()["trace_id"]]
    assert [line["message"] for line in ours] == ["database not migrated", "request"]
    assert "UndefinedTableError" in ours[0]["exception"]


def test_an_error_of_a_migrated_database_is_500_and_one_line(tmp_path, database):
    server = WidgetServer(tmp_path, database)
    migrate(database)  # without the table of widgets
    server.start()
    with server.client() as client:
        answers = [client.get("widgets") for _ in range(2)]

    server.stop()
    assert [answer.status_code for answer in answers] == [500, 500]
    log = [json.loads(line) for line in server.log.read_text().splitlines()]
    ours = [line for line in log if line["trace_id"] == answers[0].json()["trace_id"]]
    assert [line["message"] for line in ours] == ["unhandled error", "request"]
    assert "UndefinedTableError" in ours[0]["exception"]
