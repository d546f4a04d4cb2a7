"""The only client of the API: one deadline a page, retries, tokens; failures as exceptions.

Gateways give it the calls that generated operations build. core/transport.py sends them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from time import monotonic
from typing import Any, Protocol, TypeVar

import stamina
from django.conf import settings

from client.models import ProblemDetails
from contract import reader
from contract.call import Call
from contract.document import pinned
from contract.formats import misformed
from core.bulkhead import Bulkhead, Full
from core.connection import InvalidResponse, TransportError
from core.failures import (
    REFUSALS,
    ApiError,
    Busy,
    NotTrusted,
    NotUnderstood,
    Rejected,
    Running,
    Saved,
    TooOld,
    Unavailable,
)
from core.releases import why_not_spoken
from core.response import Reply
from core.telemetry import traceparent
from core.transport import Outgoing, Transport

T = TypeVar("T")

CONNECT_SECONDS = 1.0
CALL_SECONDS = 2.0
PAGE_SECONDS = 3.0
ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 2.0
LEAST_SECONDS = 0.5  # that must be left for one more try
THREADS = 16  # of a process; config/gunicorn.py sets the real number
MOST_SECONDS = 24 * 3600.0  # of a Retry-After
FULL_SECONDS = 5  # Retry-After when too many threads wait for the API
FIXED_HEADERS = {"Accept-Encoding": "identity"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, 9.2.1
UNAVAILABLE = frozenset({502, 503, 504})


class Tokens(Protocol):
    """Where the signed-in person's tokens come from."""

    scopes: frozenset[str]

    def token(self, *, fresh: bool = False) -> str:
        """Return a token that is good for this call; a new one when ``fresh``."""


@lru_cache(maxsize=1)
def pool() -> Transport:
    """Return the process's connections, shared by all threads."""
    return Transport(settings.API_URL, connect_seconds=CONNECT_SECONDS)


bulkhead = Bulkhead(THREADS)


class Api:
    """The client as one page uses it: one person's token, one deadline for all its calls."""

    def __init__(self, tokens: Tokens | None, *, seconds: float = PAGE_SECONDS) -> None:
        self._tokens = tokens
        self._deadline = monotonic() + seconds
        self.calls = 0
        self.misread: NotUnderstood | None = None  # the first value that could not be read
        self._answers: list[tuple[Call[Any], Reply]] = []

    @property
    def scopes(self) -> frozenset[str]:
        """Return what the person's token allows."""
        return self._tokens.scopes if self._tokens else frozenset()

    def send(self, call: Call[T]) -> T:
        """Return the typed answer, or raise an ApiError.

        A value in it that the contract does not promise raises NotUnderstood when it is read.
        """
        with slot():
            reply = self._send_with_token(call)
        answer = answer_of(call, reply, self._remember)
        if not 200 <= reply.status < 300:
            raise failure(call, reply, answer)
        if not call.is_json(reply.status):
            try:
                return call.read(reply.status, reply.headers, reply.content)
            except ValueError as exc:
                raise misread(call, reply)(f"{call.operation}: {exc}", reply.version) from exc
        decoded = reader.decode(reply.content, call.kind(reply.status), answer)
        self._answers.append((call, reply))
        return decoded

    def explain(self) -> NotUnderstood | None:
        """Return what may have broken a page: a value that is not of the promised format."""
        for call, reply in self._answers:
            body = reader.parse(reply.content)
            found = misformed(pinned(), call.operation, reply.status, body)
            if reason := next(found, ""):
                return misread(call, reply)(f"{call.operation}: {reason}", reply.version)
        return None

    def _remember(self, exc: NotUnderstood) -> None:
        """Note what could not be read: ``{% if a or b %}`` swallows every exception."""
        self.misread = self.misread or exc

    def send_once(self, call: Call[T]) -> Reply:
        """Return the answer, whatever its status; raise Unavailable when there is none."""
        self.calls += 1
        headers = call.sent_headers | FIXED_HEADERS | {"traceparent": traceparent()}
        headers["Accept"] = call.accept
        if self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens.token()}"
        content, media = call.content
        if media:
            headers["Content-Type"] = media
        now = monotonic()
        if now >= self._deadline:
            raise Unavailable("the page's time is used up", temporary=False)
        outgoing = Outgoing(call.method, call.target, headers, content)
        try:
            return pool().exchange(outgoing, until=min(self._deadline, now + CALL_SECONDS))
        except TransportError as exc:
            temporary = not isinstance(exc, InvalidResponse)
            raise Unavailable(f"{type(exc).__name__}: {exc}", temporary=temporary) from exc

    def _send_with_token(self, call: Call[T]) -> Reply:
        """Send; once more with a fresh token if the first was refused."""
        reply = self._send_with_retries(call)
        if reply.version and (reason := why_not_spoken(reply.version, pinned().version)):
            raise TooOld(reason)
        if reply.status == 401 and self._tokens:
            self._tokens.token(fresh=True)
            reply = self._send_with_retries(call)
        return reply

    def _send_with_retries(self, call: Call[T]) -> Reply:
        """Send; again after a temporary failure, if the call is safe to repeat."""
        attempts = ATTEMPTS if call.repeatable else 1
        for attempt in stamina.retry_context(
            on=self._wait_before_retry,
            attempts=attempts,
            timeout=None,
            wait_initial=0.05,
            wait_max=0.2,
            wait_jitter=0.1,
        ):
            with attempt:
                reply = self.send_once(call)
                if kind := temporary_failure(reply):
                    raise kind(f"status {reply.status}", retry_after=seconds_to_wait(reply))
                return reply
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _wait_before_retry(self, exc: Exception) -> bool | float:
        """Return whether to try again, or after how many seconds if the API said so."""
        if not isinstance(exc, Unavailable) or not exc.temporary:
            return False
        left = self._deadline - monotonic() - LEAST_SECONDS
        if left < 0 or exc.retry_after > min(LONGEST_WAIT_SECONDS, left):
            return False
        return exc.retry_after or True


