"""Checks every request before FastAPI sees it. Plain ASGI."""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.front.addresses import Addresses
from app.front.before_body import is_overridden
from app.front.bodies import Body, BodyBounds
from app.front.problems import BadRequest, raise_if_refused
from app.http.auth import authenticate
from app.http.problems import Problem, TooLarge, Unauthenticated, respond
from app.http.scope import BODY, FOUND, request_scope

LISTS = frozenset((b"if-match", b"if-none-match"))  # several lines of one are one list
TOLD = ("caller", "route", "fastapi")
HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


class FrontMiddleware:
    """Checks the message, limits callers without a valid token, and bounds the body.

    ``unlimited`` paths are free of the limit: probes and metrics.
    """

    def __init__(
        self, app: ASGIApp, bodies: BodyBounds, addresses: Addresses, unlimited: Collection[str]
    ) -> None:
        self.app, self.bodies, self.addresses = app, bodies, addresses
        self.unlimited = frozenset(unlimited)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        address = self.addresses.of(scope)
        limited = scope["path"] not in self.unlimited
        try:
            raise_if_refused(scope)
            has_body = self._check(scope)
            if len([name for name, _ in scope["headers"] if name in LISTS]) > 1:
                scope["headers"] = _combine(scope["headers"])
            if limited and self.addresses.is_spent(address):
                limited = False  # a refusal is not counted
                await self._require_token(scope, address)
                limited = True
        except Problem as problem:
            await respond(problem, scope["path"])(scope, receive, _closing(send))
        else:
            await self._run(scope, receive, send, address, has_body)
        if limited and not request_scope(scope).get("caller") and not is_overridden(scope):
            self.addresses.count(address)

    async def _run(
        self, scope: Scope, receive: Receive, send: Send, address: str, has_body: bool
    ) -> None:
        found: dict[str, Any] = {}
        request_scope(scope)[FOUND] = found
        try:
            if has_body:
                body = Body(self.bodies, scope, receive, send, address)
                request_scope(scope)[BODY] = body
                await body.run(self.app)
            else:
                await self.app(scope, receive, send)
        finally:
            request_scope(scope).pop(BODY, None)  # a circle, which only the collector would free
            scope.update(found)

    def _check(self, scope: Scope) -> bool:
        """Return whether there is a body; raise BadRequest or TooLarge because of the head."""
        hosts, length, coding = 0, None, None
        host = b""
        for name, value in scope["headers"]:
            if name == b"host":
                hosts, host = hosts + 1, value
            elif name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                coding = value
        old = scope["http_version"] == "1.0"
        _check_host(hosts, host, old)
        if length is None and coding is None:
            return False
        if coding is not None and (old or length is not None or coding.lower() != b"chunked"):
            raise BadRequest("The length of the body is not clear.")  # RFC 9112, 6.1
        if length is not None and _number(length) > self.bodies.max_bytes:
            raise TooLarge(f"At most {self.bodies.max_bytes} bytes are read.")
        return True

    async def _require_token(self, scope: Scope, address: str) -> None:
        try:
            await authenticate(scope)
        except Unauthenticated as error:
            raise self.addresses.refuse(address) from error


def _combine(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return header fields with the lines of each list as one (RFC 9110, 5.3)."""
    combined: dict[bytes, bytes] = {}
    others = []
    for name, value in headers:
        if name in LISTS:
            combined[name] = combined[name] + b", " + value if name in combined else value
        else:
            others.append((name, value))
    return [*others, *combined.items()]


def _check_host(count: int, host: bytes, old: bool) -> None:
    """Raise BadRequest unless there is one host (RFC 9112, 3.2); HTTP/1.0 needs none."""
    if count != 1 and not (old and count == 0):
        raise BadRequest("One Host header is needed.")
    if count and not _is_host(host):
        raise BadRequest("The Host header names no host.")


def _number(length: bytes) -> int:
    if not length.isdigit() or len(length) > 19:
        raise BadRequest("The Content-Length is not a number.")
    return int(length)


@lru_cache(maxsize=1024)
def _is_host(value: bytes) -> bool:
    match = HOST.fullmatch(value.decode("latin-1"))
    if match is None or int(match[2] or 0) > 65535:
        return False
    try:
        return match[1] is None or bool(IPv6Address(match[1]))
    except ValueError:
        return False


def _closing(send: Send) -> Send:
    """Close the connection after the answer, without reading the rest of the request."""

    async def send_closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return send_closing


class OperationMiddleware:
    """The innermost middleware: BeforeBody dependencies run before the body is read.

    A middleware may have copied the scope, so the caller and the route are passed to the front.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        body = request_scope(scope).get(BODY)
        try:
            await self.app(scope, body.after_checks(scope, receive) if body else receive, send)
        finally:
            if (found := request_scope(scope).get(FOUND)) is not None:
                found.update({name: scope[name] for name in TOLD if name in scope})


class HeadMiddleware:
    """HEAD is GET without its body (RFC 9110, 9.3.2), unless an operation takes HEAD itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
        else:
            tried = dict(scope)
            if await self._answer(tried, receive, send, unless=405):
                scope.update(tried)
            else:
                scope["method"] = "GET"
                await self._answer(scope, receive, send)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, unless: int | None = None
    ) -> bool:
        """Send the head of the answer and return True, unless it has the status ``unless``."""
        status: int | None = None

        async def send_head(message: Message) -> None:
            nonlocal status
            if status is None and message["type"] == "http.response.start":
                status = message["status"]
                scope["method"] = "HEAD"  # the server checks this before it sends a body
                if status != unless:
                    await send(message)
                    await send({"type": "http.response.body", "body": b""})

        await self.app(scope, receive, send_head)
        return status != unless
