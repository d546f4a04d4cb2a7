"""The only client of the API: one deadline a page, retries, tokens; failures as exceptions.

Gateways give it the calls that generated operations build. core/transport.py sends them. While the
API is away, a page that only reads gets the last known answers.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from random import uniform
from time import monotonic, sleep
from typing import Any, Protocol, TypeVar

from django.conf import settings

from client.models import ProblemDetails
from contract import reader
from contract.call import Call
from contract.document import pinned
from contract.formats import misformed
from core.breaker import Breaker, Open, RetryBudget, State
from core.bulkhead import Bulkhead, Full
from core.connection import DeadlineExceeded, InvalidResponse, TransportError
from core.failures import (
    REFUSALS,
    ApiError,
    Busy,
    Down,
    NotTrusted,
    NotUnderstood,
    ReadOnly,
    Rejected,
    Running,
    Saved,
    TooOld,
    Unavailable,
)
from core.last_known import Key, LastKnown, Person
from core.releases import why_not_spoken
from core.response import Reply
from core.telemetry import traceparent
from core.transport import Outgoing, Transport

T = TypeVar("T")
log = logging.getLogger("web.api")

CONNECT_SECONDS = 1.0
CALL_SECONDS = 2.0
PAGE_SECONDS = 3.0
ATTEMPTS = 3
PAUSE_SECONDS = 0.025  # the longest before the second attempt; twice that before the third
LONGEST_WAIT_SECONDS = 2.0
LEAST_SECONDS = 0.5  # that must be left for one more try
FAIR_SECONDS = 1.0  # an API that does not answer within less may be well
DOUBTFUL_SECONDS = 1.2  # of a page that reads, once the last call failed
THREADS = 16  # of a process; config/gunicorn.py sets the real number
MOST_SECONDS = 24 * 3600.0  # of a Retry-After
FULL_SECONDS = 5  # Retry-After when too many threads wait for the API
FIXED_HEADERS = {"Accept-Encoding": "identity"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, 9.2.1
UNAVAILABLE = frozenset({502, 503, 504})
REFUSED = frozenset({401, 403, 404, 410})  # what was known before must not be shown any more


class Tokens(Protocol):
    """Where the signed-in person's tokens come from."""

    subject: str
    scopes: frozenset[str]
    writes: int  # how often the person has written, in all processes

    def token(self, *, fresh: bool = False) -> str:
        """Return a token that is good for this call; a new one when ``fresh``."""


@lru_cache(maxsize=1)
def pool() -> Transport:
    """Return the process's connections, shared by all threads."""
    return Transport(settings.API_URL, connect_seconds=CONNECT_SECONDS)


def log_change(state: State) -> None:
    """Log a change of the breaker; an outage that is over has used up no retries."""
    if state == "closed":
        retry_budget.refill()
    level = logging.INFO if state == "closed" else logging.WARNING
    log.log(level, "the breaker of the API is %s", state, extra={"data": {"breaker": state}})


# Of this process, for all its threads.
bulkhead = Bulkhead(THREADS)
breaker = Breaker(on_change=log_change)
retry_budget = RetryBudget()
last_known = LastKnown()


