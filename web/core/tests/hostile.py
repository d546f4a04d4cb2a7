"""A server that answers each path with one byte pattern, with and without TLS.

Every bad pattern ends in time as a fine answer, or would: a client without a clock, or without a
limit, takes it, and its test fails without waiting for ever.
"""

import gzip
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from itertools import repeat
from time import sleep

import trustme

TICKS = 200
TICK_SECONDS = 0.05
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GOOD = HEAD + b"Content-Length: 4\r\n\r\ntrue"
OWN_TRACE = b"00-" + b"c" * 32 + b"-" + b"d" * 16 + b"-01"
SECOND = GOOD.replace(b"true", b'"2"\n')
STATUS_LINE = re.compile(rb"HTTP/1\.[01] 20\d [A-Za-z ]+\r\n")
FLOOD = 64 * 2**20  # bytes
RESET = b"RST"

Parts = Iterator[bytes | None]  # None: wait a tick


def drip(data: bytes, end: bytes = b"") -> Parts:
    """Send a byte a tick, then the end at once."""
    for byte in data:
        yield bytes([byte])
        yield None
    yield end


def slowly(part: bytes, end: bytes) -> Parts:
    """Send the part again and again, one a tick."""
    for _ in range(TICKS):
        yield part
        yield None
    yield end


