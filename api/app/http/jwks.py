"""The issuer's public keys: a JWKS (RFC 7517) from a URL or a file.

One fetch at a time, with one deadline, whatever the issuer does. Keys at hand are used while they
are read again; a caller waits only for a key that is not at hand.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from app.http.problems import Unavailable

FRESH_SECONDS = 600  # read again after this
FRESH_FILE_SECONDS = 10  # a file costs little
STALE_SECONDS = 86_400  # an issuer that is away is forgiven this long
UNKNOWN_KEY_SECONDS = 30  # a made-up key id costs the issuer at most one request in this time
RETRY_SECONDS = 1  # while there are no keys at all
FETCH_SECONDS = 2.5  # from the look-up of its name to its last byte
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
KINDS = ("EC", "OKP", "RSA")
log = logging.getLogger(__name__)


class KeySettings(Protocol):
    """The settings that this module reads."""

    auth_jwks: str


class KeySource:
    """Fetches keys when they are needed; ``generation`` counts the sets that were different."""

    def __init__(self, settings: KeySettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = settings.auth_jwks, clock
        self._is_file = not self._source.startswith(("http://", "https://"))
        self._keys = KeySet([])
        self._key_ids: frozenset[str] = frozenset()
        self._document: Any = object()  # unlike any that is read
        self._read_at = self._tried_at = float("-inf")
        self._fetch: asyncio.Task[None] | None = None
        self.generation = 0

    async def having(self, key_id: str) -> KeySet:
        """Return the keys; read first if they are too old to use, or do not hold ``key_id``."""
        self.refresh()
        if self._is_stale() or key_id not in self._key_ids:
            if self._fetch is None and self._may_ask():
                self._begin()
            if self._fetch:
                await asyncio.shield(self._fetch)  # a caller who leaves does not end it
            if self._is_stale():
                detail = "The issuer's keys cannot be read."
                raise Unavailable(detail, headers={"Retry-After": "5"})
        return self._keys

    def refresh(self) -> None:
        """Begin to read the keys again if they are old; nobody waits for it."""
        fresh = min(FRESH_SECONDS, FRESH_FILE_SECONDS) if self._is_file else FRESH_SECONDS
        if self._clock() - self._read_at > fresh and self._fetch is None and self._may_ask():
            self._begin()

    def _is_stale(self) -> bool:
        return self._clock() - self._read_at > STALE_SECONDS

    def _may_ask(self) -> bool:
        pause = UNKNOWN_KEY_SECONDS if self._key_ids else RETRY_SECONDS
        if self._is_file:
            pause = min(pause, RETRY_SECONDS)
        return self._clock() - self._tried_at > pause

    def _begin(self) -> None:
        self._tried_at = self._clock()
        self._fetch = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Read the keys; whatever the source does, those at hand stay until there are others."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                document = json.loads(await self._load())
            if document != self._document:
                keys = usable_keys(document)
                self._keys, self._document = KeySet(keys), document
                self._key_ids = frozenset(key.kid for key in keys if key.kid)
                self.generation += 1
            self._read_at = self._clock()
        except Exception as error:
            log.warning("keys not read", extra={"fields": {"error": repr(error)[:200]}})
        finally:
            self._fetch = None

    async def _load(self) -> bytes:
        if self._is_file:
            return await asyncio.to_thread(_read_file, Path(self._source))
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with (
            httpx2.AsyncClient(timeout=FETCH_SECONDS, trust_env=False, headers=headers) as client,
            client.stream("GET", self._source) as response,
        ):
            response.raise_for_status()
            body = bytearray()
            async for chunk in response.aiter_raw():  # as sent: nothing unfolds to more
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ValueError("more than a set of keys")
            return bytes(body)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        body = file.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise ValueError("more than a set of keys")
    return body


def usable_keys(document: Any) -> list[Key]:
    """Return a set's public keys that verify; the others are ignored (RFC 7517, 5).

    ValueError if it is no set, has too many, or has none that can be used.
    """
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list) or len(members) > MAX_KEYS:
        raise ValueError("no set of keys")
    keys = [key for member in members if (key := _usable(member))]
    if members and not keys:
        raise ValueError("no key that can be used")
    return keys


def _usable(member: Any) -> Key | None:
    if not isinstance(member, dict) or not isinstance(member.get("kid"), str):
        return None
    if member.get("kty") not in KINDS:
        return None
    try:
        return JWKRegistry.import_key(member)
    except (JoseError, LookupError, TypeError, ValueError):
        return None
