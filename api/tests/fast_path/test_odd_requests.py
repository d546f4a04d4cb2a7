"""Odd requests, 2,400 with ``--long``, each with the fast path and without: no difference.

Two runs of the same seed, each on an empty database of its own, in which ids, moments and trace ids
are the same: so the answers have to be, byte for byte.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from joserfc.jwk import KeySet

from app.database import model
from app.fast import FastRouter
from app.http import exception_handlers
from app.settings import Settings
from conftest import AUDIENCE, ISSUER, KEY, make_token
from tests.fast_path.comparison import counting, plain, send, without
from tests.fast_path.devices import DEVICES, SILENT, On
from tests.fast_path.odd import FromDocument, Odd, spoil
from tests.widgets.application import create
from tests.widgets.models import create_table

SEED = 20261125
REQUESTS, LONG_REQUESTS = 300, 1200  # of the API, and as many of the devices
Answers = list[tuple[Odd, Any]]


@pytest.fixture
def same_each_time(monkeypatch):
    """Call it before a run: ids, moments and trace ids begin anew."""

    def begin() -> None:
        ids, ticks = itertools.count(1), itertools.count(1)
        start = datetime(2026, 1, 1, tzinfo=UTC)

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return start + timedelta(milliseconds=next(ticks))

        monkeypatch.setattr(model, "uuid7", lambda: uuid.UUID(int=next(ids) | 7 << 76 | 2 << 62))
        monkeypatch.setattr(model, "datetime", Clock)
        random.seed(SEED)  # of trace ids

    return begin


@contextlib.asynccontextmanager
async def started(folder: Path) -> AsyncIterator[FastAPI]:
    """The API on an empty SQLite database in ``folder``."""
    folder.mkdir()
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    settings = Settings(
        database_url=f"sqlite+aiosqlite:///{folder}/odd.sqlite3",
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        auth_jwks=str(jwks),
        rate_limit_per_minute=0,
        _env_file=None,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DATABASE_URL", settings.database_url)
        migrations = Config(Path(model.__file__).parents[2] / "alembic.ini")
        await asyncio.to_thread(command.upgrade, migrations, "heads")
    await asyncio.to_thread(create_table, settings.database_url)
    app = create(settings)
    async with app.router.lifespan_context(app):
        yield app


async def run_api(folder: Path, token: str, count: int) -> Answers:
    by = random.Random(SEED)  # noqa: S311
    answers = []
    async with started(folder) as app:
        document = FromDocument(app.openapi(), token, by)
        for _ in range(count):
            request = spoil(document.make(), by)
            answers.append((request, await send(app, *request)))
            document.learn(request.path, answers[-1][1])
    return answers


async def run_devices(make: Callable[..., Any], count: int) -> tuple[Answers, list[Any]]:
    """Ask one application of all devices; return what ran as well."""
    by = random.Random(SEED)  # noqa: S311
    events: list[Any] = []
    app, names = FastAPI(telemetry=SILENT), sorted(DEVICES)
    exception_handlers.install(app)
    for name in names:
        device = FastAPI(telemetry=SILENT)
        exception_handlers.install(device)
        DEVICES[name][0](On(device, make, make(), events.append))
        app.mount(f"/{name}", device)
    answers = []
    for _ in range(count):
        name = by.choice(names)
        request = spoil(_of_trial(name, by), by)
        answers.append((request, await send(app, *request)))
    return answers, events


def _of_trial(name: str, by: random.Random) -> Odd:
    trial = by.choice(DEVICES[name][1])
    method, url = trial.target.split(" ", 1)
    path, _, query = url.partition("?")
    body = trial.details.get("body", b"")
    headers: Any = trial.details.get("headers", {})
    pairs = headers.items() if isinstance(headers, dict) else headers
    return Odd(
        method,
        f"/{name}{path}",
        query.encode(),
        [(k.encode(), v.encode("latin-1")) for k, v in pairs],
        body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


def differences(one: Answers, other: Answers) -> list[Any]:
    return [(a, b) for a, b in zip(one, other, strict=True) if a != b]


@pytest.fixture
def requests(long) -> int:
    return LONG_REQUESTS if long else REQUESTS


async def test_odd_requests_of_the_api(
    tmp_path, monkeypatch, same_each_time, requests, record_property
):
    token = make_token()
    same_each_time()
    with counting(monkeypatch) as count:
        fast = await run_api(tmp_path / "fast", token, requests)
    same_each_time()
    with without(monkeypatch), counting(monkeypatch) as none:
        own = await run_api(tmp_path / "own", token, requests)

    assert differences(fast, own) == []
    assert none.taken == 0
    assert count.taken > requests * 0.15
    statuses = {messages[0]["status"] for _, messages in own}
    assert statuses >= {200, 401, 404, 405}
    record_property("odd requests of the API both ways, without a difference", requests)
    record_property("of them took the fast path", count.taken)


async def test_odd_requests_of_the_devices(monkeypatch, same_each_time, requests, record_property):
    same_each_time()
    with counting(monkeypatch) as count:
        fast, fast_events = await run_devices(FastRouter, requests)
    same_each_time()
    with counting(monkeypatch) as none:
        own, own_events = await run_devices(plain, requests)

    assert differences(fast, own) == []
    assert fast_events == own_events
    assert none.taken == 0
    assert count.taken > requests * 0.15
    record_property("odd requests of FastAPI's devices both ways", requests)
    record_property("of them took the fast path ", count.taken)
