"""A database that is there but lets nobody in is 503 as well, for reads and for writes."""

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from tests.test_database_away import caller
from tests.widgets.application import create


@pytest.fixture
async def full(database):
    """A database whose role has no connection left (53300, as when a server is full)."""
    engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql("CREATE ROLE nobody LOGIN CONNECTION LIMIT 0")
    yield make_url(database).set(username="nobody").render_as_string(False)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("DROP ROLE nobody")
    await engine.dispose()


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", {"code": "x"})])
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "a"}])
async def test_a_full_server_is_503(settings, full, method, body, key):
    app = create(settings.model_copy(update={"database_url": full}))
    async with app.router.lifespan_context(app), caller(app) as client:
        response = await client.request(method, "widgets", json=body, headers=key)

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
