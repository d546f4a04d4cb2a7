"""Browsers of other origins: none by default, exactly those that are configured."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from httpx2 import ASGITransport, AsyncClient

from app.front.bodies import BodyMemory
from app.http.auth import requires
from app.http.problems import MEDIA_TYPE, Conflict
from app.main import create_app
from conftest import make_token

pytestmark = pytest.mark.any_engine

ALLOWED = "https://app.example.com"
PREFLIGHT = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization, if-match, content-type",
}


async def preflight(settings, origins, origin):
    app = create_app(settings.model_copy(update={"cors_origins": origins}))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api.test") as client:
        return await client.options("/v1/identity", headers=PREFLIGHT | {"Origin": origin})


async def test_no_origin_is_allowed_by_default(settings):
    response = await preflight(settings, [], ALLOWED)

    assert "access-control-allow-origin" not in response.headers


async def test_the_configured_origin_is_allowed_and_the_answer_is_cached(settings):
    response = await preflight(settings, [ALLOWED], ALLOWED)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ALLOWED
    assert "access-control-max-age" in response.headers


@pytest.mark.parametrize(
    "origin",
    ["null", f"{ALLOWED}.evil.test", "https://evil-app.example.com", "http://app.example.com"],
)
async def test_an_origin_that_only_looks_like_it_is_not(settings, origin):
    response = await preflight(settings, [ALLOWED], origin)

    assert "access-control-allow-origin" not in response.headers


async def test_a_preflight_is_not_counted_against_who_has_no_token(settings):
    limits = {"cors_origins": [ALLOWED], "unauthenticated_rate_limit_per_minute": 2}
    app = create_app(settings.model_copy(update=limits))
    async with caller(app) as client:
        for _ in range(5):
            answer = await client.options("/v1/identity", headers=PREFLIGHT)
            assert answer.status_code == 200

        assert (await client.get("/v1/identity")).status_code == 401


TRACE = "0af7651916cd43dd8448eb211c80319c"
JSON = {"Content-Type": "application/json"}
router = APIRouter(prefix="/v1/notes")


@router.post("", dependencies=[requires("notes:write")])
async def create_note(note: dict[str, str]) -> dict[str, str]:
    return note


@router.post("/short", max_body_size=10)
async def create_short_note(note: dict[str, str]) -> dict[str, str]:
    return note


@router.get("/{how}")
async def fail(how: str) -> None:
    raise {"conflict": Conflict(), "http": HTTPException(418), "bug": RuntimeError()}[how]


def caller(app: FastAPI, **options: Any) -> AsyncClient:
    transport = ASGITransport(app, raise_app_exceptions=False)
    headers = {"Origin": ALLOWED, "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    return AsyncClient(transport=transport, base_url="http://api.test", headers=headers, **options)


async def parts(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b" " * 1000


def token(scope: str = "notes:write") -> dict[str, str]:
    return JSON | {"Authorization": f"Bearer {make_token(scope=scope)}"}


# What refuses it, the status, the request, and its details.
REFUSED: dict[str, tuple[int, str, dict[str, Any]]] = {
    "no token": (401, "POST /v1/notes", {"json": {}}),
    "no scope": (403, "POST /v1/notes", {"json": {}, "headers": token("x")}),
    "no host": (400, "GET /v1/identity", {"headers": {"Host": "a b"}}),
    "no length": (400, "POST /v1/notes", {"content": b"", "headers": {"Content-Length": "x"}}),
    "no path": (404, "GET /nowhere", {}),
    "no method": (405, "DELETE /v1/identity", {}),
    "an announced body": (413, "POST /v1/notes", {"content": b" " * 5000, "headers": token()}),
    "a long body": (413, "POST /v1/notes", {"content": 5, "headers": token()}),
    "an operation's announced limit": (413, "POST /v1/notes/short", {"json": {"a": "x" * 99}}),
    "an operation's limit": (413, "POST /v1/notes/short", {"content": 2, "headers": JSON}),
    "an invalid body": (422, "POST /v1/notes", {"json": [], "headers": token()}),
    "no room": (503, "POST /v1/notes", {"content": 3, "headers": token()}),
    "the address": (429, "GET /v1/identity", {}),
    "the quota": (429, "GET /v1/identity", {"headers": token()}),
    "a problem": (409, "GET /v1/notes/conflict", {}),
    "an exception": (418, "GET /v1/notes/http", {}),
    "a bug": (500, "GET /v1/notes/bug", {}),
    "an owner's middleware": (418, "GET /v1/middleware/http", {}),
    "a bug of an owner's middleware": (500, "GET /v1/middleware/bug", {}),
    "an owner's early answer": (207, "GET /v1/middleware/early", {}),
}


@pytest.mark.parametrize("who", REFUSED)
async def test_every_answer_is_readable_and_names_trace_and_contract(
    who, settings, monkeypatch, record_property
):
    status, target, details = REFUSED[who]
    limits = {"cors_origins": [ALLOWED], "max_body_bytes": 4096, "rate_limit_per_minute": 1}
    limits |= {"unauthenticated_rate_limit_per_minute": 1}
    app = create_app(settings.model_copy(update=limits))
    app.include_router(router)
    if who == "no room":
        monkeypatch.setattr("app.front.bodies.SMALL_BYTES", 0)
        monkeypatch.setattr("app.main.BodyMemory", lambda total: BodyMemory(100))

    @app.middleware("http")
    async def dispatch(request: Request, call_next: Any) -> Any:
        match request.url.path.split("/")[2:]:
            case ["middleware", "early"]:
                return JSONResponse({}, 207)
            case ["middleware", "bug"]:
                raise RuntimeError
            case ["middleware", "http"]:
                raise HTTPException(418)
        return await call_next(request)

    if isinstance(content := details.get("content"), int):
        details = details | {"content": parts(content * 1000)}
    method, path = target.split()
    async with caller(app) as client:
        for _ in range(2 if status == 429 else 1):
            answer = await client.request(method, path, **details)

    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert answer.headers["traceparent"].split("-")[1] == TRACE
    assert "contract-version" in answer.headers
    assert status < 400 or answer.headers["content-type"] == MEDIA_TYPE
    record_property("answers that carry CORS headers, trace and contract", 1)
