"""Reads go to a real streaming replica; whoever has written reads what they wrote."""

import asyncio
import socket
import time

import httpx2
import pytest

from conftest import make_token
from tests.conftest import RedisServer
from tests.server import NO_TLS
from tests.widgets.application import create
from tests.widgets.server import WidgetServer

READ_ONLY = "widgets:read"


def caller(server: WidgetServer, subject: str, scope: str = f"{READ_ONLY} widgets:write"):
    """A client whose every request is a new connection, so that any worker may answer."""
    return httpx2.Client(
        base_url=f"{server.url}/v1/",
        headers={"Authorization": f"Bearer {make_token(sub=subject, scope=scope)}"},
        limits=httpx2.Limits(max_keepalive_connections=0),
        verify=NO_TLS,
    )


@pytest.fixture(scope="module")
def serve(streaming, tmp_path_factory):
    """Start workers that read from the replica."""
    servers: list[WidgetServer] = []

    def start(workers: int = 2, **variables: str) -> WidgetServer:
        folder = tmp_path_factory.mktemp("server")
        url = {"READ_DATABASE_URL": streaming.replica_url}
        server = WidgetServer(folder, streaming.url, **url, **variables)
        if not servers:
            server.migrate()
        streaming.catch_up()
        servers.append(server.start(workers))
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def with_redis(serve, redis_url):
    return serve(REDIS_URL=redis_url)


@pytest.fixture(scope="module")
def without_redis(serve):
    return serve(workers=1)


@pytest.fixture
def soon_forgotten(serve, redis_url):
    return serve(workers=1, REDIS_URL=redis_url, REPLICA_LAG_SECONDS="1")


@pytest.fixture
def redis_away(serve):
    redis = RedisServer()
    redis.start()
    server = serve(workers=1, REDIS_URL=redis.url)
    redis.stop()
    return server


@pytest.fixture
def paused(streaming):
    """The replica shows nothing new."""
    streaming.catch_up()
    streaming.ask("SELECT pg_wal_replay_pause()")
    yield
    streaming.ask("SELECT pg_wal_replay_resume()")


def names(client: httpx2.Client) -> set[str]:
    return {item["code"] for item in client.get("widgets?limit=100").json()["items"]}


def test_who_has_written_reads_it_from_any_worker(with_redis, paused):
    ann, bob = caller(with_redis, "ann"), caller(with_redis, "bob")

    created = ann.post("widgets", json={"code": "Redis"}).json()

    assert all("Redis" in names(ann) for _ in range(20))
    assert all(ann.get(f"widgets/{created['id']}").status_code == 200 for _ in range(20))
    assert "Redis" not in names(bob)  # bob may write, but has not: the replica answers


def test_others_read_it_once_the_replica_has_it(with_redis, streaming):
    caller(with_redis, "ann").post("widgets", json={"code": "Later"})
    streaming.catch_up()

    assert "Later" in names(caller(with_redis, "bob"))


@pytest.mark.parametrize(("subject", "body"), [("carl", {"code": "Mine"}), ("cora", {})])
def test_who_is_told_that_it_was_changed_reads_the_change(
    with_redis, streaming, paused, subject, body
):
    ann, bob = caller(with_redis, "ann"), caller(with_redis, subject)
    created = ann.post("widgets", json={"code": f"Old of {subject}"}).json()
    path = f"widgets/{created['id']}"
    ann.patch(path, json={"code": f"New of {subject}"}, headers={"If-Match": '"1"'})

    refused = bob.patch(path, json=body, headers={"If-Match": '"1"'})

    assert refused.status_code == 412
    assert bob.get(path).json()["code"] == f"New of {subject}"


def test_a_replica_that_is_far_behind_is_left_alone(soon_forgotten, paused):
    ann = caller(soon_forgotten, "ann")
    ann.post("widgets", json={"code": "Behind"})

    time.sleep(2.1)  # who wrote is forgotten by now

    assert all("Behind" in names(ann) for _ in range(20))
    assert "Behind" in names(caller(soon_forgotten, "bob"))
    assert '"error":"Lagging"' in soon_forgotten.log.read_text()


def test_without_redis_who_may_write_reads_from_the_primary(without_redis, paused):
    ann = caller(without_redis, "ann")
    reader = caller(without_redis, "ann", READ_ONLY)

    ann.post("widgets", json={"code": "Alone"})

    assert all("Alone" in names(ann) for _ in range(20))
    assert "Alone" not in names(reader)


def test_while_redis_is_away_who_may_write_reads_from_the_primary(redis_away, paused):
    ann = caller(redis_away, "ann")

    ann.post("widgets", json={"code": "No Redis"})

    assert all("No Redis" in names(ann) for _ in range(20))
    assert "No Redis" not in names(caller(redis_away, "bob", READ_ONLY))


def test_while_the_replica_is_away_the_primary_answers(without_redis, streaming):
    reader = caller(without_redis, "reader", READ_ONLY)
    before = names(reader)
    streaming.stop()

    answers = [reader.get("widgets?limit=100") for _ in range(20)]

    streaming.start()
    assert {answer.status_code for answer in answers} == {200}
    assert {item["code"] for item in answers[0].json()["items"]} >= before
    assert "replica away" in without_redis.log.read_text()


@pytest.fixture
def deaf():
    """A server that lets one connect, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"postgresql+asyncpg://x@127.0.0.1:{server.getsockname()[1]}/x"


async def test_a_replica_that_hangs_holds_up_one_request_for_a_second(settings, schema, deaf):
    app = create(settings.model_copy(update={"read_database_url": deaf}))
    headers = {"Authorization": f"Bearer {make_token(scope=READ_ONLY)}"}
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://api", headers=headers) as client,
    ):
        async with asyncio.timeout(8):  # twenty that each wait would take twenty seconds
            answers = [await client.get("/v1/widgets") for _ in range(20)]

    assert {answer.status_code for answer in answers} == {200}
