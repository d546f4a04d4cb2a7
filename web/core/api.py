"""The one door to the API: connections, deadlines, retries, tokens; failures as exceptions.

Gateways hand it the calls that generated operations build; nothing else here opens a connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Protocol, TypeVar

import httpx2
import msgspec
import stamina
from django.conf import settings

from client.models import ProblemDetails
from contract.call import Call
from contract.document import pinned
from core.failures import (
    REFUSALS,
    ApiError,
    Busy,
    NotTrusted,
    NotUnderstood,
    Running,
    TooOld,
    Unavailable,
)
from core.releases import why_not_spoken
from core.telemetry import traceparent

T = TypeVar("T")

CONNECT_SECONDS = 1.0
CALL_SECONDS = 2.0
PAGE_SECONDS = 3.0
ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 2.0
MAX_BYTES = 8 * 2**20
AWAY = frozenset({502, 503, 504})


class Tokens(Protocol):
    """Where the signed-in person's tokens come from."""

    scopes: frozenset[str]

    def token(self, *, fresh: bool = False) -> str:
        """Return a token that is good for this call; a new one when ``fresh``."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: httpx2.Headers
    content: bytes

    @property
    def version(self) -> str:
        """Return the release that the API says it speaks; empty when it does not say."""
        return str(self.headers.get("Contract-Version", ""))


@lru_cache(maxsize=1)
def pool() -> httpx2.Client:
    """Return the process's connections, shared by all threads; no redirects, no proxy variables."""
    return httpx2.Client(
        base_url=settings.API_URL,
        trust_env=False,
        follow_redirects=False,
        # Shorter than the API keeps an idle connection, so that none is used while it closes.
        limits=httpx2.Limits(max_connections=100, keepalive_expiry=3.0),
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
    )


class Api:
    """The door as one page uses it: one person's token, one budget of seconds for all calls."""

    def __init__(self, tokens: Tokens | None, *, seconds: float = PAGE_SECONDS) -> None:
        self._tokens = tokens
        self._deadline = monotonic() + seconds
        self.calls = 0

    @property
    def scopes(self) -> frozenset[str]:
        """Return what the person's token allows."""
        return self._tokens.scopes if self._tokens else frozenset()

    def send(self, call: Call[T]) -> T:
        """Return the typed answer, or raise an ApiError."""
        reply = self.exchange(call)
        if reply.version and (reason := why_not_spoken(reply.version, pinned().version)):
            raise TooOld(reason)
        if reply.status == 401 and self._tokens:
            self._tokens.token(fresh=True)
            reply = self.exchange(call)
        if not 200 <= reply.status < 300:
            raise failure(call, reply)
        try:
            if call.answer is type(None):
                return None
            return msgspec.json.decode(reply.content, type=call.answer, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise NotUnderstood(f"{call.operation}: {exc}", reply.version) from exc

    def exchange(self, call: Call[T]) -> Reply:
        """Send, again if that is safe and promises success; return whatever was answered."""
        attempts = ATTEMPTS if call.repeatable else 1
        for attempt in stamina.retry_context(
            on=self._wait_before_retry,
            attempts=attempts,
            timeout=None,
            wait_initial=0.05,
            wait_max=1.0,
            wait_jitter=0.1,
        ):
            with attempt:
                self.calls += 1
                return self._send_once(call)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _wait_before_retry(self, exc: Exception) -> bool | float:
        """Tell stamina whether to try again, and after how many seconds if the API said so."""
        if not isinstance(exc, Unavailable) or not exc.temporary:
            return False
        left = self._deadline - monotonic()
        if left < 0.2 or exc.retry_after > min(LONGEST_WAIT_SECONDS, left):
            return False
        return exc.retry_after or True

    def _send_once(self, call: Call[T]) -> Reply:
        until = min(self._deadline, monotonic() + CALL_SECONDS)
        try:
            reply = exchange(call, self._headers(call), until)
        except httpx2.TransportError as exc:
            raise Unavailable(f"{type(exc).__name__}: {exc}") from exc
        if kind := later(reply):
            raise kind(f"status {reply.status}", retry_after=seconds_to_wait(reply))
        return reply

    def _headers(self, call: Call[T]) -> dict[str, str]:
        headers = {name: value for name, value in call.headers.items() if value is not None}
        headers["traceparent"] = traceparent()
        if self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens.token()}"
        return headers


def exchange(call: Call[T], headers: Mapping[str, str], until: float) -> Reply:
    """Send one request and read its answer; the clock bounds it, not only each read."""
    left = until - monotonic()
    if left <= 0:
        raise Unavailable("the page's time is used up", temporary=False)
    content = None if call.body is None else msgspec.json.encode(call.body)
    kind = {"Content-Type": "application/json"} if content is not None else {}
    with pool().stream(
        call.method,
        call.path,
        params={name: str(value) for name, value in call.query.items() if value is not None},
        content=content,
        headers={**headers, **kind},
        timeout=httpx2.Timeout(left, connect=min(CONNECT_SECONDS, left)),
    ) as response:
        # The body's reads get what is left now, not what was left when the request began.
        response.request.extensions["timeout"]["read"] = max(until - monotonic(), 0.001)
        return Reply(response.status_code, response.headers, _read(response, until))


def _read(response: httpx2.Response, until: float) -> bytes:
    """Read the body; stop a slow drip at the deadline and an endless one at the limit."""
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise NotUnderstood(f"an answer of more than {MAX_BYTES} bytes")
        if monotonic() > until:
            raise Unavailable("the answer came too slowly", temporary=False)
    return bytes(content)


def failure(call: Call[T], reply: Reply) -> ApiError:
    """Return the exception for an answer that is no success: the only place that maps them."""
    if reply.status >= 500:
        return Unavailable(f"status {reply.status}", temporary=False)
    try:
        problem = msgspec.json.decode(reply.content, type=ProblemDetails, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return NotUnderstood(f"{call.operation}: status {reply.status}", reply.version)
    if reply.status == 401:
        return NotTrusted(problem.detail or problem.title, problem.trace_id)
    if kind := REFUSALS.get(reply.status):
        return kind(problem)
    return NotUnderstood(f"{call.operation}: {reply.status} {problem.title}", reply.version)


def later(reply: Reply) -> type[Unavailable] | None:
    """Return what to raise when the same request may succeed a little later."""
    if reply.status == 409 and "Retry-After" in reply.headers:
        return Running
    return Busy if reply.status == 429 else Unavailable if reply.status in AWAY else None


def seconds_to_wait(reply: Reply) -> float:
    """Return Retry-After (RFC 9110, 10.2.3) in seconds; a date or nothing counts as 0."""
    value = str(reply.headers.get("Retry-After", ""))
    return float(value) if value.isascii() and value.isdigit() else 0.0
