"""The mock over HTTP, on this machine only, with faults that make it slow or failing."""

from __future__ import annotations

import json
import random
import re
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from contract.mock.api import Answer, Api
from contract.mock.problems import Problem
from contract.mock.requests import Request

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Faults:
    """How the mock misbehaves. A request may ask for a status itself: `Prefer: code=409`."""

    delay_ms: int = 0
    fail_rate: float = 0.0
    status: int | None = None

    def interfere(self, prefer: str) -> None:
        """Wait, and raise the Problem that is due, if any."""
        time.sleep(self.delay_ms / 1000)
        asked = re.search(r"code=(\d{3})", prefer)
        status = int(asked[1]) if asked else self.status
        if status is not None:
            raise Problem(status, "The mock was told to answer this.")
        if random.random() < self.fail_rate:
            raise Problem(503, "The mock was told to fail now and then.")


def server(api: Api, port: int, faults: Faults) -> ThreadingHTTPServer:
    """A server bound to 127.0.0.1; port 0 takes a free one."""
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(self.command, url.path, url.query, self.headers, self.rfile.read(length))
            try:
                faults.interfere(self.headers.get("Prefer", ""))
                with lock:
                    answer = api.answer(request)
            except Problem as problem:
                answer = _told(problem, url.path)
            self.send(answer)

        def send(self, answer: Answer) -> None:
            body = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
            self.send_response(answer.status)
            for name, value in (headers(api, answer) | answer.headers).items():
                self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        def log_message(self, format: str, *args: Any) -> None:
            print(f"{self.command} {self.path} {args[1] if len(args) > 1 else ''}", flush=True)

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.handle_one)
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def headers(api: Api, answer: Answer) -> dict[str, str]:
    """What every answer carries: which contract it keeps, and what kind of body it has."""
    version = {"Contract-Version": str(api.document.data.get("info", {}).get("version", ""))}
    kind = "application/problem+json" if answer.status >= 400 else "application/json"
    return version | ({} if answer.body is None else {"Content-Type": kind})


def _told(problem: Problem, path: str) -> Answer:
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status in (429, 503):
        headers["Retry-After"] = "1"
    return Answer(problem.status, problem.body(path), headers)
