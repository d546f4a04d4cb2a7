"""Reads a body completely, and after the head of its request was checked."""

import asyncio
import ctypes
from collections import Counter
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.front.before_body import check_head
from app.front.connection import ARRIVED
from app.front.problems import ClientClosedRequest, RequestTimeout, raise_if_refused
from app.http.problems import Problem, TooLarge, Unavailable, respond
from app.http.scope import request_scope

SMALL_BYTES = 64 * 1024  # the server's own buffer for a connection is as large
# malloc_trim(3) of glibc: a large body leaves 10 MiB of free memory between what is in use.
TRIM = getattr(ctypes.pythonapi, "malloc_trim", None)
BYTES_PER_SECOND = 16 * 1024  # a body that arrives at this speed is never late


def too_many_large() -> Unavailable:
    """Return the problem of a body for which there is no memory just now."""
    return Unavailable("Too many large requests just now.", headers={"Retry-After": "1"})


class BodyMemory:
    """Memory for request bodies: ``total`` bytes, half of them for one caller.

    The first ``SMALL_BYTES`` of a body do not count.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.held: Counter[str] = Counter()
        self._working, self._line, self._done = 0, asyncio.Lock(), asyncio.Event()

    def take(self, caller: str, size: int) -> None:
        """Reserve ``size`` more bytes; Unavailable (503) if there is no memory left."""
        full = self.held.total() + size > self.total or self.held[caller] + size > self.total // 2
        if full:
            raise too_many_large()
        self.held[caller] += size

    async def work_on(self, size: int, at_once: int) -> None:
        """Wait until the bodies that are worked on, this one included, are ``at_once`` bytes.

        First come, first served. A body becomes several times as large while it is worked on.
        """
        async with self._line:
            while self._working and self._working + size > at_once:
                self._done.clear()
                await self._done.wait()
            self._working += size

    def finish(self, size: int) -> None:
        """End the work on a body."""
        self._working -= size
        self._done.set()
        if not self._working and TRIM:
            asyncio.get_running_loop().call_soon(TRIM, 0)  # once the answer is sent

    def give_back(self, caller: str, size: int) -> None:
        """Release ``size`` bytes."""
        self.held[caller] -= size
        if not self.held[caller]:
            del self.held[caller]


@dataclass(frozen=True, slots=True)
class BodyBounds:
    """``seconds`` for a body, and one more for each ``BYTES_PER_SECOND`` of it."""

    max_bytes: int
    seconds: float
    room: BodyMemory


# The framework's answer to a body announced as larger than ``max_body_size``. It is sent, not
# raised, so no exception handler sees it.
TOO_LARGE = frozenset(PlainTextResponse("Content Too Large", 413).raw_headers)


class NotRead(Exception):
    """The body was refused; this ends the operation before it has begun."""


class Body:
    """The body of one request, read when it is first asked for."""

    def __init__(
        self, bounds: BodyBounds, scope: Scope, receive: Receive, send: Send, address: str
    ) -> None:
        self.bounds, self.scope = bounds, scope
        self._receive, self._send = receive, send
        self._asked = self._begun = self._whole = self._answered = False
        self._refusal: Problem | None = None
        self._caller, self._held, self._working = address, 0, 0

    async def run(self, app: ASGIApp) -> None:
        """Run the application with it."""
        try:
            await app(self.scope, self.receive, self.send)
        except Exception:
            if self._refusal is None:
                raise
        finally:
            if self._held:
                self.bounds.room.give_back(self._caller, self._held)
            self._end_turn()
        if self._refusal is not None:
            refusal, self._refusal = self._refusal, None
            await respond(refusal, self.scope["path"])(self.scope, self._receive, self.send)

    async def receive(self) -> Message:
        """Return the whole body as one message, then the server's messages."""
        if self._asked or self._answered:
            return await self._receive()
        self._asked = self._begun = True
        try:
            body = await self._read_in_time()
            if self._held:
                await self._take_turn()
        except Problem as refusal:
            return self._refuse(refusal)
        self._whole = True
        return {"type": "http.request", "body": body, "more_body": False}

    def after_checks(self, scope: Scope, receive: Receive) -> Receive:
        """Return a ``receive`` that first runs the operation's BeforeBody dependencies.

        ``receive`` is that of this body, or of a middleware that has read it.
        """

        async def receive_after_checks() -> Message:
            if not self._answered:
                try:
                    await check_head(scope)
                except Problem as refusal:
                    return self._refuse(refusal)
                if not self._held:
                    self._caller = request_scope(scope).get("caller") or self._caller
            return await receive()

        return receive_after_checks

    def _refuse(self, refusal: Problem) -> Message:
        """End the operation with a problem; if it has answered, report a disconnect."""
        if self._answered:
            return {"type": "http.disconnect"}
        self._refusal = refusal
        raise NotRead from refusal

    async def send(self, message: Message) -> None:
        """Send a message, unless the body was refused; then the answer is the refusal."""
        if self._refusal is None and _says_too_large(message):
            self._refusal = TooLarge("The body is larger than this operation reads.")
        if self._refusal is not None:
            return
        if message["type"] == "http.response.start":
            self._answered = True
            self._end_turn()  # others do not wait for a caller who reads slowly
            if not self._whole and (self._begun or self._is_long()):
                message["headers"] = [*message["headers"], (b"connection", b"close")]
        await self._send(message)

    async def _read_in_time(self) -> bytes:
        if self.scope.get("state", {}).get(ARRIVED):
            return await self._read_all(None)
        try:
            async with asyncio.timeout(self.bounds.seconds) as limit:
                return await self._read_all(limit)
        except TimeoutError as error:
            raise RequestTimeout("Send the whole request sooner.") from error

    async def _take_turn(self) -> None:
        """Wait for the work on other large bodies; Unavailable (503) if it takes too long."""
        try:
            async with asyncio.timeout(self.bounds.seconds):
                await self.bounds.room.work_on(self._held, self.bounds.max_bytes)
        except TimeoutError as error:
            raise too_many_large() from error
        self._working = self._held

    def _end_turn(self) -> None:
        working, self._working = self._working, 0
        if working:
            self.bounds.room.finish(working)

    async def _read_all(self, limit: asyncio.Timeout | None) -> bytes:
        """Return the body; each part extends the time limit."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            part = self._part(message)
            parts.append(part)
            size += len(part)
            self._hold(size)
            if not message.get("more_body"):
                return b"".join(parts)
            if limit:
                limit.reschedule((limit.when() or 0.0) + len(part) / BYTES_PER_SECOND)

    def _part(self, message: Message) -> bytes:
        raise_if_refused(self.scope)
        if message["type"] != "http.request":
            raise ClientClosedRequest
        part: bytes = message.get("body", b"")
        return part

    def _hold(self, size: int) -> None:
        if size > self.bounds.max_bytes:
            raise TooLarge(f"At most {self.bounds.max_bytes} bytes are read.")
        if (more := size - SMALL_BYTES - self._held) > 0:
            self.bounds.room.take(self._caller, more)
            self._held += more

    def _is_long(self) -> bool:
        """Tell whether the rest of the body is too long to read, or may never come."""
        headers = dict(self.scope["headers"])
        return (
            b"expect" in headers or int(headers.get(b"content-length", SMALL_BYTES)) >= SMALL_BYTES
        )


def _says_too_large(message: Message) -> bool:
    return message.get("status") == 413 and TOO_LARGE.issubset(map(tuple, message["headers"]))
