"""Moments of callers: in UTC they are within the years 1 to 9999, or are refused with 422."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.column_types import UtcDateTime
from app.http import exception_handlers
from app.http.routing import APIRouter
from app.types import Body, Moment

OUTSIDE = [
    "0001-01-01T00:00:00+00:01", "0001-01-01T13:59:59.999999+14:00", "0001-01-01T23:58:00+23:59",
    "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:59.999999-14:00", "9999-12-31T00:01:00-23:59",
]  # fmt: skip
INSIDE = {
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "0001-01-01T00:00:00-14:00": datetime(1, 1, 1, 14, tzinfo=UTC),
    "9999-12-31T23:59:59.999999Z": datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
    "9999-12-31T23:59:59+14:00": datetime(9999, 12, 31, 9, 59, 59, tzinfo=UTC),
    "2026-01-01T00:30:00+14:00": datetime(2025, 12, 31, 10, 30, tzinfo=UTC),
}
NONE = ["2026-01-01T00:00:00", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "", "1e400"]
STORED = select(bindparam("at", type_=UtcDateTime).label("at"))


class Event(Body):
    at: Moment


router = APIRouter()


@router.post("/body")
async def take_body(event: Event) -> datetime:
    return event.at


@router.post("/query")
async def take_query(at: Moment) -> datetime:
    return at


@pytest.fixture
async def caller(app: FastAPI):
    """A caller of an application whose operations take moments, stored or not."""
    mine = FastAPI()
    exception_handlers.install(mine)
    mine.include_router(router)

    @mine.post("/read")
    async def read(at: datetime) -> datetime:
        return (await app.state.database.read.first(STORED, {"at": at})).at

    @mine.post("/session")
    async def session(at: datetime) -> datetime | None:
        async with AsyncSession(app.state.database.write) as session, session.begin():
            return await session.scalar(STORED, {"at": at})

    async with AsyncClient(transport=ASGITransport(mine), base_url="http://api.test") as client:
        yield client


async def send(caller: AsyncClient, way: str, at: str):
    if way == "body":
        return await caller.post("/body", json={"at": at})
    return await caller.post(f"/{way}", params={"at": at})


WAYS = pytest.mark.parametrize("way", ["body", "query", "read", "session"])


@WAYS
@pytest.mark.parametrize("at", OUTSIDE)
async def test_one_outside_the_calendar_is_422(caller, way, at, record_property):
    response = await send(caller, way, at)

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "datetime_range"
    record_property("moments outside the calendar", 1)


@WAYS
@pytest.mark.parametrize("at", INSIDE)
async def test_one_within_it_comes_back_in_utc(caller, way, at):
    response = await send(caller, way, at)

    assert response.status_code == 200
    assert response.json().endswith("Z")
    assert datetime.fromisoformat(response.json()) == INSIDE[at]


@pytest.mark.parametrize("way", ["body", "query"])
@pytest.mark.parametrize("at", NONE)
async def test_a_text_that_is_none_is_422(caller, way, at):
    assert (await send(caller, way, at)).status_code == 422


async def test_one_without_a_zone_is_taken_to_be_in_utc(app):
    east = timezone(timedelta(hours=2))

    for at in (datetime(2026, 1, 1, 10), datetime(2026, 1, 1, 12, tzinfo=east)):  # noqa: DTZ001
        row = await app.state.database.read.first(STORED, {"at": at})
        assert row.at == datetime(2026, 1, 1, 10, tzinfo=UTC)
