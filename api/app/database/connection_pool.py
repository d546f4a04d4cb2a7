"""Connections of the driver that are used one after another.

asyncpg's own pool makes a task, two futures and a proxy for each use, which costs more than half of
a short statement's processor time (docs/decisions/read-pool.md). Here a use takes a connection off
a stack and puts it back. Whoever finds none free waits in line.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable

import asyncpg
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.database.errors import DRIVER_ERRORS

EXPIRE_SECONDS = 1.0
IDLE_SECONDS = 300.0  # what is between us and the server may have forgotten an older one
NONE_FREE = "no connection is free"
CLOSE_SECONDS = 1.0  # for the server to cancel a statement that took too long


class PooledConnection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
    """A connection of a pool, which is used again as long as it is of the pool's generation."""

    generation = 0

    async def close(self, *, timeout: float | None = None) -> None:
        """Close it; it may be broken, and nobody waits for the end of an old one."""
        with contextlib.suppress(*DRIVER_ERRORS):
            await super().close(timeout=timeout)


class ConnectionPool:
    """At most ``size`` connections, opened when they are needed; the last one used is taken first.

    ``wait_seconds`` is how long a caller waits for one while all are in use.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[PooledConnection]], size: int, wait_seconds: float
    ) -> None:
        self._connect, self._size, self._wait_seconds = connect, size, wait_seconds
        self._count = 0  # in use, idle, being opened and being closed
        # And since when; the last one used is at the end, so those above the need at the beginning.
        self._idle: deque[tuple[PooledConnection, float]] = deque()
        self._waiting: deque[tuple[asyncio.Future[PooledConnection | None], float]] = deque()
        self._timer: asyncio.TimerHandle | None = None  # of who has waited longest
        self._closing: set[asyncio.Task[None]] = set()
        self._generation, self._ended = 0, False
        self._expire, self._expired_at = False, float("-inf")

    async def acquire(self) -> PooledConnection:
        """Return a connection: an idle one, a new one, or one that becomes free in time.

        Raises PoolTimeout, or an error of the driver if a new one cannot be opened.
        """
        if self._expire and time.monotonic() - self._expired_at > EXPIRE_SECONDS:
            self._expire_all()
        while self._idle and time.monotonic() - self._idle[0][1] > IDLE_SECONDS:
            self._close(self._idle.popleft()[0])
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._count -= 1
        if self._count < self._size:
            self._count += 1
            return await self._open()
        return await self._wait()

    def release(self, connection: PooledConnection) -> None:
        """Take a connection back."""
        if connection.is_closed():
            self._pass_on(None)
        elif self._ended or connection.generation != self._generation:
            self._close(connection)
        else:
            self._pass_on(connection)

    def discard(self, connection: PooledConnection) -> None:
        """Close a connection at its release: its last statement may still be running."""
        connection.generation = -1

    def expire(self) -> None:
        """Replace every connection before its next use, at most once a second."""
        self._expire = True

    async def close(self) -> None:
        """Close the connections; one that is in use, or opened later, is closed at its release."""
        self._ended = True
        self._expire_all()
        if self._closing:
            await asyncio.wait(self._closing)

    def _expire_all(self) -> None:
        self._expire, self._expired_at = False, time.monotonic()
        self._generation += 1
        idle, self._idle = self._idle, deque()
        for connection, _ in idle:
            self._close(connection)

    async def _wait(self) -> PooledConnection:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[PooledConnection | None] = loop.create_future()
        until = loop.time() + self._wait_seconds
        self._waiting.append((waiter, until))
        if self._timer is None:
            self._timer = loop.call_at(until, self._give_up)
        try:
            connection = await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled() and not waiter.exception():  # handed over at the same time
                self._pass_on(waiter.result())
            raise
        if connection is not None:
            return connection
        try:
            async with asyncio.timeout_at(until):
                return await self._open()
        except TimeoutError as error:
            raise PoolTimeout(NONE_FREE) from error

    def _give_up(self) -> None:
        """End the waits that are over. All are equally long, so one timer is enough."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._waiting:
            waiter, until = self._waiting[0]
            if not waiter.done():
                if until > loop.time():
                    self._timer = loop.call_at(until, self._give_up)
                    return
                waiter.set_exception(PoolTimeout(NONE_FREE))
            self._waiting.popleft()

    async def _open(self) -> PooledConnection:
        """Open a connection, which is counted already."""
        generation = self._generation
        try:
            connection = await self._connect()
        except BaseException:
            self._pass_on(None)
            raise
        connection.generation = generation
        return connection

    def _pass_on(self, connection: PooledConnection | None) -> None:
        """Give a connection, or the right to open one, to whoever has waited longest."""
        while self._waiting:
            waiter, _ = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is None:
            self._count -= 1
        else:
            self._idle.append((connection, time.monotonic()))

    def _close(self, connection: PooledConnection) -> None:
        """Close a connection in the background; it counts until it is closed."""

        async def close() -> None:
            try:
                await connection.close(timeout=CLOSE_SECONDS)
            finally:
                self._pass_on(None)

        task = asyncio.get_running_loop().create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