@contextmanager
def slot() -> Iterator[None]:
    """Count this thread as one that waits for the API, or raise Unavailable at once."""
    try:
        with bulkhead.slot():
            yield
    except Full as exc:
        raise Unavailable(str(exc), temporary=False, retry_after=FULL_SECONDS) from exc


def failure(call: Call[T], reply: Reply, answer: reader.Answer) -> ApiError:
    """Return the exception for an answer that is no success."""
    if reply.status >= 500:
        return Unavailable(f"status {reply.status}", temporary=False)
    try:
        problem = reader.decode(reply.content, ProblemDetails, answer)
        if reply.status == 401:
            return NotTrusted(problem.detail or problem.title, problem.trace_id)
        _ = problem.title  # tells a problem from what a proxy answers
        # RFC 9110, section 15: a 4xx that this release does not know is as 400.
        return REFUSALS.get(reply.status, Rejected)(problem, call.operation)
    except NotUnderstood as exc:
        return NotUnderstood(f"status {reply.status} of {exc}", reply.version)


def answer_of(
    call: Call[T], reply: Reply, remember: Callable[[NotUnderstood], None]
) -> reader.Answer:
    """Return what the reader has to know of an answer."""

    def refuse(text: str) -> NotUnderstood:
        exc = misread(call, reply)(text, reply.version)
        remember(exc)
        return exc

    return reader.Answer(call.operation, refuse)


def misread(call: Call[T], reply: Reply) -> type[NotUnderstood]:
    """Return what to raise for an answer that cannot be read."""
    is_saved = call.method not in SAFE and 200 <= reply.status < 300
    return Saved if is_saved else NotUnderstood


def temporary_failure(reply: Reply) -> type[Unavailable] | None:
    """Return what to raise when the same request may succeed a little later."""
    if reply.status == 409 and "retry-after" in reply.headers:
        return Running
    return Busy if reply.status == 429 else Unavailable if reply.status in UNAVAILABLE else None


def seconds_to_wait(reply: Reply) -> float:
    """Return Retry-After (RFC 9110, 10.2.3) in seconds, at most a day; a date counts as 0."""
    value = reply.headers.get("retry-after", "")
    is_number = value.isascii() and value.isdigit()
    return min(float(value), MOST_SECONDS) if is_number else 0.0