def flood(part: bytes, end: bytes) -> Parts:
    """Send the part again and again without a pause."""
    yield from repeat(part, FLOOD // len(part))
    yield end


def after(first: bytes, then: Parts) -> Parts:
    """Send the first part at once."""
    yield first
    yield from then


def sized(size: int) -> bytes:
    """Return a head with this length."""
    return HEAD + b"Content-Length: %d\r\n\r\n" % size


BOMB = gzip.compress(bytes(FLOOD))
LAST = b"4\r\ntrue\r\n0\r\n\r\n"
CHUNK = b"10000\r\n" + b"[" * 65536 + b"\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
REST = GOOD.removeprefix(HEAD)
LENGTH = b"Content-Length: 4\r\n"

SLOW: dict[str, Callable[[], Parts]] = {
    "silent": lambda: slowly(b"", GOOD),
    "status-drip": lambda: drip(GOOD),
    "header-drip": lambda: after(HEAD, drip(b"X-Long: " + b"a" * TICKS, b"\r\n" + REST)),
    "empty-lines": lambda: slowly(b"\r\n", GOOD),
    "body-drip": lambda: after(sized(TICKS), drip(b"[" * TICKS)),
    "chunk-size-drip": lambda: after(CHUNKED, drip(b"0" * TICKS, LAST)),
    "chunk-extension-drip": lambda: after(CHUNKED, drip(b"4;a=" + b"b" * TICKS, LAST[1:])),
    "chunk-drip": lambda: after(CHUNKED, slowly(b"1\r\n1\r\n", b"0\r\n\r\n")),
    "trailer-drip": lambda: after(CHUNKED + LAST[:-2], slowly(b"A: b\r\n", b"\r\n")),
    "never-closing": lambda: after(HEAD + b"\r\ntrue", slowly(b"", b"")),
}
FLOODS: dict[str, Callable[[], Parts]] = {
    "empty-lines-flood": lambda: flood(b"\r\n" * 4096, GOOD),
    "interim-drip": lambda: slowly(b"HTTP/1.1 103 Early Hints\r\n\r\n", GOOD),
    "interim-flood": lambda: flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 400, GOOD),
    "header-flood": lambda: after(HEAD, flood(b"X-More: of the same\r\n" * 400, REST)),
    "header-line-flood": lambda: after(HEAD + b"X-Long: ", flood(b"a" * 8192, b"\r\n" + REST)),
    "chunk-extension-flood": lambda: after(CHUNKED + b"4;a=", flood(b"b" * 8192, LAST[1:])),
    "chunk-flood": lambda: after(CHUNKED, flood(b"1\r\n1\r\n" * 2000, b"0\r\n\r\n")),
    "trailer-flood": lambda: after(CHUNKED + LAST[:-2], flood(b"A: b\r\n" * 2000, b"\r\n")),
    "endless-body": lambda: after(HEAD + b"\r\n", flood(b"[" * 65536, b"")),
    "endless-chunks": lambda: after(CHUNKED, flood(CHUNK, b"0\r\n\r\n")),
    "huge-length": lambda: after(sized(FLOOD), flood(b"[" * 65536, b"")),
    "gzip-bomb": lambda: iter(
        [HEAD + b"Content-Encoding: gzip\r\n" + sized(len(BOMB))[len(HEAD) :] + BOMB]
    ),
}
BROKEN: dict[str, Callable[[], Parts]] = {
    "truncated": lambda: iter([sized(9) + b"true", b""]),
    "truncated-chunks": lambda: iter([CHUNKED + b"4\r\ntrue\r\n", b""]),
    "truncated-head": lambda: iter([HEAD, b""]),
    "reset": lambda: iter([RESET]),
    "two-lengths": lambda: iter([HEAD + LENGTH + b"Content-Length: 3\r\n\r\ntrue"]),
    "same-length-twice": lambda: iter(
        [HEAD + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\ntrue"]
    ),
    "length-and-chunks": lambda: iter(
        [HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + LAST]
    ),
    "chunks-and-length": lambda: iter([CHUNKED[:-2] + LENGTH + b"\r\n" + LAST]),
    "gzip-chunks": lambda: iter([HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + LAST]),
    "odd-size": lambda: iter([CHUNKED + b"0_" + LAST]),
    "signed-size": lambda: iter([CHUNKED + b"+" + LAST]),
    "long-chunk": lambda: iter([CHUNKED + b"3\r\ntrue\r\n0\r\n\r\n"]),
    "not-http": lambda: iter([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"]),
    "switching": lambda: iter([SWITCHING + b"\r\n"]),
    "switching-in-earnest": lambda: iter(
        [b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + GOOD]
    ),
}
FINE: dict[str, tuple[bytes, Callable[[], Parts]]] = {
    "small": (b"{}", lambda: iter([sized(2) + b"{}"])),
    "large": (b"[" * 30_000, lambda: iter([sized(30_000) + b"[" * 30_000])),
    "chunks": (b"true", lambda: iter([CHUNKED + b"2\r\ntr\r\n2;a=b\r\nue\r\n0\r\nA: b\r\n\r\n"])),
    "interim": (b"true", lambda: iter([b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + GOOD])),
    "none": (b"", lambda: iter([b"HTTP/1.1 204 No Content\r\n\r\n"])),
    "closing": (b"true", lambda: iter([HEAD + b"\r\ntrue", b""])),
    "old": (b"true", lambda: iter([GOOD.replace(b"1.1", b"1.0"), b""])),
}
UNTRACED: dict[str, Callable[[], Parts]] = {
    "untraced": lambda: iter([GOOD]),
    "retraced": lambda: iter([HEAD + b"traceparent: " + OWN_TRACE + b"\r\n" + REST]),
}
TOO_MANY: dict[str, Callable[[], Parts]] = {
    "two-in-one-piece": lambda: iter([GOOD + SECOND]),
    "one-and-a-half": lambda: iter([GOOD + SECOND[:1]]),
    "second-a-little-later": lambda: iter([GOOD, None, SECOND]),
    "rubbish-after": lambda: iter([GOOD + b"<html>"]),
}
PATTERNS = SLOW | FLOODS | BROKEN


class Hostile:
    """The server, in threads of this process."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._context = context
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more, and let every pattern end."""
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=[conn], daemon=True).start()

    def _serve(self, conn: socket.socket) -> None:
        owed = b""  # an answer that comes when the next request has come
        try:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                conn = self._context.wrap_socket(conn, server_side=True)
            with conn:
                while head := read_head(conn):
                    conn.sendall(owed)
                    path = head.split(b" ", 2)[1].decode().strip("/").partition("?")[0]
                    owed = traced(head, SECOND) if path == "late" else b""
                    if path in ("deaf", "sipping"):
                        self._read_slowly(conn if path == "sipping" else None)
                        return
                    if not self._answer(conn, path, head):
                        return
        except OSError:
            return

    def _read_slowly(self, conn: socket.socket | None) -> None:
        for _ in range(TICKS):
            if self._closing.wait(TICK_SECONDS):
                return
            if conn:
                conn.recv(65536)

    def _answer(self, conn: socket.socket, path: str, head: bytes) -> bool:
        if path.startswith(("echo/", "late")):
            conn.sendall(traced(head, sized(len(path)) + path.encode()))
            return True
        parts = FINE[path][1]() if path in FINE else (PATTERNS | TOO_MANY | UNTRACED)[path]()
        for part in parts:
            if self._closing.is_set() or (part == b"" and parts_end(path)):
                return False
            if part is None:
                sleep(TICK_SECONDS)
            elif part == RESET:
                conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            else:
                conn.sendall(traced(head, part) if path in FINE or path in TOO_MANY else part)
        return path != "endless-body"


def parts_end(path: str) -> bool:
    """Tell whether an empty part of this pattern ends the connection."""
    return path in BROKEN or path in FINE


def read_head(conn: socket.socket) -> bytes:
    """Return the head of a request without a body; empty when the peer is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = conn.recv(65536)
        if not part:
            return b""
        data += part
    return data


def traced(head: bytes, answer: bytes) -> bytes:
    """Return the answer with the trace of the request, as the API sends it."""
    found = re.search(rb"traceparent: [^\r]*\r\n", head)
    return STATUS_LINE.sub(lambda match: match[0] + found[0], answer) if found else answer


def authority(name: str = "localhost") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the context of a server of that name, and that of a client that trusts it."""
    made = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    made.configure_trust(client)
    return server, client
