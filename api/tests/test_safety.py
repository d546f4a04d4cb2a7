"""What must never get out, and what must never get in."""

import logging
import re
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends
from httpx2 import ASGITransport, AsyncClient

from app.http.auth import refuse_open_operations, requires
from app.http.caller_limit import LIMITED, CallerLimit
from app.main import create_app
from app.operations.logging import JsonFormatter
from app.settings import Environment
from conftest import make_token
from tests.widgets.factory import WIDGET

CANARY = "c4n4ry-5ecret"


async def get(settings, path, **changes):
    app = create_app(settings.model_copy(update=changes))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api.test") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/health/live", "/docs", "/docs/assets/swagger-ui.css", "/x"])
async def test_no_browser_guesses_a_type(settings, path):
    assert (await get(settings, path)).headers["x-content-type-options"] == "nosniff"


async def test_production_wants_https_from_now_on(settings):
    secure = await get(settings, "/health/live", environment=Environment.PRODUCTION)
    assert secure.headers["strict-transport-security"] == "max-age=63072000"

    plain = await get(settings, "/health/live")
    assert "strict-transport-security" not in plain.headers


async def test_the_reference_page_runs_no_script_but_its_own(settings):
    response = await get(settings, "/docs")

    policy = dict(
        part.split(" ", 1) for part in response.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "<script>" not in response.text


def test_an_operation_without_a_scope_stops_the_start():
    router = APIRouter()

    @router.get("/good", dependencies=[requires("things:read")])
    async def good() -> None: ...

    refuse_open_operations(router.routes)

    @router.get("/open")
    async def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="forgotten"):
        refuse_open_operations(router.routes)


def test_a_limit_that_is_a_class_and_would_limit_nobody_stops_the_start():
    router = APIRouter()

    @router.get("/good", dependencies=[requires("things:read"), LIMITED])
    async def good() -> None: ...

    refuse_open_operations(router.routes)

    @router.get("/open", dependencies=[requires("things:read"), Depends(CallerLimit)])
    async def unlimited() -> None: ...

    with pytest.raises(RuntimeError, match=r"unlimited .*CallerLimit"):
        refuse_open_operations(router.routes)


async def test_what_people_send_is_in_no_log(client_for, app, caplog, monkeypatch):
    """Tokens, bodies, queries, keys: also when it fails, and at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    client = client_for(make_token(jti=CANARY))
    token = client.headers["authorization"].removeprefix("Bearer ")
    body = WIDGET | {"code": CANARY, "name": CANARY}
    headers = {"Idempotency-Key": CANARY, "If-None-Match": CANARY, "Cookie": CANARY}

    await client.post("widgets", json=body, headers=headers)
    await client.post("widgets", json=body)  # refused by a constraint
    await client.post("widgets", json=body | {CANARY: CANARY})
    await client.get("widgets", params={"q": CANARY, "cursor": CANARY}, headers=headers)
    await client_for(f"{CANARY}.{CANARY}.{CANARY}").get("widgets")
    # A constraint that nobody has explained is a bug, and is logged as one.
    monkeypatch.setattr("app.http.exception_handlers.violated_constraint", lambda *_: "")
    broken = AsyncClient(
        transport=ASGITransport(app), base_url="http://api.test/v1/", headers=client.headers
    )
    assert (await broken.post("widgets", json=body)).status_code == 500
    await broken.aclose()

    ours = [r for r in caplog.records if r.name.split(".")[0] in ("app", "sqlalchemy", "fastapi")]
    lines = "\n".join(JsonFormatter().format(record) for record in ours)
    assert "unhandled error" in lines
    assert CANARY not in lines
    assert token not in lines


def test_every_test_that_the_threat_table_names_exists():
    tests = Path(__file__).parent
    named = set(re.findall(r"test_\w+\.py", (tests.parent / "SECURITY.md").read_text()))

    assert named
    assert named <= {path.name for path in tests.rglob("test_*.py")}
