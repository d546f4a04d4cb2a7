"""With Redis, the limit of requests is one for all workers; without it, requests go on."""

import asyncio
import json
import time

import httpx2
import pytest

from app.database import circuit_breaker
from app.database.redis import RedisClient
from app.http.problems import TooManyRequests
from app.http.rate_limit import SharedRateLimit
from conftest import make_token
from tests.server import NO_TLS, Server


@pytest.fixture
async def shared(redis_server):
    shared = RedisClient(redis_server.url)
    yield shared
    await shared.close()


async def served(quota: SharedRateLimit, caller: str, tries: int) -> int:
    async def take() -> bool:
        try:
            await quota.take(caller)
        except TooManyRequests:
            return False
        return True

    return sum(await asyncio.gather(*(take() for _ in range(tries))))


async def test_all_at_once_is_the_limit(shared):
    first, second = SharedRateLimit(5, shared), SharedRateLimit(5, shared)

    assert await served(first, "ann", 8) + await served(second, "ann", 8) == 5
    assert await served(second, "bob", 8) == 5


async def test_who_waits_as_told_is_served(shared):
    quota = SharedRateLimit(60, shared)
    assert await served(quota, "ann", 60) == 60
    with pytest.raises(TooManyRequests) as refused:
        await quota.take("ann")
    assert refused.value.headers == {
        "Retry-After": "1",
        "RateLimit-Policy": '"default";q=60;w=60',
        "RateLimit": '"default";r=0;t=1',
    }

    await asyncio.sleep(1)

    assert await served(quota, "ann", 5) == 1


async def test_a_bucket_that_is_full_again_takes_no_memory(shared):
    await SharedRateLimit(60 * 10**6, shared).take("ann")

    await asyncio.sleep(1.1)

    assert await shared.call(lambda redis: redis.dbsize()) == 0


async def test_0_is_no_limit(shared):
    assert await served(SharedRateLimit(0, shared), "ann", 100) == 100


async def test_while_redis_is_away_each_process_has_a_bucket(shared, redis_server, caplog):
    quota = SharedRateLimit(5, shared)
    await quota.take("ann")
    redis_server.stop()

    assert await served(quota, "ann", 8) == 5
    assert [record.getMessage() for record in caplog.records].count("redis away") >= 1
    redis_server.start()


async def test_redis_is_asked_again_after_a_pause(shared, redis_server, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 0.2)
    quota = SharedRateLimit(5, shared)
    redis_server.stop()
    await quota.take("ann")
    redis_server.start()
    await asyncio.sleep(0.3)

    await quota.take("ann")

    assert await shared.call(lambda redis: redis.dbsize()) == 1


@pytest.fixture
def server(tmp_path, database, redis_server):
    variables = {"RATE_LIMIT_PER_MINUTE": "30", "REDIS_URL": redis_server.url}
    server = Server(tmp_path, database, **variables)
    server.migrate()
    yield server.start(workers=2)
    server.stop()


def ask(server: Server, times: int) -> list[int]:
    """Ask so often, each time on a new connection, so that any worker may answer."""
    headers = {"Authorization": f"Bearer {make_token()}"}
    url = f"{server.url}/v1/identity"
    return [httpx2.get(url, headers=headers, verify=NO_TLS).status_code for _ in range(times)]


def test_two_workers_have_one_limit_and_go_on_without_redis(server, redis_server):
    started = time.monotonic()
    answers = ask(server, 70)
    refilled = (time.monotonic() - started) / 2
    assert set(answers) == {200, 429}
    assert 30 <= answers.count(200) <= 31 + refilled

    redis_server.stop()

    assert 200 in ask(server, 5)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {line["level"] for line in lines if line["message"] == "redis away"} == {"warning"}
    redis_server.start()