class Api:
    """The client as one page uses it: one person's token, one deadline for all its calls.

    ``only_reads``: the page may show last known answers. ``as_of`` is then when the oldest of them
    was true (seconds since 1970), and None while all answers are of now. Such a page also takes
    what the same person was answered within FRESH_SECONDS, unless they have written since. After a
    call that failed it waits less, so that somebody alone at an API that hangs waits once in full.
    """

    def __init__(
        self, tokens: Tokens | None, *, seconds: float = PAGE_SECONDS, only_reads: bool = False
    ) -> None:
        self._tokens = tokens
        if only_reads and breaker.is_doubtful:
            seconds = min(seconds, DOUBTFUL_SECONDS)
        self._deadline = monotonic() + seconds
        self._only_reads = only_reads
        self._away: Unavailable | None = None  # why last known answers are shown
        self._writes = tokens.writes if tokens else 0
        self.has_written = False
        self.calls = 0
        self.as_of: float | None = None
        self.misread: NotUnderstood | None = None  # the first value that could not be read
        self._answers: list[tuple[Call[Any], Reply]] = []

    @property
    def scopes(self) -> frozenset[str]:
        """Return what the person's token allows."""
        return self._tokens.scopes if self._tokens else frozenset()

    @property
    def _person(self) -> Person | None:
        return Person(self._tokens.subject, self._tokens.scopes) if self._tokens else None

    def send(self, call: Call[T]) -> T:
        """Return the typed answer, or raise an ApiError.

        A value in it that the contract does not promise raises NotUnderstood when it is read.
        """
        reply = self._reply(call)
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

    @property
    def seconds_away(self) -> int:
        """Return when to ask again, as Retry-After has it."""
        return self._away.seconds if self._away else 0

    def check_writable(self) -> None:
        """Raise ReadOnly while the API is away: what a form sends could not be saved."""
        if seconds := breaker.seconds_left or self.seconds_away:
            raise ReadOnly("the API is away", temporary=False, retry_after=seconds) from self._away

    def _reply(self, call: Call[T]) -> Reply:
        """Return the API's answer; while the API is away, the last known one if there is one."""
        person = self._person
        if person is None or call.method != "GET":
            return self._ask(call)
        key = key_of(call)
        if self._away:  # One failure a page is enough to wait for.
            return self._last_known(person, key, self._away)
        seconds = settings.FRESH_SECONDS if self._only_reads else 0
        if known := last_known.fresh(person, key, writes=self._writes, seconds=seconds):
            return known
        try:
            reply = self._ask(call)
        except Unavailable as exc:
            if not self._only_reads or isinstance(exc, (Busy, Running, TooOld)):
                raise
            return self._last_known(person, key, exc)
        if reply.status == 200:
            last_known.put(person, key, reply, writes=self._writes)
        elif reply.status in REFUSED:
            last_known.drop(person, key)
        return reply

    def _last_known(self, person: Person, key: Key, reason: Unavailable) -> Reply:
        known = last_known.get(person, key)
        if known is None:
            raise reason
        if self._away is None:
            self._away = reason
            log.warning("%s: %s; showing what was known", type(reason).__name__, reason)
        self.as_of = min(known.at, self.as_of or known.at)
        return known.reply

    def _ask(self, call: Call[T]) -> Reply:
        """Ask the API, unless it failed just now, and tell the breaker how that ended."""
        try:
            era = breaker.begin()
        except Open as exc:
            raise Unavailable(str(exc), temporary=False, retry_after=exc.seconds) from exc
        good: bool | None = None
        hurried = self._deadline - monotonic() < FAIR_SECONDS
        try:
            with slot():
                reply = self._send_with_token(call)
            good = True
            retry_budget.earn()
        except Down as exc:
            good = None if hurried and isinstance(exc.__cause__, DeadlineExceeded) else False
            raise
        except (Busy, Running, TooOld):
            good = True
            raise
        finally:
            breaker.end(era, good)
        return reply

    def _remember(self, call: Call[Any], exc: NotUnderstood) -> None:
        """Note what could not be read: ``{% if a or b %}`` swallows every exception."""
        self.misread = self.misread or exc
        if person := self._person:
            last_known.drop(person, key_of(call))

    def send_once(self, call: Call[T]) -> Reply:
        """Return the answer, whatever its status; raise Unavailable when there is none."""
        self.calls += 1
        self.has_written |= call.method not in SAFE
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
            raise Down(f"{type(exc).__name__}: {exc}", temporary=temporary) from exc

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
        for attempt in range(ATTEMPTS):
            try:
                reply = self.send_once(call)
                if kind := temporary_failure(reply):
                    raise kind(f"status {reply.status}", retry_after=seconds_to_wait(reply))
                return reply
            except Unavailable as exc:
                is_last = attempt == ATTEMPTS - 1 or not call.repeatable
                if is_last or not self._may_retry(exc):
                    raise
                # Full jitter: those that failed together do not come back together.
                pause = exc.retry_after or uniform(0, PAUSE_SECONDS * 2**attempt)  # noqa: S311
            sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _may_retry(self, exc: Unavailable) -> bool:
        """Return whether one more attempt makes sense, fits into the time, and is affordable."""
        left = self._deadline - monotonic() - LEAST_SECONDS
        if not exc.temporary or left < 0 or exc.retry_after > min(LONGEST_WAIT_SECONDS, left):
            return False
        return breaker.state == "closed" and retry_budget.spend()


def key_of(call: Call[T]) -> Key:
    """Return what tells the answers to a person's calls apart."""
    return (call.target, call.accept, *map(": ".join, call.sent_headers.items()))


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
    call: Call[T], reply: Reply, remember: Callable[[Call[Any], NotUnderstood], None]
) -> reader.Answer:
    """Return what the reader has to know of an answer."""

    def refuse(text: str) -> NotUnderstood:
        exc = misread(call, reply)(text, reply.version)
        remember(call, exc)
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
    return Busy if reply.status == 429 else Down if reply.status in UNAVAILABLE else None


def seconds_to_wait(reply: Reply) -> float:
    """Return Retry-After (RFC 9110, 10.2.3) in seconds, at most a day; a date counts as 0."""
    value = reply.headers.get("retry-after", "")
    is_number = value.isascii() and value.isdigit()
    return min(float(value), MOST_SECONDS) if is_number else 0.0
