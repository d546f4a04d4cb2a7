"""A proxy between the UI and the API that misbehaves for as long as a test asks."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from servers import free_port

WRITES = ("POST", "PUT", "PATCH", "DELETE")
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}
DRIP_SECONDS = 0.3

Fault = Callable[["Handler", bytes], None]


class Handler(BaseHTTPRequestHandler):
    """Passes a request on, unless there is a fault for it."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def answer(self) -> None:
        """Take a request; what a fault does to it is the fault's matter."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        proxy = self.server.proxy
        if proxy.fault and (self.command in WRITES or not proxy.only_writes):
            proxy.fault(self, body)
        else:
            self.reply(*self.forward(body))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return what the API answers."""
        api = http.client.HTTPConnection("127.0.0.1", self.server.proxy.api_port, timeout=30)
        try:
            api.request(self.command, self.path, body, dict(self.headers.items()))
            response = api.getresponse()
            headers = {n: v for n, v in response.getheaders() if n.lower() not in OF_A_CONNECTION}
            return response.status, headers, response.read()
        finally:
            api.close()

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Answer, and name the trace of the request, as the API does."""
        self.send_response_only(status)
        trace = {"traceparent": self.headers.get("traceparent", "")}
        for name, value in (trace | headers).items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if status in (204, 304) else body)

    def close(self) -> None:
        """End the connection without a further word."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Listens for one proxy."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, proxy: "FaultProxy") -> None:
        self.proxy = proxy
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", proxy.port), Handler)

    def process_request(self, request: Any, address: Any) -> None:
        """Remember the connection, so that it can be ended."""
        self.open.add(request)
        super().process_request(request, address)

    def shutdown_request(self, request: Any) -> None:
        """Forget it."""
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, address: Any) -> None:
        """A connection that was ended is no news."""


class FaultProxy:
    """Where the UI finds the API."""

    def __init__(self, api_port: int) -> None:
        self.api_port, self.port = api_port, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.fault: Fault | None = None
        self.only_writes = True
        self.over = threading.Event()

    def start(self) -> None:
        """Listen."""
        self.server = Server(self)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Refuse every connection, and end those that are open."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.server.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections within this block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def failing(self, fault: Fault, *, only_writes: bool = False) -> Iterator[None]:
        """Let a fault answer within this block."""
        self.over.clear()
        self.fault, self.only_writes = fault, only_writes
        try:
            yield
        finally:
            self.fault = None
            self.over.set()


def hang(request: Handler, body: bytes) -> None:
    """Never answer."""
    request.server.proxy.over.wait(30)
    request.close()


def drip(request: Handler, body: bytes) -> None:
    """Send the head of an answer, a byte at a time."""
    head = b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 1000
    for byte in head:
        request.wfile.write(bytes([byte]))
        if request.server.proxy.over.wait(DRIP_SECONDS):
            break
    request.close()


def fail(request: Handler, body: bytes) -> None:
    """Answer 500 with a page of HTML."""
    request.reply(500, {"Content-Type": "text/html"}, b"<h1>Internal Server Error</h1>")


def rubbish(request: Handler, body: bytes) -> None:
    """Answer as a broken gateway does."""
    request.reply(502, {"Content-Type": "application/json"}, b"\x00\xff{{{")


def break_contract(request: Handler, body: bytes) -> None:
    """Do what was asked, and answer what no release promises."""
    status, headers, _ = request.forward(body)
    request.reply(200 if status == 204 else status, headers, b'{"surprise": true}')


def problem(status: int, detail: str, **headers: str) -> Fault:
    """Return a fault that answers a problem (RFC 9457)."""

    def answer(request: Handler, body: bytes) -> None:
        content = {
            "type": "about:blank",
            "title": "Refused",
            "status": status,
            "detail": detail,
            "instance": request.path,
            "trace_id": "",
        }
        media = {"Content-Type": "application/problem+json"}
        request.reply(status, media | headers, json.dumps(content).encode())

    return answer
