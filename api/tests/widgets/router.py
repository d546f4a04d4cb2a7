"""HTTP of widgets: each way in which the rooms beneath are used, once."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from pydantic.json_schema import SkipJsonSchema

from app.database.locks import flush_new_key
from app.http.auth import requires
from app.http.creation import CreationDep
from app.http.dependencies import ReaderDep, SessionDep
from app.http.etags import IfNoneMatch, PreconditionDep, reply, reply_unless_known
from app.http.idempotency import IdempotencyDep
from app.http.pagination import PageDep, SearchDep, fetch_page, reply_page
from app.http.problems import WRITE_PROBLEMS, Conflict, NotFound, TooLarge, responses
from app.http.routing import APIRouter
from tests.widgets import models, queries
from tests.widgets.schemas import (
    Widget,
    WidgetColorUpdate,
    WidgetCreate,
    WidgetGrowth,
    WidgetPage,
    WidgetUpdate,
    represent,
)

TAG = {"name": "widgets", "description": "Something to test with."}
router = APIRouter(prefix="/v1/widgets", tags=["widgets"])
READ, WRITE = requires("widgets:read"), requires("widgets:write")

WidgetId = Annotated[UUID, Path(description="The widget.")]
WidgetSort = Annotated[
    str, queries.LISTING.sorts, Query(description="Order; `-` means descending.")
]


async def get_current(
    widget_id: WidgetId, session: SessionDep, if_match: PreconditionDep
) -> models.Widget:
    """Resolve the path for a write: the caller must have read this version."""
    if widget := await queries.lock_widget(session, widget_id):
        if_match.check(widget, represent(widget), "widgets:read")
        return widget
    raise NotFound("No such widget.")


CurrentWidgetDep = Annotated[models.Widget, Depends(get_current)]


@router.get("", response_model=WidgetPage, dependencies=[READ])
async def list_widgets(
    request: Request,
    reader: ReaderDep,
    page: PageDep,
    search: SearchDep,
    color: Annotated[
        models.Color | SkipJsonSchema[None], Query(description="Only of this color.")
    ] = None,
    sort: WidgetSort = "name",
) -> Response:
    """List widgets."""
    filters = {"q": search, "color": color}
    found = await fetch_page(reader, queries.LISTING, sort, page, filters, represent)
    return reply_page(request, page, found)


@router.post(
    "", status_code=201, response_model=Widget, dependencies=[WRITE],
    responses=responses(Conflict, TooLarge),
)  # fmt: skip
async def create_widget(body: WidgetCreate, creation: CreationDep) -> Response:
    """Create a widget; its code must be free."""
    return await creation.store(
        models.Widget,
        body.model_dump(),
        lambda row: reply(represent(row), status=201, location=f"/v1/widgets/{row.id}"),
    )


@router.get(
    "/{widget_id}", response_model=Widget, dependencies=[READ], responses=responses(NotFound)
)
async def read_widget(
    widget_id: WidgetId, reader: ReaderDep, if_none_match: IfNoneMatch = None
) -> Response:
    """Read one widget."""
    if row := await queries.get_widget(reader, widget_id):
        return reply_unless_known(represent(row), if_none_match)
    raise NotFound("No such widget.")


@router.patch("/{widget_id}", response_model=Widget, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def update_widget(
    widget: CurrentWidgetDep, body: WidgetUpdate, session: SessionDep
) -> Response:
    """Change the fields that are sent."""
    for name, value in body.model_dump().items():
        setattr(widget, name, value)
    await flush_new_key(session)
    return reply(represent(widget))


@router.put(
    "/{widget_id}/color", response_model=Widget, dependencies=[WRITE], responses=WRITE_PROBLEMS
)
async def update_widget_color(
    widget: CurrentWidgetDep, body: WidgetColorUpdate, session: SessionDep
) -> Response:
    """Give it another color."""
    widget.color = body.color
    await session.flush()
    return reply(represent(widget))


@router.post(
    "/{widget_id}/growth", response_model=Widget, dependencies=[WRITE],
    responses=responses(NotFound, Conflict, TooLarge),
)  # fmt: skip
async def grow_widget(
    widget_id: WidgetId, body: WidgetGrowth, session: SessionDep, guard: IdempotencyDep
) -> Response:
    """Make it larger: an effect that adds up, so that one too many shows."""
    if not (widget := await queries.lock_widget(session, widget_id)):
        raise NotFound("No such widget.")
    widget.size += body.by
    await session.flush()
    return await guard.store(reply(represent(widget)))


@router.delete("/{widget_id}", status_code=204, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def delete_widget(widget: CurrentWidgetDep, session: SessionDep) -> None:
    """Delete a widget."""
    await session.delete(widget)
    await session.flush()
