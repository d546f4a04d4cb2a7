"""Reads from a replica, which shows each write a little later.

Callers always see their own writes: whoever has written recently reads from the primary. Redis
remembers that for all processes. Without Redis, every caller who may write reads from the primary.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy import Executable, Select, literal_column, select
from sqlalchemy.exc import DBAPIError

from app.database.circuit_breaker import CircuitBreaker
from app.database.errors import Condition, classify
from app.database.read_pool import NO_VALUES, Reader, Snapshot, Values
from app.database.redis import PREFIX, RedisClient, RedisUnavailable

# Age of the last transaction that the replica shows; 0 if it shows all that it has received.
LAG: Select[Any] = select(
    literal_column(
        "CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0"
        " ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END"
    ).label("seconds")
)
LOOK_SECONDS = 1.0


class Lagging(Exception):
    """The replica is too far behind."""


class Replica:
    """Reads from the replica, or from the primary while the replica is away or far behind."""

    def __init__(self, replica: Reader, primary: Reader, lag_seconds: int) -> None:
        self._replica, self._primary = replica, primary
        self._lag_seconds = lag_seconds
        self._looked_at = 0.0
        self._breaker = CircuitBreaker("replica")

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row. A statement that took too long is not repeated on the primary."""
        if not self._breaker.open:
            try:
                await self._look()
                return await self._replica.all(statement, values)
            except Lagging as error:
                self._breaker.trip(error)
            except DBAPIError as error:
                too_slow = error.connection_invalidated and isinstance(error.orig, TimeoutError)
                if too_slow or classify(error) is Condition.VALUE:
                    raise
                self._breaker.trip(error)
        return await self._primary.all(statement, values)

    async def _look(self) -> None:
        """Check once a second how far the replica is behind; raise Lagging if too far."""
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            row = await self._replica.first(LAG)
            if row and (row.seconds or 0) > self._lag_seconds:
                raise Lagging
            self._looked_at = time.monotonic()

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Return a snapshot of the primary: a replica may break off a long one."""
        return self._primary.snapshot()

    async def close(self) -> None:
        """Close the connections to the replica."""
        await self._replica.close()


class ReplicaSettings(Protocol):
    """The settings that this module reads."""

    read_database_url: str | None
    replica_lag_seconds: int


class RecentWriters:
    """The callers who may have written what the replica does not show yet."""

    def __init__(self, settings: ReplicaSettings, redis: RedisClient | None) -> None:
        self._redis = redis if settings.read_database_url else None
        self._seconds = settings.replica_lag_seconds

    async def remember(self, caller: str) -> None:
        """Remember that the caller has written, or tried to."""
        if self._redis:
            key = f"{PREFIX}wrote:{caller}"
            try:
                await self._redis.call(lambda redis: redis.set(key, b"", ex=self._seconds))
            except RedisUnavailable:
                return  # then all callers who may write read from the primary

    async def has(self, caller: str, scopes: Iterable[str]) -> bool:
        """Tell whether the caller must read from the primary."""
        if self._redis:
            key = f"{PREFIX}wrote:{caller}"
            try:
                return bool(await self._redis.call(lambda redis: redis.exists(key)))
            except RedisUnavailable:
                pass
        return not all(scope.endswith(":read") for scope in scopes)
