"""The probes, with the database there and away."""

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.main import create_app
from app.settings import Settings


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

    assert live.status_code == 200
    assert ready.status_code == 503
    assert ready.headers["retry-after"] == "1"
