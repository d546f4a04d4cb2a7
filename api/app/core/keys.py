"""The issuer's public keys: a JWKS (RFC 7517) from a URL or a file."""

import asyncio
import json
import logging
import time
from pathlib import Path
from typing import Any, Protocol

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.core.problems import Unavailable

FRESH_SECONDS = 600  # read again after this
STALE_SECONDS = 86_400  # an issuer that is away is forgiven this long
UNKNOWN_KEY_SECONDS = 30  # a made-up key id costs the issuer at most one request in this time
TIMEOUT_SECONDS = 3.0
log = logging.getLogger(__name__)


class KeySettings(Protocol):
    """The settings that this module reads."""

    auth_jwks: str


class KeySource:
    """Fetches keys when they are needed, one fetch at a time, and keeps them."""

    def __init__(self, settings: KeySettings) -> None:
        self._source = settings.auth_jwks
        self._keys = KeySet([])
        self._read_at = self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def having(self, key_id: str) -> KeySet:
        """Return the keys, read again if they are old or do not hold ``key_id``."""
        if self._wants_read(key_id):
            async with self._lock:
                if self._wants_read(key_id):
                    await self._read()
        if time.monotonic() - self._read_at > STALE_SECONDS:
            raise Unavailable("The issuer's keys cannot be read.", headers={"Retry-After": "5"})
        return self._keys

    def _wants_read(self, key_id: str) -> bool:
        now = time.monotonic()
        if now - self._read_at > FRESH_SECONDS:
            # An issuer that fails is asked again soon, but not by every request.
            return now - self._tried_at > (1 if not self._keys.keys else UNKNOWN_KEY_SECONDS)
        known = any(key.kid == key_id for key in self._keys.keys)
        return not known and now - self._tried_at > UNKNOWN_KEY_SECONDS

    async def _read(self) -> None:
        self._tried_at = time.monotonic()
        try:
            self._keys = KeySet.import_key_set(await self._load())
            self._read_at = time.monotonic()
        except (httpx2.HTTPError, OSError, LookupError, TypeError, ValueError, JoseError) as error:
            log.warning("keys not read", extra={"fields": {"error": repr(error)}})

    async def _load(self) -> Any:
        if not self._source.startswith(("http://", "https://")):
            return json.loads(Path(self._source).read_bytes())
        async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            response = await client.get(self._source)
            response.raise_for_status()
            return response.json()
