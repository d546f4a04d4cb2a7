"""Without a database, or without a free connection: 503, soon, and never a trace."""

from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.settings import Settings
from conftest import make_token
from tests.widgets.application import create

AWAY = "postgresql+asyncpg://nobody@127.0.0.1:9/nothing"


def caller(app: FastAPI) -> AsyncClient:
    headers = {"Authorization": f"Bearer {make_token()}"}
    return AsyncClient(
        transport=ASGITransport(app), base_url="http://api.test/v1/", headers=headers
    )


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", {"code": "x"})])
async def test_reads_and_writes_say_503_and_when_to_try_again(settings: Settings, method, body):
    app = create(settings.model_copy(update={"database_url": AWAY}))
    async with app.router.lifespan_context(app), caller(app) as client:
        response = await client.request(method, "widgets", json=body)

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a"}], ids=["plain", "keyed"])
async def test_when_no_connection_is_free_the_wait_is_bounded(settings: Settings, headers):
    impatient = settings.model_copy(update={"pool_size": 1, "pool_timeout_seconds": 0.05})
    app = create(impatient)
    async with app.router.lifespan_context(app), AsyncExitStack() as held, caller(app) as client:
        database = app.state.database
        await held.enter_async_context(database.write.connect())
        if database.asyncpg_reader:
            await held.enter_async_context(database.asyncpg_reader.snapshot())

        response = await client.post("widgets", json={"code": "x"}, headers=headers)

    assert response.status_code == 503
