"""Large bodies are worked on one after another: together they are no larger than one may be."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import StreamingResponse
from httpx2 import ASGITransport, AsyncClient

from app.front import bodies
from app.front.addresses import Addresses
from app.front.bodies import BodyBounds, BodyMemory
from app.front.requests import FrontMiddleware
from app.http import exception_handlers

pytestmark = pytest.mark.any_engine

SEED, BODIES = 20261126, 70
SMALL, LARGEST = 10, 1000  # bytes
SIZES = {  # by kind of a mix
    "all as large as can be": (LARGEST, LARGEST),
    "all sizes": (1, LARGEST),
    "small": (1, SMALL),
    "a little more than small": (SMALL + 1, SMALL + 20),
    "half": (LARGEST // 2, LARGEST // 2 + SMALL),
}


class Work:
    """What an application works on, in bytes that count, and how it ends."""

    def __init__(self, seconds: float = 30.0) -> None:
        self.now = self.most = self.most_at_once = self.count = 0
        self.by = random.Random(SEED)  # noqa: S311
        self.may_end = asyncio.Event()
        self.app = FastAPI()
        exception_handlers.install(self.app, {})
        self.app.post("/")(self.work)
        self.app.post("/short")(self.read)
        self.app.post("/stream")(self.stream)
        self.app.post("/background")(self.work_in_the_background)
        bounds = BodyBounds(LARGEST, seconds, BodyMemory(2 * LARGEST * BODIES))
        self.app.add_middleware(
            FrontMiddleware, bodies=bounds, addresses=Addresses(0, 0), unlimited=[]
        )
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        self.client = AsyncClient(transport=transport, base_url="http://api.test")

    async def work(self, request: Request) -> int:
        size = max(len(await request.body()) - SMALL, 0)
        self.now, self.count = self.now + size, self.count + 1
        self.most, self.most_at_once = max(self.most, self.now), max(self.most_at_once, self.count)
        try:
            await self.may_end.wait()
            for _ in range(self.by.randrange(20)):
                await asyncio.sleep(0)
            if self.by.random() < 0.1:
                raise RuntimeError("an operation that fails")
            return size
        finally:
            self.now, self.count = self.now - size, self.count - 1

    async def read(self, request: Request) -> None:
        await request.body()

    async def stream(self, request: Request) -> StreamingResponse:
        await request.body()

        async def parts() -> AsyncIterator[bytes]:
            self.count += 1
            await self.may_end.wait()
            yield b"x"

        return StreamingResponse(parts())

    async def work_in_the_background(self, request: Request, tasks: BackgroundTasks) -> None:
        await request.body()
        tasks.add_task(self.wait)

    async def wait(self) -> None:
        self.count += 1
        await self.may_end.wait()

    async def send(self, size: int, path: str = "/") -> int:
        return (await self.client.post(path, content=b" " * size)).status_code

    async def send_and_not_read(self, size: int) -> None:
        """Send a body as a caller who reads nothing of the answer before ``may_end``."""
        body = {"type": "http.request", "body": b" " * size, "more_body": False}
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": "/short",
            "query_string": b"", "client": ("192.0.2.1", 1),
            "headers": [(b"host", b"api.test"), (b"content-length", b"%d" % size)],
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return body

        async def send(_: Any) -> None:
            await self.wait()

        await self.app(scope, receive, send)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr("app.front.bodies.SMALL_BYTES", SMALL)


@pytest.mark.parametrize("mix", SIZES)
async def test_what_is_worked_on_at_once_is_no_larger_than_one_body(mix, record_property):
    """Whatever becomes of them: an answer, an error, a caller who leaves."""
    work = Work()
    work.may_end.set()
    sizes = [work.by.randint(*SIZES[mix]) for _ in range(BODIES)]
    tasks = [asyncio.create_task(work.send(size)) for size in sizes]
    for number, task in enumerate(tasks):
        for _ in range(work.by.randrange(30)):
            await asyncio.sleep(0)
        if number % 3 == 0:
            task.cancel()

    found = await asyncio.gather(*tasks, return_exceptions=True)

    answers = {each for each in found if not isinstance(each, asyncio.CancelledError)}
    assert answers == {200, 500}
    assert work.most <= LARGEST
    assert work.now == 0
    assert await work.send(LARGEST) in answers
    record_property("bodies in work beside each other", BODIES)


async def test_small_bodies_wait_for_none():
    work = Work()
    held = [asyncio.create_task(work.send(size)) for size in (LARGEST, *[SMALL] * 50)]
    while work.count < len(held):
        await asyncio.sleep(0)

    work.may_end.set()

    assert len(await asyncio.gather(*held)) == work.most_at_once


@pytest.mark.parametrize("still", ["not read", "/stream", "/background"])
async def test_an_answer_that_has_begun_holds_nobody(still):
    work = Work()
    answer = work.send_and_not_read(LARGEST) if still == "not read" else work.send(LARGEST, still)
    first = asyncio.create_task(answer)
    while not work.count:
        await asyncio.sleep(0)

    async with asyncio.timeout(20):
        assert await work.send(LARGEST, "/short") == 200

    assert not first.done()
    work.may_end.set()
    await first


async def test_who_waits_too_long_is_asked_to_come_again():
    work = Work(seconds=0.05)
    first = asyncio.create_task(work.send(LARGEST))
    while not work.count:
        await asyncio.sleep(0)

    assert await work.send(LARGEST) == 503

    work.may_end.set()
    await first
    assert await work.send(LARGEST) in (200, 500)


async def test_free_memory_goes_back_once_no_large_body_is_left(monkeypatch):
    trimmed: list[int] = []
    monkeypatch.setattr(bodies, "TRIM", trimmed.append)
    memory = BodyMemory(4 * LARGEST)
    for _ in range(2):
        await memory.work_on(LARGEST // 2, LARGEST)

    memory.finish(LARGEST // 2)
    await asyncio.sleep(0)
    assert trimmed == []

    memory.finish(LARGEST // 2)
    await asyncio.sleep(0)
    assert trimmed == [0]
