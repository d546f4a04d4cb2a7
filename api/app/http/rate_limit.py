"""The rate limit: a token bucket for each caller, in this process or in Redis."""

import math
import time

from app.database.redis import PREFIX, RedisClient, RedisUnavailable
from app.http.problems import TooManyRequests

WINDOW_SECONDS = 60


class RateLimit:
    """``limit`` requests at once, refilled evenly over a minute; 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._per_second = limit / WINDOW_SECONDS
        self._buckets: dict[str, tuple[float, float]] = {}  # by caller: tokens, and the time
        self._tidied_at = time.monotonic()

    async def take(self, caller: str) -> None:
        """Take a token, or raise TooManyRequests."""
        if not self._limit:
            return
        now = time.monotonic()
        tokens, then = self._buckets.get(caller, (self._limit, now))
        tokens = min(self._limit, tokens + (now - then) * self._per_second)
        if tokens < 1:
            raise refusal(self._limit, math.ceil((1 - tokens) / self._per_second))
        self._buckets[caller] = tokens - 1, now
        if now - self._tidied_at > WINDOW_SECONDS:
            self._tidy(now)

    def _tidy(self, now: float) -> None:
        """Drop the buckets that are full again."""
        recent = now - WINDOW_SECONDS
        self._buckets = {who: bucket for who, bucket in self._buckets.items() if bucket[1] > recent}
        self._tidied_at = now


# The same bucket as one number: the time at which it is full again. Redis runs a script as a whole
# and by its own clock, so two workers never take the same token.
TAKE = """
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + window / limit
local wait = full - now - window
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', full), 'EX', math.ceil(full - now))
return 0
"""


class SharedRateLimit:
    """One bucket for all processes. While Redis does not answer, each process uses its own."""

    def __init__(self, limit: int, redis: RedisClient) -> None:
        self._limit, self._redis = limit, redis
        self._own = RateLimit(limit)

    async def take(self, caller: str) -> None:
        """Take a token, or raise TooManyRequests."""
        if not self._limit:
            return
        arguments = TAKE, 1, f"{PREFIX}rate:{caller}", self._limit, WINDOW_SECONDS
        try:
            wait = await self._redis.call(lambda redis: redis.eval(*arguments))
        except RedisUnavailable:
            await self._own.take(caller)
            return
        if wait:
            raise refusal(self._limit, wait)


def refusal(limit: int, wait: int) -> TooManyRequests:
    """Return the problem that asks the caller to wait ``wait`` seconds."""
    # https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (version 10)
    return TooManyRequests(
        f"At most {limit} requests in {WINDOW_SECONDS} seconds.",
        headers={
            "Retry-After": str(wait),
            "RateLimit-Policy": f'"default";q={limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"default";r=0;t={wait}',
        },
    )
