"""Proxies that do to a connection what networks and servers do on a bad day.

``HttpProxy`` stands between UI and API and knows requests; ``TcpProxy`` stands before a database.
"""

import http.client
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO

JSON = "application/json"
Headers = Mapping[str, str]
Fault = Callable[["Exchange"], bool]  # returns whether the connection stays open


@dataclass
class Exchange:
    """One request as the UI sent it; a fault answers it, or does not."""

    proxy: "HttpProxy"
    connection: socket.socket
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    number: int = field(default=0)  # of those that the present fault met, from 1

    def forward(self) -> tuple[int, dict[str, str], bytes]:
        """Return what the API answers."""
        api = http.client.HTTPConnection("127.0.0.1", self.proxy.upstream, timeout=60)
        try:
            api.request(self.method, self.target, self.body or None, self.headers)
            answer = api.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read()
        finally:
            api.close()

    def reply(self, status: int, headers: Headers, body: bytes, *, length: int = 0) -> bool:
        """Answer; with another ``length`` the body breaks off."""
        own = {"content-type": JSON, "traceparent": self.headers.get("traceparent", "")}
        told = own | dict(headers) | {"content-length": str(length or len(body))}
        told.pop("connection", None)
        told.pop("transfer-encoding", None)
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in told.items())]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return not length

    def wait(self, seconds: float = 60) -> None:
        """Return after so long, or once the other side has had enough."""
        self.connection.settimeout(seconds)
        with suppress(TimeoutError):
            self.connection.recv(1)
        self.connection.settimeout(None)

    def reset(self) -> bool:
        """Close with RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False


def pass_on(exchange: Exchange) -> bool:
    """Answer as the API does."""
    return exchange.reply(*exchange.forward())


def hang(exchange: Exchange) -> bool:
    """Never answer."""
    exchange.wait()
    return False


def drip(exchange: Exchange) -> bool:
    """Send a byte every tenth of a second."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"[" * 1000:
        exchange.connection.sendall(bytes([byte]))
        exchange.wait(0.1)
    return False


def fail(exchange: Exchange) -> bool:
    """Answer 500 with a page of HTML."""
    return exchange.reply(500, {"content-type": "text/html"}, b"<h1>Internal Server Error</h1>")


def rubbish(exchange: Exchange) -> bool:
    """Answer as a broken gateway does."""
    return exchange.reply(502, {}, b"\x00\xff{{{")


def break_contract(exchange: Exchange) -> bool:
    """Do what was asked, and answer what no release promises."""
    status, headers, _ = exchange.forward()
    return exchange.reply(200 if status == 204 else status, headers, b'{"surprise": true}')


def problem(status: int, detail: str = "", **headers: str) -> Fault:
    """Return a fault that answers a problem (RFC 9457)."""

    def answer(exchange: Exchange) -> bool:
        body = {"type": "/problems/x", "title": "X", "status": status, "detail": detail}
        body |= {"errors": [], "instance": exchange.target, "trace_id": "0" * 32, "current": {}}
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        media = {"content-type": "application/problem+json"}
        return exchange.reply(status, media | told, json.dumps(body).encode())

    return answer


def first(count: int, fault: Fault) -> Fault:
    """Do it to the first requests, and pass the others on."""
    return lambda exchange: (fault if exchange.number <= count else pass_on)(exchange)


def changed(change: Callable[[Any], Any]) -> Fault:
    """Pass on with another body."""

    def do(exchange: Exchange) -> bool:
        status, headers, body = exchange.forward()
        return exchange.reply(status, headers, json.dumps(change(json.loads(body))).encode())

    return do


class HttpProxy:
    """Passes requests on to a port of this machine, unless a fault is set that meets them."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.seen: list[Exchange] = []
        self._fault: Fault = pass_on
        self._meets = re.compile("")
        self._met = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._accept_in_background()

    def set(self, fault: Fault = pass_on, *, meets: str = "") -> None:
        """Do this from now on to requests whose ``GET /v1/…`` matches ``meets``."""
        with self._lock:
            self._fault, self._meets, self._met = fault, re.compile(meets), 0
            self.seen = []

    @contextmanager
    def failing(self, fault: Fault, *, meets: str = "") -> Iterator[None]:
        """Do this within the block."""
        self.set(fault, meets=meets)
        try:
            yield
        finally:
            self.set()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections within the block."""
        self.refuse()
        try:
            yield
        finally:
            self.listen()

    def refuse(self) -> None:
        """Listen no more, and end every connection."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            ending = list(self._open)
        for connection in ending:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def listen(self) -> None:
        """Listen again on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self._accept_in_background()

    def _accept_in_background(self) -> None:
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            with connection, connection.makefile("rb") as stream:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while exchange := self._read(connection, stream):
                    fault = self._fault_of(exchange)
                    if not fault(exchange):
                        return
        except (OSError, http.client.HTTPException):
            return
        finally:
            with self._lock:
                self._open.discard(connection)

    def _fault_of(self, exchange: Exchange) -> Fault:
        with self._lock:
            self.seen.append(exchange)
            if not self._meets.search(f"{exchange.method} {exchange.target}"):
                return pass_on
            self._met += 1
            exchange.number = self._met
            return self._fault

    def _read(self, connection: socket.socket, stream: BinaryIO) -> Exchange | None:
        line = stream.readline()
        if not line:
            return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while text := stream.readline().decode("latin-1").strip():
            name, _, value = text.partition(":")
            headers[name.strip()] = value.strip()
        body = stream.read(int(headers.get("Content-Length", 0)))
        return Exchange(self, connection, method, target, headers, body)


class TcpProxy:
    """Passes bytes on to a Unix socket until it is cut."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._is_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection, and each new one at once."""
        with self._lock:
            self._is_cut = True
            ending, self._open = self._open, []
        for one in ending:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End for good."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def join(self) -> None:
        """Pass on again."""
        self._is_cut = False

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                connection.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._upstream)
            with self._lock:
                self._open += [connection, server]
            for source, target in ((connection, server), (server, connection)):
                threading.Thread(target=self._pump, args=[source, target], daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        source.close()
