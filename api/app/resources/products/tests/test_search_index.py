"""The search in products has an index on PostgreSQL, for words of any length and script."""

import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.database.functions import search_pattern
from app.resources.products.models import Product
from app.resources.products.queries import LISTING

INI = Path(__file__).parents[4] / "alembic.ini"
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_products_search'"
NEW = """
INSERT INTO products (id, sku, name, description, price_minor, currency, status, tags, stock,
                      version, created_at, updated_at)
SELECT gen_random_uuid(), 'S' || n, 'Чашка ' || n, '', 1, 'EUR', 'draft', '', 0, 1, now(), now()
FROM generate_series({first}, {last}) AS n
"""
LOST = """
SELECT count(*) FROM products
WHERE search IS DISTINCT FROM text_parts(fold(name), fold(sku))
"""


@pytest.fixture
async def connection(database):
    engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
def migrate(database, monkeypatch):
    async def run(revision: str) -> None:
        monkeypatch.setenv("DATABASE_URL", database)
        await asyncio.to_thread(command.upgrade, Config(INI), revision)

    return run


@pytest.mark.parametrize("words", ["m", "й", "mu", "茶杯", "tea", "teapot", "", "it's \\\\ %"])
async def test_a_search_of_any_length_uses_the_index(connection, migrate, words):
    await migrate("heads")
    statement = select(Product.id).where(LISTING.filters["q"].condition)
    await connection.execute(text("SET enable_seqscan = off"))
    values = {"q": search_pattern(words)}
    compiled = statement.compile(dialect=connection.dialect)
    sql = compiled.string.replace("$1", "'" + values["q"].replace("'", "''") + "'")

    plan = "\n".join([row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {sql}")])

    assert "Bitmap Index Scan on ix_products_search" in plan, plan
    assert (await connection.execute(statement, values)).all() == []


async def test_an_index_that_was_broken_off_is_built_again(connection, migrate):
    await migrate("0009")
    await connection.execute(text("CREATE INDEX ix_products_search ON products (sku)"))

    await migrate("heads")

    assert "USING gin" in str(await connection.scalar(text(INDEX)))


async def test_the_migration_fills_what_is_there(connection, migrate):
    await migrate("0009")
    await connection.execute(text(NEW.format(first=1, last=2500)))
    await migrate("heads")

    assert await connection.scalar(text(LOST)) == 0


async def test_the_release_before_writes_what_the_search_finds(connection, migrate):
    """It names neither the column nor ``fold``."""
    await migrate("0010")
    await connection.execute(text(NEW.format(first=1, last=20)))
    await connection.execute(text("UPDATE products SET name = 'ΟΔΟΣ' || sku WHERE stock = 0"))
    await connection.execute(text("UPDATE products SET sku = sku || 'x', version = 2"))

    assert await connection.scalar(text(LOST)) == 0
