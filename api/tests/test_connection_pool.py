"""The pool of the driver's connections: however a use ends, none is lost and none is shared."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.database import connection_pool
from app.database.connection_pool import ConnectionPool, PooledConnection
from app.database.errors import DRIVER_ERRORS

SIZE = 3
NAME = "pool-under-test"
OURS = f"FROM pg_stat_activity WHERE application_name = '{NAME}'"
SLEEP = "SELECT pg_sleep(30)"
STATEMENTS = {  # by how a use ends; another one is answered
    "refused": ("SELECT 1 / 0", None),
    "too long": (SLEEP, 0.001),
    "cancelled": (SLEEP, None),
    "lost": ("SELECT pg_terminate_backend(pg_backend_pid())", None),
}
USES = (*STATEMENTS, "answered", "terminated", "expired")


@pytest.fixture
def dsn(database: str) -> str:
    return make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
async def made() -> AsyncIterator[list[PooledConnection]]:
    """All connections that were opened; what a test holds at its end is closed."""
    made: list[PooledConnection] = []
    yield made
    for connection in made:
        await connection.close()


@pytest.fixture
def make_pool(dsn: str, made: list[PooledConnection]) -> Callable[..., ConnectionPool]:
    options = {"server_settings": {"application_name": NAME}, "command_timeout": 30}

    def make(url: str = dsn, wait_seconds: float = 30.0) -> ConnectionPool:
        async def connect() -> PooledConnection:
            made.append(await asyncpg.connect(url, connection_class=PooledConnection, **options))
            return made[-1]

        return ConnectionPool(connect, SIZE, wait_seconds)

    return make


@pytest.fixture
def pool(make_pool: Callable[..., ConnectionPool]) -> ConnectionPool:
    return make_pool()


@pytest.fixture
async def server(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def use(pool: ConnectionPool, end: str, in_use: Counter[PooledConnection]) -> None:
    """Take a connection, and let the use end in one way."""
    connection = await pool.acquire()
    in_use[connection] += 1
    assert in_use[connection] == 1, "two have the same connection"
    try:
        statement, seconds = STATEMENTS.get(end, ("SELECT 1", None))
        await connection.fetch(statement, timeout=seconds)
    except TimeoutError:
        pool.discard(connection)
    except DRIVER_ERRORS:
        assert end in ("refused", "lost")
    except asyncio.CancelledError:
        connection.terminate()
        raise
    finally:
        if end == "terminated":
            connection.terminate()
        if end == "expired":
            pool.expire()
        in_use[connection] -= 1
        pool.release(connection)


async def hold_all(pool: ConnectionPool) -> list[PooledConnection]:
    """Take as many as there may be, each of which works; raises if they are not there."""
    held = [await pool.acquire() for _ in range(SIZE)]
    for connection in held:
        assert await connection.fetchval("SELECT 1") == 1
    return held


@pytest.mark.parametrize("seed", range(4))
async def test_however_uses_end_none_is_lost_or_shared(pool, made, seed, record_property):
    chance = random.Random(seed)  # noqa: S311
    in_use: Counter[PooledConnection] = Counter()

    async def run() -> None:
        end = chance.choice(USES)
        task = asyncio.create_task(use(pool, end, in_use))
        for _ in range(chance.randrange(40)):
            await asyncio.sleep(0)
        assert sum(not each.is_closed() for each in made) <= SIZE
        if end == "cancelled" or chance.random() < 0.3:  # while it waits, connects or runs
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    for _ in range(8):
        await asyncio.gather(*[run() for _ in range(15)])
    record_property("uses of a connection with seven ends", 120)

    held = await hold_all(pool)
    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    assert not waiting.done(), "more than the size are in use"
    pool.release(held.pop())
    pool.release(await waiting)
    for connection in held:
        pool.release(connection)


async def test_who_waits_longest_is_served_first(pool):
    held = await hold_all(pool)
    served: list[int] = []

    async def wait(number: int) -> None:
        connection = await pool.acquire()
        served.append(number)
        pool.release(connection)

    tasks = []
    for number in range(5):
        tasks.append(asyncio.create_task(wait(number)))
        await asyncio.sleep(0)
    for connection in held:
        pool.release(connection)
    await asyncio.gather(*tasks)

    assert served == [0, 1, 2, 3, 4]


async def test_who_waits_too_long_is_told_so(make_pool):
    pool = make_pool(wait_seconds=0.01)
    held = await hold_all(pool)

    with pytest.raises(PoolTimeout):
        await pool.acquire()

    for connection in held:
        pool.release(connection)
    assert await hold_all(pool) == held[::-1]


async def test_a_connection_that_cannot_be_opened_leaves_its_place(dsn, make_pool):
    nowhere = make_url(dsn).set(database="nowhere").render_as_string(hide_password=False)
    pool = make_pool(nowhere)

    for _ in range(SIZE + 1):
        with pytest.raises(DRIVER_ERRORS):
            await pool.acquire()


async def test_one_that_the_server_has_closed_is_not_given_out(pool, made, server):
    for connection in await hold_all(pool):
        pool.release(connection)
    await server.fetch(f"SELECT pg_terminate_backend(pid) {OURS}")
    while not all(connection.is_closed() for connection in made):
        await asyncio.sleep(0.01)

    await hold_all(pool)


async def test_one_that_was_idle_for_long_is_closed(pool, server, monkeypatch):
    before = await hold_all(pool)
    for connection in before:
        pool.release(connection)
    monkeypatch.setattr(connection_pool, "IDLE_SECONDS", 0)

    after = await hold_all(pool)

    assert not set(before) & set(after)
    assert all(connection.is_closed() for connection in before)


async def test_those_above_the_need_are_closed_while_another_is_used(pool, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(connection_pool, "time", clock)
    used, *others = await hold_all(pool)
    for connection in (*others, used):
        pool.release(connection)

    for clock.now in (200.0, 400.0):
        assert await pool.acquire() is used
        pool.release(used)

    async with asyncio.timeout(20):
        while not all(connection.is_closed() for connection in others):
            await asyncio.sleep(0.01)
    assert not used.is_closed()


async def test_the_one_used_last_is_used_first(pool):
    """So that those above the need become idle, and are closed."""
    first, second, third = await hold_all(pool)
    pool.release(third)
    pool.release(first)

    assert await pool.acquire() is first
    pool.release(second)
    assert await pool.acquire() is second


async def test_none_is_open_after_the_end(pool, server):
    held = await hold_all(pool)
    waiting = [asyncio.create_task(pool.acquire()) for _ in range(2)]
    await asyncio.sleep(0)
    pool.release(held.pop())

    await pool.close()
    for connection in held:
        pool.release(connection)
    for task in waiting:
        pool.release(await task)

    async with asyncio.timeout(20):
        while await server.fetchval(f"SELECT count(*) {OURS}"):
            await asyncio.sleep(0.01)
