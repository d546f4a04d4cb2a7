"""The sample shop is believable, is added once, and outlives every migration."""

import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.sample import load
from tests.test_migrations import before

ALEMBIC = Path(__file__).parents[3] / "alembic.ini"


async def test_fills_an_empty_shop_once(settings, client):
    count = await load(settings)
    again = await load(settings)

    products = (await client.get("products", params={"limit": 100})).json()["items"]
    categories = (await client.get("categories")).json()["items"]
    assert (len(products), again, len(categories)) == (count, 0, 8)
    assert 55 <= count <= 65


async def count_products(url: str) -> int:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        count = await connection.scalar(text("SELECT count(*) FROM products"))
    await engine.dispose()
    return int(count or 0)


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_every_revision_goes_down_and_up_with_rows_in_the_tables(settings, other_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", other_url)
    config = Config(ALEMBIC)
    command.upgrade(config, "heads")
    count = asyncio.run(load(settings.model_copy(update={"database_url": other_url})))

    has_rows = True
    script = ScriptDirectory.from_config(config)
    for revision in script.walk_revisions("base", "sample@head"):
        command.downgrade(config, before(revision))
        command.upgrade(config, revision.revision)
        has_rows = has_rows and revision.revision != "0002"  # it brings the products: they go
        if has_rows:
            assert asyncio.run(count_products(other_url)) == count
        command.downgrade(config, before(revision))
    command.upgrade(config, "heads")
