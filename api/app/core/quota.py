"""How many requests a caller may make: a token bucket for each, in this process."""

import math
import time

from app.core.problems import TooManyRequests

WINDOW_SECONDS = 60


class Quota:
    """``limit`` requests at once, refilled evenly over a minute; 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._per_second = limit / WINDOW_SECONDS
        self._buckets: dict[str, tuple[float, float]] = {}  # caller: tokens, when
        self._tidied_at = time.monotonic()

    def take(self, caller: str) -> None:
        """Take a token, or raise TooManyRequests."""
        if not self._limit:
            return
        now = time.monotonic()
        tokens, then = self._buckets.get(caller, (self._limit, now))
        tokens = min(self._limit, tokens + (now - then) * self._per_second)
        if tokens < 1:
            raise self._refusal(math.ceil((1 - tokens) / self._per_second))
        self._buckets[caller] = tokens - 1, now
        if now - self._tidied_at > WINDOW_SECONDS:
            self._tidy(now)

    def _refusal(self, wait: int) -> TooManyRequests:
        # https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (version 10)
        return TooManyRequests(
            f"At most {self._limit} requests in {WINDOW_SECONDS} seconds.",
            headers={
                "Retry-After": str(wait),
                "RateLimit-Policy": f'"default";q={self._limit};w={WINDOW_SECONDS}',
                "RateLimit": f'"default";r=0;t={wait}',
            },
        )

    def _tidy(self, now: float) -> None:
        """Drop the buckets that are full again: a new one says the same."""
        recent = now - WINDOW_SECONDS
        self._buckets = {who: bucket for who, bucket in self._buckets.items() if bucket[1] > recent}
        self._tidied_at = now
