"""A filter in the default order is read from an index, whatever was written before."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from app.http.pagination import _statement
from app.resources.products.queries import LISTING
from app.resources.products.tests.test_list import skus, walk
from tests.test_pagination import ID

INI = Path(__file__).parents[4] / "alembic.ini"
TAGS = ["a", "b-1", "c"]
NAMES = ["Mug", "mug", "MUG", "Äpfel", "äpfel", "Z|z", "a, b", "İ", "Σας"]
PRICE = {"amount_minor": 1, "currency": "EUR"}


async def write(
    client: AsyncClient, chance: random.Random, stored: dict[str, dict[str, Any]]
) -> None:
    """Create, change or delete a product in one of the ways that callers have."""
    fields = {
        "name": chance.choice(NAMES),
        "tags": sorted(chance.sample(TAGS, chance.randint(0, 3))),
    }
    way = chance.choice(["create", "create with a key", "bulk", "patch", "delete", "status"])
    if way.startswith("create") or not stored:
        key = {"Idempotency-Key": f"{chance.random()}"} if "key" in way else {}
        body = fields | {"sku": f"{chance.random()}", "price": PRICE}
        made = (await client.post("products", json=body, headers=key)).json()
        stored[made["id"]] = made
        return
    product = stored[chance.choice(sorted(stored))]
    path, match = f"products/{product['id']}", {"If-Match": "*"}
    if way == "bulk":
        items = [
            fields | {"sku": product["sku"], "price": PRICE},
            fields | {"sku": f"{chance.random()}", "price": PRICE},
        ]
        await client.post("products/bulk", json={"items": items})
    elif way == "patch":
        some = dict(chance.sample(sorted(fields.items()), 1))
        await client.patch(path, json=some, headers=match)
    elif way == "status":
        await client.put(f"{path}/status", json={"status": "archived"}, headers=match)
    else:
        await client.delete(path, headers=match)
        del stored[product["id"]]
    for item in (await client.get("products?limit=100")).json()["items"]:
        stored[item["id"]] = item


@pytest.mark.parametrize("seed", range(3))
async def test_a_tag_finds_what_has_it_after_any_writes(client, seed, record_property):
    chance = random.Random(seed)  # noqa: S311
    stored: dict[str, dict[str, Any]] = {}
    for _ in range(40):
        await write(client, chance, stored)
    tags_of = {product["sku"]: product["tags"] for product in stored.values()}

    for tag in [*TAGS, "none"]:
        for sort in ("name", "-name", "sku"):
            everything = skus(await walk(client, "next", sort=sort, limit=100))
            expected = [sku for sku in everything if tag in tags_of[sku]]
            params = {"sort": sort, "tag": tag, "limit": 3}
            pages = await walk(client, "next", **params)
            assert skus(pages) == expected
            params["cursor"] = pages[-1]["prev_cursor"] or ""
            back = await walk(client, "prev", **params) if params["cursor"] else []
            assert skus([*reversed(back), pages[-1]]) == expected
    record_property("writes of products, after which each tag finds what has it", 40)


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


NEW = """
INSERT INTO products (id, sku, name, description, price_minor, currency, status, category_id, tags,
                      stock, version, created_at, updated_at)
SELECT gen_random_uuid(), n::text, 'Mug ' || n, '', 1, 'EUR',
       CASE n % 9 WHEN 0 THEN 'draft' ELSE 'active' END,
       CASE n % 9 WHEN 0 THEN (SELECT id FROM categories) END,
       CASE n % 3 WHEN 0 THEN '' WHEN 1 THEN '|a|' ELSE '|a|b-1|' END, 0, 1, now(), now()
FROM generate_series(1, {rows}) AS n
"""
CATEGORY = "INSERT INTO categories VALUES (gen_random_uuid(), 'mugs', '', 1, now(), now())"
INDEXES = {
    "category_id": "ix_products_category_id_name",
    "status": "ix_products_status_name",
    "tag": "pk_product_tags",
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", INDEXES)
async def test_a_page_is_read_from_one_index(connection, migrate, name, after, descending):
    await migrate("heads")
    await connection.execute(text(CATEGORY))
    await connection.execute(text(NEW.format(rows=300)))
    await connection.execute(text("ANALYZE products"))
    statement = _statement(LISTING, "name", frozenset([name]), descending, after)
    sql = str(statement.compile(dialect=postgresql.dialect(paramstyle="named")))
    values = {"key_": "'m'", "limit_": "51", "status": "'draft'", "tag": "'a'"}
    for parameter in (name, "key_", "id_", "limit_"):
        sql = sql.replace(f":{parameter}", values.get(parameter, f"'{ID}'"))
    for off in ("seqscan", "sort", "bitmapscan"):  # what a small table is read with
        await connection.execute(text(f"SET enable_{off} = off"))

    plan = "\n".join(await connection.scalars(text(f"EXPLAIN {sql}".replace(":", "\\:"))))

    assert INDEXES[name] in plan, plan
    assert "Sort" not in plan, plan


EXPECTED = """
SELECT tag, lower(name), id
FROM products, unnest(string_to_array(trim('|' FROM tags), '|')) AS tag
"""


async def test_the_migration_copies_what_is_there(connection, migrate):
    await migrate("0008")
    await connection.execute(text(NEW.format(rows=2500)))

    await migrate("heads")

    copied = (
        await connection.execute(text("SELECT tag, name, product_id FROM product_tags"))
    ).all()
    assert len(copied) == 2500  # 833 and twice 833, and one more
    assert {*copied} == {*(await connection.execute(text(EXPECTED))).all()}
