"""The probes, with the database there and away."""

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.database import Reader, connect
from app.main import create_app
from app.settings import Settings
from conftest import make_token


async def test_ready_when_the_database_answers(client_for):
    response = await client_for("").get("http://api.test/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_without_a_database_it_lives_and_is_not_ready(settings: Settings):
    away = settings.model_copy(
        update={"database_url": "postgresql+asyncpg://nobody@127.0.0.1:9/nothing"}
    )
    app: FastAPI = create_app(away)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://api.test") as client:
            live = await client.get("/health/live")
            ready = await client.get("/health/ready")
            headers = {"Authorization": f"Bearer {make_token()}"}
            page = await client.get("/v1/products", headers=headers)
            body = {"name": "x"}
            write = await client.post("/v1/categories", json=body, headers=headers)

    assert live.status_code == 200
    for response in (ready, page, write):
        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"


async def test_when_no_connection_is_free_the_wait_is_bounded(settings: Settings):
    impatient = settings.model_copy(update={"pool_size": 1, "pool_timeout_seconds": 0.05})
    app: FastAPI = create_app(impatient)
    async with app.router.lifespan_context(app):
        app.state.database = connect(impatient)
        app.state.reader = Reader(app.state.database.read)
        async with app.state.database.read.connect():
            transport = ASGITransport(app)
            async with AsyncClient(transport=transport, base_url="http://api.test") as client:
                headers = {"Authorization": f"Bearer {make_token()}"}
                response = await client.get("/v1/products", headers=headers)
        await app.state.database.dispose()

    assert response.status_code == 503
