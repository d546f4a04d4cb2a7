"""The search in products has an index on PostgreSQL, for words of any length and script."""

import asyncio
import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from app.database.folding import fold
from app.database.functions import search_pattern
from app.http import pagination
from app.resources.products.models import Product
from app.resources.products.queries import LISTING
from app.resources.products.tests.factory import make_product
from app.resources.products.tests.test_list import skus, walk

SEARCH: Any = LISTING.filters["q"].search
INI = Path(__file__).parents[4] / "alembic.ini"
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = '{name}'"
NEW = """
INSERT INTO products (id, sku, name, description, price_minor, currency, status, tags, stock,
                      version, created_at, updated_at)
SELECT gen_random_uuid(), 'S' || n, 'Чашка ' || n, '', 1, 'EUR', 'draft', '', 0, 1, now(), now()
FROM generate_series({first}, {last}) AS n
"""
LOST = """
SELECT count(*) FROM products
WHERE folded IS DISTINCT FROM fold(name) || chr(8203) || fold(sku)
    OR search IS DISTINCT FROM text_parts(fold(name), fold(sku))
"""
GENERIC = "SELECT generic_plans FROM pg_prepared_statements WHERE name = 'search'"
LOST_BEFORE = """
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
    async def run(revision: str, step=command.upgrade) -> None:
        monkeypatch.setenv("DATABASE_URL", database)
        await asyncio.to_thread(step, Config(INI), revision)

    return run


@pytest.mark.parametrize("words", ["m", "й", "mu", "茶杯", "tea", "teapot", "", "it's \\\\ %"])
async def test_a_search_of_any_length_uses_the_index(connection, migrate, words):
    await migrate("heads")
    statement = select(Product.id).where(SEARCH.indexed)
    for other in ("seqscan", "indexscan", "indexonlyscan"):  # what a small table is read with
        await connection.execute(text(f"SET enable_{other} = off"))
    values = {"q": search_pattern(words)}
    compiled = statement.compile(dialect=connection.dialect)
    sql = compiled.string.replace("$1", "'" + values["q"].replace("'", "''") + "'")

    plan = "\n".join([row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {sql}")])

    assert "Bitmap Index Scan on ix_products_search" in plan, plan
    assert (await connection.execute(statement, values)).all() == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("descending", [False, True])
async def test_a_search_reads_two_indexes_whatever_is_searched_for(
    connection, migrate, after, descending
):
    await migrate("heads")
    await connection.execute(text(NEW.format(first=1, last=2000)))
    await connection.execute(text("VACUUM ANALYZE products"))
    statement = pagination._statement(LISTING, "name", frozenset(["q"]), descending, after)
    sql = str(statement.compile(dialect=postgresql.asyncpg.dialect()))
    await connection.exec_driver_sql(f"PREPARE search AS {sql}")
    await connection.execute(text("SET enable_seqscan = off"))  # 2,000 rows are few
    values = "'%a%', 'a', gen_random_uuid(), 51" if after else "'%a%', 51"
    for _ in range(6):  # PostgreSQL compares a plan for all values with five of its plans for one
        await connection.execute(text(f"EXECUTE search ({values})"))
    generic = await connection.scalar(
        text("SELECT max(generic_plans) FROM pg_prepared_statements WHERE name = 'search'")
    )

    plan = "\n".join(await connection.scalars(text(f"EXPLAIN EXECUTE search ({values})")))

    assert generic == 1
    direction = " Backward" if descending else ""
    assert f"Index Only Scan{direction} using ix_products_name_sort" in plan, plan
    assert "Bitmap Index Scan on ix_products_search" in plan, plan


@pytest.mark.parametrize("rows", [1, 4, 1000])
async def test_a_search_finds_with_each_filter_what_it_finds_alone(
    client, monkeypatch, rows, record_property
):
    """However many of the nearest rows are looked at before all hits are."""
    monkeypatch.setattr(pagination, "COVERED_ROWS", rows)
    monkeypatch.setattr(pagination, "NEAR_ROWS", rows)
    pagination._statement.cache_clear()
    chance = random.Random(rows)  # noqa: S311
    for number in range(12):
        name = " ".join(chance.choices(["Tea", "Чай", "茶", "é"], k=2))
        tags = chance.choice([[], ["a"]])
        await make_product(client, sku=f"S{number}", name=name, tags=tags)
    every = (await client.get("products?limit=100")).json()["items"]
    pages = 0

    words, sorts = ["a", "ч", "茶 É", "s1", "none"], ["name", "-name", "created_at"]
    for q, sort, tag in itertools.product(words, sorts, ["", "a"]):
        found = skus(await walk(client, "next", sort=sort, limit=100))
        texts = {each["sku"]: str(fold(f"{each['name']}\n{each['sku']}")) for each in every}
        tagged = {each["sku"] for each in every if not tag or tag in each["tags"]}
        expected = [sku for sku in found if str(fold(q)) in texts[sku] and sku in tagged]
        params = {"q": q, "sort": sort, "limit": 3} | ({"tag": tag} if tag else {})
        shown = await walk(client, "next", **params)
        assert skus(shown) == expected, params
        pages += len(shown)
    record_property("pages of searches in products beside filters", pages)
    pagination._statement.cache_clear()


@pytest.mark.parametrize(
    ("before", "index", "wanted"),
    [
        ("0009", "ix_products_search", "USING gin"),
        ("0011", "ix_products_name_sort_new", "INCLUDE"),
    ],
)
async def test_an_index_that_was_broken_off_is_built_again(
    connection, migrate, before, index, wanted
):
    await migrate(before)
    await connection.execute(text(f"CREATE INDEX {index} ON products (sku)"))

    await migrate("heads")

    built = await connection.scalar(text(INDEX.format(name=index.removesuffix("_new"))))
    assert wanted in str(built)


async def test_the_migration_fills_what_is_there(connection, migrate):
    await migrate("0009")
    await connection.execute(text(NEW.format(first=1, last=2500)))
    await migrate("heads")

    assert await connection.scalar(text(LOST)) == 0


async def test_a_release_before_writes_what_the_search_finds(connection, migrate):
    """It names neither a column of the search nor ``fold``."""
    await migrate("heads")
    await connection.execute(text(NEW.format(first=1, last=20)))
    await connection.execute(text("UPDATE products SET name = 'ΟΔΟΣ' || sku WHERE stock = 0"))
    await connection.execute(text("UPDATE products SET sku = sku || 'x', version = 2"))

    assert await connection.scalar(text(LOST)) == 0


async def test_a_downgrade_leaves_the_release_before_what_it_searches(connection, migrate):
    await migrate("heads")
    await migrate("0011", command.downgrade)
    await connection.execute(text(NEW.format(first=1, last=20)))

    assert await connection.scalar(text(LOST_BEFORE)) == 0


async def test_a_long_text_is_found_though_no_column_has_it(connection, migrate):
    await migrate("heads")
    await connection.execute(text(NEW.format(first=1, last=1)))
    await connection.execute(text("UPDATE products SET name = repeat('ﷺ', 199) || 'ж'"))
    statement = select(Product.id).where(LISTING.filters["q"].condition, SEARCH.indexed)

    found = (await connection.execute(statement, {"q": search_pattern("مЖ")})).all()

    assert await connection.scalar(text("SELECT folded FROM products")) is None
    assert len(found) == 1
