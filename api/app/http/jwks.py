"""The issuer's public keys: a JWKS (RFC 7517) from a URL or a file.

One fetch at a time, with one time limit. Known keys are used while they are read again. A caller
waits only for a key that is not known. While no keys are known, they are asked for again and again,
so that an issuer that starts after us is found before the first caller comes.
"""

import asyncio
import contextlib
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
FRESH_FILE_SECONDS = 10  # a file is cheap to read
STALE_SECONDS = 86_400  # keys are used for so long while the issuer does not answer
UNKNOWN_KEY_SECONDS = 30  # at most one fetch in this time for unknown key ids
RETRY_SECONDS = 1  # while no keys are known
FETCH_SECONDS = 2.5  # for a whole fetch, DNS included
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
KINDS = ("EC", "OKP", "RSA")
log = logging.getLogger(__name__)


class KeySettings(Protocol):
    """The settings that this module reads."""

    auth_jwks: str


class KeySource:
    """Fetches the keys when they are needed; ``generation`` counts their changes."""

    def __init__(self, settings: KeySettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = settings.auth_jwks, clock
        self._is_file = not self._source.startswith(("http://", "https://"))
        self._keys = KeySet([])
        self._key_ids: frozenset[str] = frozenset()
        self._document: Any = object()  # differs from every document
        self._read_at = self._tried_at = float("-inf")
        self._fetch: asyncio.Task[None] | None = None
        self._failure = ""
        self.generation = 0

    async def having(self, key_id: str) -> KeySet:
        """Return the keys; fetch them first if they are too old or do not have ``key_id``."""
        self.refresh()
        if self._is_stale() or key_id not in self._key_ids:
            if self._fetch is None and self._may_ask():
                self._begin()
            if self._fetch:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FETCH_SECONDS):
                        await asyncio.shield(self._fetch)  # it goes on if the caller leaves
            if self._is_stale():
                detail = "The issuer's keys cannot be read."
                raise Unavailable(detail, headers={"Retry-After": "5"})
        return self._keys

    def refresh(self) -> None:
        """Fetch the keys in the background if they are old."""
        fresh = min(FRESH_SECONDS, FRESH_FILE_SECONDS) if self._is_file else FRESH_SECONDS
        if self._clock() - self._read_at > fresh and self._fetch is None and self._may_ask():
            self._begin()

    def close(self) -> None:
        """End the background work."""
        if self._fetch:
            self._fetch.cancel()

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
        """Fetch the keys; again after a pause while none are known."""
        try:
            await self._read_once()
            while self._is_stale():
                await asyncio.sleep(RETRY_SECONDS)
                await self._read_once()
        finally:
            self._fetch = None

    async def _read_once(self) -> None:
        """Fetch the keys; after any failure the known ones stay."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                document = json.loads(await self._load())
            if document != self._document:
                keys = usable_keys(document)
                self._keys, self._document = KeySet(keys), document
                self._key_ids = frozenset(key.kid for key in keys if key.kid)
                self.generation += 1
            self._read_at, self._failure = self._clock(), ""
        except Exception as error:
            if self._failure != repr(error):  # once, however often it is tried
                self._failure = repr(error)
                log.warning("keys not read", extra={"fields": {"error": self._failure[:200]}})

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
            async for chunk in response.aiter_raw():  # undecoded, so that the size is bounded
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
    """Return the public keys of a set; other keys are ignored (RFC 7517, 5).

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
