"""Reads on a replica, and who must not be sent there: a replica shows each write a little later.

Nobody reads less than they have written. Who has written lately is kept in Redis, for all
processes; without Redis nobody knows, so whoever may write at all reads from the primary.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Executable

from app.core.breaker import Breaker
from app.core.reader import NO_VALUES, Reader, Values
from app.core.shared import PREFIX, Away, Shared


class Replica:
    """The read door to the replica; to the primary while the replica is away."""

    def __init__(self, replica: Reader, primary: Reader) -> None:
        self._replica, self._primary = replica, primary
        self._breaker = Breaker("replica")

    async def all(self, statement: Executable, values: Values = NO_VALUES) -> Sequence[Any]:
        """Return every row; what is too busy or too slow is not sent to the primary as well."""
        if not self._breaker.open:
            try:
                return await self._replica.all(statement, values)
            except TimeoutError:
                raise
            except (OSError, asyncpg.PostgresError) as error:
                self._breaker.trip(error)
        return await self._primary.all(statement, values)

    async def first(self, statement: Executable, values: Values = NO_VALUES) -> Any | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    async def close(self) -> None:
        """Close the connections to the replica."""
        await self._replica.close()


class ReplicaSettings(Protocol):
    """The settings that this module reads."""

    read_database_url: str | None
    replica_lag_seconds: int


class RecentWriters:
    """Who may have written what the replica does not show yet."""

    def __init__(self, settings: ReplicaSettings, shared: Shared | None) -> None:
        self._shared = shared if settings.read_database_url else None
        self._seconds = settings.replica_lag_seconds

    async def remember(self, caller: str) -> None:
        """Note that the caller has written, or tried to."""
        if self._shared:
            key = f"{PREFIX}wrote:{caller}"
            try:
                await self._shared.ask(lambda redis: redis.set(key, b"", ex=self._seconds))
            except Away:
                return  # while it is away, those who may write read from the primary

    async def has(self, caller: str, scopes: Iterable[str]) -> bool:
        """Tell whether the caller must read from the primary."""
        if self._shared:
            key = f"{PREFIX}wrote:{caller}"
            try:
                return bool(await self._shared.ask(lambda redis: redis.exists(key)))
            except Away:
                pass
        return not all(scope.endswith(":read") for scope in scopes)
