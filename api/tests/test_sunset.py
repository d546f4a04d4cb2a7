"""An operation that will go says so in each answer, wherever it is declared to go."""

import pytest
from fastapi import APIRouter
from httpx2 import ASGITransport, AsyncClient

from app.http.auth import requires
from app.main import create_app
from conftest import make_token

pytestmark = pytest.mark.any_engine

SUNSET = {"x-sunset": "2027-01-31"}
DAY = "Sun, 31 Jan 2027 00:00:00 GMT"
GOOD = {"Authorization": f"Bearer {make_token(scope='notes:read')}"}


def router(**options):
    notes = APIRouter(prefix="/v1/notes", dependencies=[requires("notes:read")])

    @notes.get("/{note_id}", **options)
    async def read_note(note_id: int) -> int:
        return note_id

    @notes.post("/{note_id}")
    async def write_note(note_id: int) -> int:
        return note_id

    return notes


async def ask(settings, where, method="GET", headers=GOOD, path="/v1/notes/1", **options):
    app = create_app(settings)
    app.include_router(router(**options), **where)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://api.test") as client:
        return (await client.request(method, path, headers=headers)).headers


@pytest.mark.parametrize(("where", "options", "sunset"), [
    ({}, {"deprecated": True, "openapi_extra": SUNSET}, DAY),
    ({}, {"deprecated": True}, None),
    ({"deprecated": True}, {"openapi_extra": SUNSET}, DAY),
])  # fmt: skip
async def test_its_answers_say_so(settings, where, options, sunset, record_property):
    headers = await ask(settings, where, **options)

    assert headers["deprecation"] == "@0"
    assert headers.get("sunset") == sunset
    record_property("ways to declare that an operation goes", 1)


@pytest.mark.parametrize(("method", "headers", "path"), [
    ("HEAD", GOOD, "/v1/notes/1"), ("GET", {}, "/v1/notes/1"), ("GET", GOOD, "/v1/notes/x"),
])  # fmt: skip
async def test_its_refusals_say_so_too(settings, method, headers, path):
    options = {"deprecated": True, "openapi_extra": SUNSET}

    assert (await ask(settings, {}, method, headers, path, **options))["sunset"] == DAY


async def test_what_stays_says_nothing(settings):
    options = {"deprecated": True, "openapi_extra": SUNSET}

    for headers in (await ask(settings, {}), await ask(settings, {}, "POST", **options)):
        assert "deprecation" not in headers
        assert "sunset" not in headers
