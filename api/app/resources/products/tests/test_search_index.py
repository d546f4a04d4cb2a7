"""The search in products has an index on PostgreSQL, where the extension may be added."""

import asyncio
import logging
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from app.resources.products.queries import LISTING

INI = Path(__file__).parents[4] / "alembic.ini"
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_products_fold_trgm'"


@pytest.fixture
async def connection(database):
    engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
def migrate(database, monkeypatch):
    async def run(revision: str, url: str = database) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        await asyncio.to_thread(command.upgrade, Config(INI), revision)

    return run


async def test_the_search_uses_the_index(connection, migrate):
    await migrate("heads")
    statement = LISTING.select.where(LISTING.filters["q"].condition).compile(
        dialect=postgresql.dialect()
    )
    sql = str(statement) % {"q": "'%tea%'"}
    await connection.execute(text("SET enable_seqscan = off"))

    plan = "\n".join(await connection.scalars(text(f"EXPLAIN {sql}".replace(":", "\\:"))))

    assert plan.count("Bitmap Index Scan on ix_products_fold_trgm") == 2, plan


async def test_an_index_that_was_broken_off_is_built_again(connection, migrate):
    await migrate("0005")
    await connection.execute(text("CREATE INDEX ix_products_fold_trgm ON products (sku)"))

    await migrate("heads")

    assert "USING gin" in str(await connection.scalar(text(INDEX)))


async def test_without_the_extension_the_migration_succeeds_and_says_so(
    database, connection, migrate, caplog
):
    await connection.execute(text("CREATE ROLE limited LOGIN"))
    await connection.execute(text("GRANT ALL ON SCHEMA public TO limited"))
    caplog.set_level(logging.WARNING, "alembic")

    await migrate("heads", make_url(database).set(username="limited").render_as_string(False))

    assert "no extension pg_trgm here" in caplog.text
    assert await connection.scalar(text(INDEX)) is None
    heads = ScriptDirectory.from_config(Config(INI)).get_heads()
    versions = await connection.scalars(text("SELECT version_num FROM alembic_version"))
    assert set(versions) == set(heads)
    await connection.execute(text("DROP OWNED BY limited"))
    await connection.execute(text("DROP ROLE limited"))
