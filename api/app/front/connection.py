"""A connection with a limit to everything that its peer can make the server wait for or hold.

uvicorn's protocol bounds neither a head nor a wait. Here every connection has a moment at which it
is given up, and one task a process looks for moments that have passed, so that an ordinary request
sets no timer. What cannot become a request is still run as one, marked in ``scope["state"]``, so
that its refusal is a problem with a log line like any other, in its place among pipelined answers.
"""

import asyncio
import socket
import struct
from dataclasses import dataclass
from math import inf
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

# A worker imports this before it answers its supervisor, so it imports no part of the application.

# Keys of scope["state"]: the status of a refused request; whether the whole request has arrived.
REFUSED, ARRIVED = "refused", "arrived"
CHECK_SECONDS = 0.25  # between two checks for late connections
IDLE_GRACE_SECONDS = 0.5  # a new connection's first request may be under way when the server stops
STOP_SECONDS = 2.0  # for a request that is arriving when the server stops
UNREAD_BODY_SECONDS = 2.0  # for the rest of a body that was answered without being read
LINGER_SECONDS = 5.0  # a closed connection's peer may still be sending
LINGER_BYTES = 8 * 2**20
LAST_LINGER_SECONDS = 0.5  # the same when the server stops
TOGETHER_BYTES = 64 * 1024  # sent at once: more would escape the transport's own limit
MAX_FIELDS = 100
PIECE_BYTES = 4 * 1024  # parsed at once: bounds the requests that one read can make
FRAMING_BYTES = 16 * 1024  # chunk sizes, extensions and trailers, and a 16th of the body more


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection may take. ``head_bytes``: request line and header fields."""

    head_bytes: int
    head_seconds: float
    send_seconds: float


class Refused(Exception):
    """The request ends here, with ``status``."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class LingeringTransport:
    """A transport whose ``close`` is the protocol's.

    What one step of the event loop writes is sent together: the head of an answer and its body are
    one call of the system and, as a rule, one packet.
    """

    def __init__(self, transport: asyncio.Transport, protocol: "BoundedProtocol") -> None:
        self.raw, self.closing = transport, False
        self.close = protocol.close
        self._loop = protocol.loop
        self._written: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send at the end of this step, or at once if it is much."""
        if self.closing:
            return
        if not self._written:
            self._loop.call_soon(self.flush)
        self._written.append(data)
        self._size += len(data)
        if self._size > TOGETHER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what was written."""
        if self._written:
            written, self._written, self._size = self._written, [], 0
            self.raw.write(written[0] if len(written) == 1 else b"".join(written))

    def is_closing(self) -> bool:
        """Tell whether nothing more will be sent."""
        return self.closing or self.raw.is_closing()

    def abort(self) -> None:
        """Close at once; the system drops what the peer has not read."""
        self.drop()
        if connection := self.raw.get_extra_info("socket"):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.raw.abort()

    def drop(self) -> None:
        """Send nothing more, not even what was written."""
        self.closing, self._written = True, []

    def end_writing(self) -> None:
        """Send what was written, and drop what is written from now on."""
        self.flush()
        self.closing = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)


