"""/v1 and /v2 of a resource side by side, as docs/recipes/new-version-of-a-resource.md says."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query, Response
from httpx2 import ASGITransport, AsyncClient
from openapi_spec_validator import validate

from app.http.etags import reply_if_changed
from app.http.pagination import ListDep, Page
from app.http.problems import READ_PROBLEMS
from app.http.routing import APIRouter
from app.main import create_app
from app.settings import Settings
from app.types import Schema, Version
from conftest import make_token
from tests import widgets
from tests.documents import differences
from tests.widgets import queries
from tests.widgets.factory import make_widget
from tests.widgets.router import READ, RowDep
from tests.widgets.schemas import Name, WidgetQuery

SUNSET = "2030-01-31"
router = APIRouter(prefix="/v2/widgets", tags=["widgets"])


class WidgetV2(Schema):
    """A widget whose `name` is its `title`: what no release of /v1 may do."""

    title: Name
    version: Version


class WidgetPageV2(Page[WidgetV2]):
    """Part of the list of widgets."""


def represent(row: Any) -> dict[str, Any]:
    """Return a row as a WidgetV2."""
    return {"title": row.name, "version": row.version}


@router.get("", response_model=WidgetPageV2, dependencies=[READ])
async def list_widgets_v2(query: Annotated[WidgetQuery, Query()], lists: ListDep) -> Response:
    """List widgets."""
    return await lists.reply(queries.LISTING, query, represent)


@router.get("/{widget_id}", response_model=WidgetV2, dependencies=[READ], responses=READ_PROBLEMS)
async def read_widget_v2(row: RowDep) -> Response:
    """Read one widget."""
    return reply_if_changed(represent(row), None)


def describe(document: dict[str, Any]) -> None:
    """Announce the end of /v1."""
    for path, item in document["paths"].items():
        if path.startswith("/v1/widgets"):
            for operation in item.values():
                operation |= {"deprecated": True, "x-sunset": SUNSET}


def both() -> Any:
    """The resource with both routers, as its `__init__` names them."""
    routers = APIRouter()
    for each in (widgets.router, router):
        routers.include_router(each)
    return SimpleNamespace(
        TAG=widgets.TAG, CONSTRAINTS=widgets.CONSTRAINTS, router=routers, describe=describe
    )


@pytest.fixture
async def client(settings: Settings, app: FastAPI, empty: None) -> AsyncIterator[AsyncClient]:
    """A caller of an application that serves both; `app` has the tables."""
    served = create_app(settings, [both()])
    async with (
        served.router.lifespan_context(served),
        AsyncClient(
            transport=ASGITransport(served),
            base_url="http://api.test/v1/",
            headers={"Authorization": f"Bearer {make_token()}"},
        ) as caller,
    ):
        yield caller


async def test_both_serve_the_same_rows_in_their_own_words(client: AsyncClient):
    made = await make_widget(client, name="Gear")

    old = (await client.get(f"http://api.test/v1/widgets/{made['id']}")).json()
    new = (await client.get(f"http://api.test/v2/widgets/{made['id']}")).json()
    listed = (await client.get("http://api.test/v2/widgets", params={"q": "gear"})).json()

    assert old == made
    assert new == {"title": "Gear", "version": 1}
    assert listed["items"] == [new]


@pytest.mark.any_engine
async def test_v2_wants_a_token_too(client: AsyncClient):
    response = await client.get("http://api.test/v2/widgets", headers={"Authorization": ""})

    assert response.status_code == 401


@pytest.mark.any_engine
def test_one_document_has_both_and_v1_has_its_end_beside_what_it_had(settings: Settings):
    before = create_app(settings, [widgets]).openapi()
    document = create_app(settings, [both()]).openapi()

    validate(document)
    assert document["paths"]["/v2/widgets"]["get"]["operationId"] == "list_widgets_v2"
    lines = differences(document, before)
    marks = [line for line in lines if "/deprecated: only" in line or "/x-sunset: only" in line]
    new = [line for line in lines if "V2: only" in line or "#/paths//v2/" in line]
    assert len(marks) == 2 * sum(len(i) for p, i in before["paths"].items() if "widgets" in p)
    assert set(lines) == {*marks, *new}
