"""HTTP/1.1 to one API: name lookup, connection, TLS, request and answer all end by ``until``.

A connection is reused only if nothing is left to read on it and its last answer named the trace of
its request. On a reused connection, an answer that names another trace is dropped. So nobody gets
an answer that was meant for somebody else. Behind a gateway that replaces traces, each call opens a
connection. No redirects, no proxy, no compression.
"""

import logging
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

from core.connection import Connection, ConnectionFailed, DeadlineExceeded
from core.resolver import Resolver
from core.response import Reply, read_reply

log = logging.getLogger("web.api")

# Shorter than the API keeps an idle connection, so that none is used while it closes.
IDLE_SECONDS = 3.0
MAX_IDLE = 32  # connections


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it is sent; ``target`` is path and query, quoted."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes | None = None


class Transport:
    """The connections of one process to one API, for all its threads.

    A connection is in the list of idle ones or in one exchange, never in both.
    """

    def __init__(
        self, url: str, *, connect_seconds: float = 1.0, context: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(url)
        is_tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._authority = parts.netloc.rpartition("@")[2]
        self._prefix = parts.path.rstrip("/")
        self._connect_seconds = connect_seconds
        self._context = (context or ssl.create_default_context()) if is_tls else None
        self._resolver = Resolver(self._host, parts.port or (443 if is_tls else 80))
        self._idle: list[Connection] = []  # append and pop are atomic
        self._has_logged_trace = False

    def exchange(self, request: Outgoing, *, until: float) -> Reply:
        """Send one request and read its answer, or raise a TransportError by ``until``."""
        content = self._encode(request)
        reusable = False
        kept = self._idle_connection()
        connection = kept or self._connect(until)
        try:
            connection.begin(until)
            connection.send(content)
            reply, ended_well = read_reply(connection, to_head=request.method == "HEAD")
            is_named = names_trace(request, reply)
            if not is_named and kept:
                self.close()  # other idle connections may be out of step, too
                raise ConnectionFailed("the answer names another trace than its request")
            if not is_named and "traceparent" in reply.headers:
                self._log_replaced_trace()
            reusable = is_named and ended_well
        except TimeoutError as exc:
            raise DeadlineExceeded("the time is used up") from exc
        except OSError as exc:
            raise ConnectionFailed(f"{type(exc).__name__}: {exc}") from exc
        finally:
            self._release(connection, reusable=reusable)
        return reply

    def close(self) -> None:
        """Close what is idle."""
        while idle := self._pop():
            idle.close()

    def _log_replaced_trace(self) -> None:
        """Log once that a gateway replaces traces, which costs a connection per call."""
        if not self._has_logged_trace:
            self._has_logged_trace = True
            log.warning(
                "a gateway before the API replaces traceparent: no connection is used twice, "
                "and the trace ids of both logs differ"
            )

    def _release(self, connection: Connection, *, reusable: bool) -> None:
        if reusable and len(self._idle) < MAX_IDLE:
            connection.idle_since = monotonic()
            self._idle.append(connection)
        else:
            connection.close()

    def _encode(self, request: Outgoing) -> bytes:
        lines = [
            f"{request.method} {self._prefix}{request.target} HTTP/1.1",
            f"Host: {self._authority}",
            *(f"{name}: {value}" for name, value in request.headers.items()),
        ]
        if request.content is not None:
            lines.append(f"Content-Length: {len(request.content)}")
        if any("\r" in line or "\n" in line or "\0" in line for line in lines):
            raise ValueError("a line break in a header")
        if " " in request.target or not request.target.isascii():
            raise ValueError("a target that is not quoted")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (request.content or b"")

    def _idle_connection(self) -> Connection | None:
        while idle := self._pop():
            if monotonic() - idle.idle_since < IDLE_SECONDS and idle.is_quiet():
                return idle
            idle.close()
        return None

    def _pop(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:  # none, or another thread took the last
            return None

    def _connect(self, until: float) -> Connection:
        until = min(until, monotonic() + self._connect_seconds)
        failure: OSError = TimeoutError("no time was left")
        found = self._resolver.addresses(until)
        for index, (family, address) in enumerate(found):
            left = until - monotonic()
            if left <= 0:
                break
            try:
                # An address that is dead leaves time for the others.
                sock = open_socket(family, address, left / (len(found) - index))
                return Connection(self._start_tls(sock, until))
            except OSError as exc:
                failure = exc
        raise ConnectionFailed(f"cannot connect: {type(failure).__name__}: {failure}") from failure

    def _start_tls(self, sock: socket.socket, until: float) -> socket.socket:
        if self._context is None:
            return sock
        sock.settimeout(max(until - monotonic(), 0.001))
        try:
            return self._context.wrap_socket(sock, server_hostname=self._host)
        except BaseException:
            sock.close()
            raise


def open_socket(
    family: socket.AddressFamily, address: tuple[object, ...], seconds: float
) -> socket.socket:
    """Return a connected socket that sends at once, or raise OSError within ``seconds``."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def names_trace(request: Outgoing, reply: Reply) -> bool:
    """Tell whether the API sent the request's ``traceparent`` back (W3C Trace Context)."""
    sent, echoed = (headers.get("traceparent", "") for headers in (request.headers, reply.headers))
    return bool(sent) and trace_of(sent) == trace_of(echoed)


def trace_of(traceparent: str) -> str:
    """Return the trace id of ``version-trace-parent-flags``; what has none is returned whole."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) > 1 else traceparent