class BoundedProtocol(HttpToolsProtocol):
    """One connection.

    Its phase: ``idle`` between requests, ``head`` and ``body`` while one arrives, ``dropping`` when
    whatever else arrives is dropped.
    """

    transport: LingeringTransport  # type: ignore[assignment]

    def __init__(self, *, bounds: Bounds, **options: Any) -> None:
        super().__init__(**options)
        self.bounds = bounds
        self._phase = "idle"
        self._until = self._write_until = inf  # times at which the connection is given up
        self._head = self._fed = 0  # bytes of a head in earlier pieces; bytes of this piece
        self._wire = self._body = 0  # bytes of a body as sent, and as meant
        self._backlog = bytearray()  # read, and not parsed before the requests ahead are answered
        self._dropped = 0
        self._stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request; the process's first connection begins the checks."""
        super().connection_made(LingeringTransport(transport, self))  # type: ignore[arg-type]
        self._until = self.loop.time() + self.bounds.head_seconds
        if not hasattr(self.server_state, "checks"):
            checks = self.loop.create_task(_check_all(self.connections))
            self.server_state.checks = checks  # type: ignore[attr-defined]

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop what was not parsed."""
        self._phase, self._backlog = "dropping", bytearray()
        self.transport.drop()
        super().connection_lost(exc)

    # What arrives

    def data_received(self, data: bytes) -> None:
        """Parse piece by piece while no request waits for the one before it."""
        if self._phase == "dropping":
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.abort()
            return
        if not self._backlog and len(data) <= PIECE_BYTES:
            self._parse(data)
            return
        self._backlog += data
        self._parse_backlog()

    def _parse_backlog(self) -> None:
        while self._backlog and not self.pipeline and self._phase != "dropping":
            piece = bytes(self._backlog[:PIECE_BYTES])
            del self._backlog[:PIECE_BYTES]
            self._parse(piece)
        if self._backlog:
            self.flow.pause_reading()

    def _parse(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        before, self._fed = self._phase, len(data)
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            elif rest := data[upgrade.args[0] :]:  # the upgrade is ignored (RFC 9110, 7.8)
                self._parse(rest)
            return
        except HttpParserError as error:
            self._refuse(getattr(error.__context__, "status", 400))
            return
        if self._phase == "body":
            self._count_body(len(data) if before == "body" else 0)
        elif self._phase == "head":
            self._count_head(len(data) if before == "head" else 0)
        elif self._until == inf and not self._is_answering():
            self._until = self.loop.time() + self.bounds.head_seconds  # empty lines

    def _count_head(self, size: int) -> None:
        self._head += size
        if self._head > self.bounds.head_bytes:
            self._refuse(_too_large(self.url, self.bounds.head_bytes))
        elif self._until == inf:
            self._until = self.loop.time() + self.bounds.head_seconds

    def _count_body(self, size: int) -> None:
        self._wire += size
        if self._wire - self._body > FRAMING_BYTES + self._body // 16:
            self._refuse(400)

    def on_message_begin(self) -> None:
        """Begin a head."""
        if self._phase != "head":
            self._phase, self._head = "head", 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field; drop a trailer field (RFC 9110, 6.5.1)."""
        if self._phase == "head":
            super().on_header(name, value)
            if len(self.headers) > MAX_FIELDS:
                raise Refused(431)

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large or of another version; else the body begins."""
        # Not all of these bytes are the head's: a piece can hold others' as well.
        if self._head + self._fed + PIECE_BYTES > self.bounds.head_bytes:
            size = sum(len(name) + len(value) + 4 for name, value in self.headers)
            if len(self.url) + size > self.bounds.head_bytes:
                raise Refused(_too_large(self.url, self.bounds.head_bytes))
        version = self.parser.get_http_version()
        if version != "1.1":
            if version != "1.0":
                raise Refused(505)
            self.expect_100_continue = False  # RFC 9110, 10.1.1
        if self.parser.should_upgrade() and any(_is_framing(*field) for field in self.headers):
            raise Refused(400)  # the parser takes such a body for the next request
        super().on_headers_complete()
        self._phase, self._until = "body", inf
        self._wire = self._body = 0
        if self._stopping:
            self._until = self.loop.time() + STOP_SECONDS
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Count the bytes of the body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Clear the time limit: the whole request has arrived."""
        self._phase, self._until = "idle", inf
        self.scope["state"][ARRIVED] = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Continue with the next request; the rest of an unread body has a short time limit."""
        super().on_response_complete()
        if self._phase == "body" and self.cycle.response_complete:
            self._until = self.loop.time() + UNREAD_BODY_SECONDS
        if self._backlog:
            self._parse_backlog()

    def _unsupported_upgrade_warning(self) -> None:
        """Ignore the upgrade, as HTTP allows."""

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the protocol of WebSocket."""
        self.transport.flush()
        self.transport = self.transport.raw  # type: ignore[assignment]
        super().handle_websocket_upgrade()

    # How it ends

    def _refuse(self, status: int) -> None:
        """Answer what is arriving with a problem, after the requests before it; then close."""
        if self._phase == "body":
            if self.cycle.response_complete:
                self.close()
                return
            self.cycle.scope["state"][REFUSED] = status
            self.cycle.more_body = False
            self.cycle.message_event.set()
        else:
            self.on_message_begin()
            self.url = b"/"
            self.scope["state"][REFUSED] = status
            super().on_headers_complete()
            self.scope["http_version"] = "1.1"
        self.cycle.keep_alive = False
        self._phase, self._backlog = "dropping", bytearray()
        self._until = self.loop.time() + self.bounds.send_seconds

    def send_400_response(self, msg: str) -> None:
        """Refuse with a problem, as everything else."""
        self._refuse(400)

    def close(self) -> None:
        """Close once all is sent; while a request is arriving, read on for a moment.

        A connection that is closed before all was read is reset, and the answer may be lost with
        it (RFC 9112, 9.6).
        """
        if self.transport.is_closing():
            return
        self.transport.end_writing()
        raw = self.transport.raw
        if self._phase == "idle" and not self.pipeline and not self._backlog:
            raw.close()
            self._write_until = self.loop.time() + self.bounds.send_seconds
            return
        if raw.can_write_eof():
            raw.write_eof()
        self._phase, self._backlog = "dropping", bytearray()
        self.flow.resume_reading()
        self._until = self.loop.time() + (LAST_LINGER_SECONDS if self._stopping else LINGER_SECONDS)

    def pause_writing(self) -> None:
        """Set a time limit for a peer that reads slowly."""
        self._write_until = self.loop.time() + self.bounds.send_seconds
        super().pause_writing()

    def resume_writing(self) -> None:
        """Clear the time limit: the peer has read."""
        self._write_until = inf
        super().resume_writing()

    def shutdown(self) -> None:
        """Finish what is running; give arriving requests a moment."""
        self._stopping = True
        if self._is_answering():
            self.cycle.keep_alive = False
        elif self._phase == "idle":
            self._until = self.loop.time() + IDLE_GRACE_SECONDS
        if self._phase != "idle":
            self._until = min(self._until, self.loop.time() + STOP_SECONDS)

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request
        return cycle is not None and not cycle.response_complete

    def check(self, now: float) -> None:
        """Close the connection if it is late."""
        if self._write_until < now:
            self._write_until = inf
            self.transport.abort()
        elif self._until < now:
            self._until = inf
            self._give_up(now)

    def _give_up(self, now: float) -> None:
        if self._phase == "dropping":
            self.transport.abort()
        elif self.flow.read_paused:  # the server is late, not the peer
            self._until = now + CHECK_SECONDS
        elif self._phase == "idle":
            self.close()
        else:
            self._refuse(408)


def _is_framing(name: bytes, value: bytes) -> bool:
    return name == b"transfer-encoding" or (name == b"content-length" and value != b"0")


def _too_large(url: bytes, limit: int) -> int:
    return 414 if len(url) > limit // 2 else 431


async def _check_all(connections: set[Any]) -> None:
    """Check every connection again and again."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        now = loop.time()
        for connection in list(connections):
            if isinstance(connection, BoundedProtocol):
                connection.check(now)
