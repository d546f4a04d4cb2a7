"""The two ways through an application: the fast path, and FastAPI's own for the same routes."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIRouter

from app.fast import FastRoute, FastRouter, route

Message = dict[str, Any]


async def ask(app: Any, target: str, headers: Any = (), body: Any = b"", cut: bool = False) -> Any:
    """Send one request; return all that came back. ``cut``: the caller leaves in mid-body."""
    method, url = target.split(" ", 1)
    path, _, query = url.partition("?")
    pairs = headers.items() if isinstance(headers, dict) else headers
    return await send(
        app, method, path, query.encode(), [(k.encode(), v.encode("latin-1")) for k, v in pairs],
        body if isinstance(body, bytes) else json.dumps(body).encode(), cut,
    )  # fmt: skip


async def send(
    app: Any,
    method: str,
    path: str,
    query: bytes,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    cut: bool = False,
) -> Any:
    """Send one request, its body in two parts; return the messages, and an error that came out."""
    incoming: list[Message] = [{"type": "http.request", "body": body[:3], "more_body": True}]
    rest = {"type": "http.request", "body": body[3:], "more_body": False}
    incoming.append({"type": "http.disconnect"} if cut else rest)
    sent: list[Any] = []

    async def receive() -> Message:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def collect(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": method, "path": path, "raw_path": path.encode(), "query_string": query,
        "root_path": "", "client": ("127.0.0.1", 1), "server": ("api.test", 80), "state": {},
        "headers": [(b"host", b"api.test"), *headers],
    }  # fmt: skip
    try:
        await app(scope, receive, collect)
    except Exception as error:
        sent += [type(error), str(error)]
    return sent


class Count:
    """How many requests the fast path has taken."""

    def __init__(self) -> None:
        self.taken = 0


@contextlib.contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Count]:
    """Count what the fast path takes."""
    count, shortcut = Count(), route._run

    async def counted(*arguments: Any) -> Any:
        count.taken += 1
        return await shortcut(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(route, "_run", counted)
        yield count


@contextlib.contextmanager
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make applications, and ask them, as if routes and routers were FastAPI's own."""
    with monkeypatch.context() as patch:
        patch.setattr(FastRoute, "get_route_handler", APIRoute.get_route_handler)
        patch.setattr(FastRoute, "matches", APIRoute.matches)
        patch.setattr(FastRouter, "matches", APIRouter.matches)
        yield


def plain(**options: Any) -> APIRouter:
    """Make a router of FastAPI's."""
    return APIRouter(**options)


def by_route(**options: Any) -> APIRouter:
    """Make a router of FastAPI's with the route class of the fast path."""
    return APIRouter(**{"route_class": FastRoute, **options})


Make = Callable[..., APIRouter]
