"""Too many requests of one caller are 429, and say when to come again."""

import time

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.http.problems import TooManyRequests
from app.http.rate_limit import RateLimit
from conftest import hold_to_contract, make_token


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr(time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def limit(app: FastAPI):
    """Set how many requests a caller has."""
    before = app.state.rate_limit
    yield lambda number: setattr(app.state, "rate_limit", RateLimit(number))
    app.state.rate_limit = before


async def test_over_the_limit_is_429_with_the_limit_and_the_wait(app, empty, limit):
    limit(2)
    transport = ASGITransport(app)
    headers = {"Authorization": f"Bearer {make_token()}"}
    async with AsyncClient(
        transport=transport,
        base_url="http://api.test",
        headers=headers,
        event_hooks={"response": [hold_to_contract]},
    ) as client:
        answers = [await client.get("/v1/identity") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "30"
    assert answers[2].headers["ratelimit-policy"] == '"default";q=2;w=60'
    assert answers[2].headers["ratelimit"] == '"default";r=0;t=30'


async def test_the_limit_is_each_caller_s_own(client_for, limit):
    limit(1)

    for subject in ("ann", "bob"):
        assert (await client_for(make_token(sub=subject)).get("identity")).status_code == 200
        assert (await client_for(make_token(sub=subject)).get("identity")).status_code == 429


async def test_who_waits_as_told_is_served(clock):
    limited = RateLimit(6)
    for _ in range(6):
        await limited.take("ann")
    with pytest.raises(TooManyRequests) as refused:
        await limited.take("ann")

    clock.now += int((refused.value.headers or {})["Retry-After"])

    await limited.take("ann")


async def test_a_pause_saves_up_no_more_than_the_limit(clock):
    limited = RateLimit(2)
    await limited.take("ann")
    clock.now += 3600
    await limited.take("ann")
    await limited.take("ann")

    with pytest.raises(TooManyRequests):
        await limited.take("ann")


async def test_callers_who_went_away_take_no_memory(clock):
    limited = RateLimit(2)
    for number in range(100):
        await limited.take(str(number))
    clock.now += 61
    await limited.take("ann")

    assert len(limited._buckets) == 1


async def test_0_is_no_limit():
    for _ in range(100):
        await RateLimit(0).take("ann")
