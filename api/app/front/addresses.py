"""The rate limit of requests without a valid token, by address.

The buckets are in this process, never in Redis: a flood of refusals must not flood Redis.
"""

import math
import time
from functools import lru_cache
from ipaddress import ip_address

from starlette.types import Scope

from app.http.problems import TooManyRequests
from app.http.rate_limit import WINDOW_SECONDS, refusal

MAX_BUCKETS = 10_000


class Addresses:
    """The buckets by address. ``limit`` is for a minute; 0 is no limit.

    Each has the moment at which its bucket would be full again.
    """

    def __init__(self, limit: int, trusted_proxies: int) -> None:
        self._limit, self._proxies = limit, trusted_proxies
        self._interval = WINDOW_SECONDS / limit if limit else 0.0
        self._full_at: dict[str, float] = {}

    def of(self, scope: Scope) -> str:
        """Return the caller's address: the peer's, or what the outermost trusted proxy saw."""
        peer = _network((scope.get("client") or ("",))[0])
        if not self._proxies:
            return peer
        seen = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        hops = seen.rsplit(b",", self._proxies)[-self._proxies :]
        if len(hops) < self._proxies:  # it did not come through the proxies
            return peer
        return _network(hops[0].strip().decode("latin-1")) or peer

    def is_spent(self, address: str) -> bool:
        """Tell whether the address has to wait."""
        return self._wait(address, time.monotonic()) > 0

    def count(self, address: str) -> None:
        """Take one request from the bucket; for a new one, drop the least recently used."""
        if not self._limit:
            return
        now = time.monotonic()
        full = max(now, self._full_at.pop(address, now)) + self._interval
        if len(self._full_at) >= MAX_BUCKETS:
            del self._full_at[next(iter(self._full_at))]
        self._full_at[address] = min(full, now + WINDOW_SECONDS)

    def refuse(self, address: str) -> TooManyRequests:
        """Return the problem of an address that has to wait."""
        return refusal(self._limit, max(1, math.ceil(self._wait(address, time.monotonic()))))

    def _wait(self, address: str, now: float) -> float:
        full = self._full_at.get(address)
        return -1.0 if full is None else full + self._interval - now - WINDOW_SECONDS


@lru_cache(maxsize=4096)
def _network(text: str) -> str:
    """Return an IPv4 address, or the /64 of an IPv6 address; empty if it is neither."""
    if text.startswith("["):  # some proxies add the port
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{int(address) >> 64:x}::/64"
