"""The mock over HTTP, on this machine only, with faults that make it slow or failing."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from contract.mock.answers import Answer
from contract.mock.api import Api
from contract.mock.cors import cors_headers, preflight
from contract.mock.problems import Problem
from contract.mock.recording import Exchange, Recording, Scenario
from contract.mock.requests import Request

MOST_BYTES = 100 * 2**20


@dataclass(frozen=True)
class Faults:
    """How the mock misbehaves. A request may ask for a status itself: `Prefer: code=409`."""

    delay_ms: int = 0
    fail_rate: float = 0.0
    status: int | None = None

    def wait(self) -> None:
        """Wait before an answer."""
        time.sleep(self.delay_ms / 1000)

    def due(self) -> int | None:
        """The status that this answer must have; None for the usual one."""
        if self.status is None and random.random() < self.fail_rate:
            return 503
        return self.status


@dataclass
class Mock:
    """What answers: a scenario as far as it goes, then the document; and where it is recorded."""

    api: Api
    faults: Faults = Faults()
    scenario: Scenario | None = None
    recording: Recording | None = None

    def answer(self, request: Request) -> Answer:
        """Answer one request; never raises."""
        try:
            answer = self._answer(request)
        except Problem as problem:
            answer = self.api.refusal(request, problem)
        except Exception as error:  # a caller who waits for an answer must get one
            words = f"A fault of the mock, please report it: {type(error).__name__}: {error}"[:500]
            answer = self.api.answers.problem(None, Problem(500, words), request.path)
        if self.recording:
            self.recording.add(Exchange(request, answer))
        return answer

    def _answer(self, request: Request) -> Answer:
        status = self.faults.due()
        if status is not None:
            raise Problem(status, "The mock was told to answer this.")
        return (self.scenario.answer(request) if self.scenario else None) or self.api.answer(request)


class Handler(BaseHTTPRequestHandler):
    """Reads requests and writes answers; a subclass has the mock."""

    protocol_version = "HTTP/1.1"
    mock: Mock
    lock: Lock

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Handle every method: http.server calls do_GET, do_QUERY, …"""
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def handle_any(self) -> None:
        """Answer one request."""
        url = urlsplit(self.path)
        body = self.body()
        if body is None:
            self.close_connection = True
            self.send(self.mock.api.answers.problem(None, Problem(400, "The body cannot be read."), url.path))
            return
        request = Request(self.command, url.path, url.query, self.headers, body)
        answer = preflight(self.mock.api.routes, request)
        if answer is None:
            self.mock.faults.wait()
            with self.lock:
                answer = self.mock.answer(request)
        self.send(answer)

    def body(self) -> bytes | None:
        """The body, whole or in chunks (RFC 9112, section 7.1); None when it is malformed or too large."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length") or "0"
        return self.rfile.read(int(length)) if length.isdecimal() and int(length) <= MOST_BYTES else None

    def _chunks(self) -> bytes | None:
        whole = bytearray()
        while len(whole) <= MOST_BYTES:
            size = self.rfile.readline(100).split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
                return None
            whole += self.rfile.read(int(size, 16))
            self.rfile.readline(100)
            if not int(size, 16):
                return bytes(whole)
        return None

    def send(self, answer: Answer) -> None:
        """Write an answer."""
        content = b"" if answer.status in (204, 304) else answer.content
        version = str((self.mock.api.document.data.get("info") or {}).get("version", ""))
        self.send_response(answer.status)
        told = {"Contract-Version": version} | ({"Content-Type": answer.media_type} if content else {})
        for name, value in (told | cors_headers(self.headers) | answer.headers).items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    def log_message(self, format: str, *args: Any) -> None:
        """Print one line a request."""
        print(f"{self.command} {self.path} {args[1] if len(args) > 1 else ''}", flush=True)


def server(mock: Mock, port: int) -> ThreadingHTTPServer:
    """A server bound to 127.0.0.1; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), type("MockHandler", (Handler,), {"mock": mock, "lock": Lock()}))
