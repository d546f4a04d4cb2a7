"""A client of Redis, for data that processes share and can do without.

Every call has a time limit. While Redis does not answer, callers continue without it.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from app.database.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from redis.asyncio import Redis

ANSWER_SECONDS = 0.2
CONNECTIONS = 32
PREFIX = "corner-shop-api:"


class RedisUnavailable(Exception):
    """Redis does not answer."""


class RedisClient:
    """A pool of connections to Redis; none is opened before the first call."""

    def __init__(self, url: str) -> None:
        # Imported here, because a service without Redis does not need the library.
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 1),  # for an idle connection that was closed
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._errors = (RedisError, OSError)
        self._breaker = CircuitBreaker("redis")

    async def call(self, command: "Callable[[Redis], Awaitable[Any]]") -> Any:
        """Return the result, or raise RedisUnavailable."""
        if self._breaker.open:
            raise RedisUnavailable
        try:
            return await command(self._redis)
        except self._errors as error:
            self._breaker.trip(error)
            raise RedisUnavailable from error

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
