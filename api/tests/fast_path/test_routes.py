"""Routers within routers, and odd paths: the fast path finds the route that FastAPI finds."""

import itertools
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.responses import PlainTextResponse

from app.fast import FastRouter
from app.http import exception_handlers
from tests.fast_path.comparison import Make, ask, plain
from tests.fast_path.devices import SILENT

pytestmark = pytest.mark.any_engine

SEED = 20261126
APPS, LONG_APPS, REQUESTS = 25, 400, 40
PATHS = [
    "/a", "/a/", "/b", "/a/b", "/{x}", "/{x}/b", "/a/{x}", "/{x:path}", "/{x:int}", "/{x}.json",
    "/{x}-{y}", "/%41", "/a b", "/é", "/{x}/", "/a/a",
]  # fmt: skip
PREFIXES = ["", "/p", "/p/q", "/{t}", "/a", "/p/{t}/r", "/q"]
SEGMENTS = ["a", "b", "p", "x.json", "1", "a-b", "é", "", "..", "%2f", "A", "a b", "a\n"]
INSERTED = ["/", "\n", "x", "//", "%2f", "."]
METHODS = ["GET", "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "get", "BREW"]


async def bare(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path)


class Tree:
    """An application of routers within routers; the same for the same seed."""

    def __init__(self, make: Make, seed: int) -> None:
        self._make, self._by = make, random.Random(seed)  # noqa: S311
        self._numbers = itertools.count()
        self.app = FastAPI(telemetry=SILENT, redirect_slashes=self._by.random() < 0.5)
        exception_handlers.install(self.app)
        for _ in range(self._by.randint(1, 3)):
            self.last = self._router(2)
            self.app.include_router(self.last, prefix=self._prefix("/v1"))
            if self._by.random() < 0.3:
                self.app.include_router(self.last, prefix=self._prefix("/v2"))
                self.app.mount("/sub", self._mounted(self.last))

    def add_late(self) -> None:
        """Add routes after the first requests."""
        self.last.add_api_route("/late/{k}", self._operation())
        self.last.add_api_route("/a", self._operation(), methods=["PATCH"])

    def _router(self, depth: int) -> APIRouter:
        make = self._make if self._by.random() < 0.75 else plain
        router = make(prefix=self._prefix())
        for _ in range(self._by.randint(1, 5)):
            kind = self._by.random()
            if kind < 0.1:
                router.add_route("/bare", bare)
            elif kind < 0.2:
                router.mount("/m", self._mounted(self._router(0)))
            elif depth and kind < 0.5:
                router.include_router(self._router(depth - 1), prefix=self._prefix())
            else:
                methods = self._by.choice((["GET"], ["POST"], ["GET", "PUT"], ["HEAD"]))
                router.add_api_route(
                    self._by.choice(PATHS), self._operation(), methods=methods,
                    include_in_schema=False,
                )  # fmt: skip
        return router

    def _mounted(self, router: APIRouter) -> FastAPI:
        app = FastAPI(telemetry=SILENT)
        app.include_router(router, prefix="/s")
        return app

    def _prefix(self, begin: str = "") -> str:
        return begin + self._by.choice(PREFIXES).replace("{t}", f"{{t{next(self._numbers)}}}")

    def _operation(self) -> Callable[..., Any]:
        number = next(self._numbers)

        async def operation(request: Request) -> Any:
            return number, request.path_params, request.scope["root_path"]

        return operation


def path(known: list[str], by: random.Random) -> str:
    """Return the path of a route with any values; one of three with something in it."""
    found = re.sub("{.*?}", lambda _: by.choice(SEGMENTS), by.choice(known))
    if by.random() < 0.3:
        place = by.randint(1, len(found))
        found = found[:place] + by.choice(INSERTED) + found[place:]
    return found


def without_trace(answer: Any) -> str:
    return re.sub('trace_id":"[0-9a-f]*', "", str(answer))


async def test_a_route_is_found_as_by_fastapi(long, record_property):
    found: list[int] = []
    for seed in range(SEED, SEED + (LONG_APPS if long else APPS)):
        trees, by = (Tree(FastRouter, seed), Tree(plain, seed)), random.Random(seed)  # noqa: S311
        known = ["/sub/s/a", "/none", "/"]
        known += [context.path or "/" for context in iter_route_contexts(trees[1].app.routes)]
        for number in range(REQUESTS):
            if number == REQUESTS // 2:
                for tree in trees:
                    tree.add_late()
                known.append("/v1/late/1")
            target = f"{by.choice(METHODS)} {path(known, by)}"
            fast, other = [await ask(tree.app, target) for tree in trees]
            assert without_trace(fast) == without_trace(other), (seed, target)
            found.append(fast[0]["status"])
    assert set(found) >= {200, 404, 405}
    reached = found.count(200), len(found)
    record_property("requests in trees of routers that reach an operation, as by FastAPI", reached)


@pytest.mark.parametrize("make", [FastRouter, plain])
async def test_a_route_in_the_place_of_another_is_found(make):
    app, router = FastAPI(telemetry=SILENT), make(prefix="/p")
    router.add_api_route("/first", bare)
    app.include_router(router, prefix="/v1")
    before = await ask(app, "GET /v1/p/first")

    router.routes.pop()
    router.add_route("/second", bare)  # which does not have the router's prefix
    after = [await ask(app, f"GET /v1/{path}") for path in ("p/first", "second")]

    assert [each[0]["status"] for each in (before, *after)] == [200, 404, 200]
