"""HTTP of widgets: each way in which the rooms beneath are used, once."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Response

from app.database.rows import delete_row, lock_row, update_row
from app.http.auth import requires
from app.http.creation import CreationDep
from app.http.dependencies import SessionDep
from app.http.etags import IfNoneMatch, created, reply, reply_if_changed
from app.http.idempotency import IdempotencyDep
from app.http.pagination import ListDep
from app.http.problems import (
    CREATE_PROBLEMS,
    READ_PROBLEMS,
    WRITE_PROBLEMS,
    Conflict,
    NotFound,
    TooLarge,
    responses,
)
from app.http.routing import APIRouter
from app.http.rows import current_row, row_or_404
from tests.widgets import models, queries
from tests.widgets.schemas import (
    Widget,
    WidgetColorUpdate,
    WidgetCreate,
    WidgetGrowth,
    WidgetPage,
    WidgetQuery,
    WidgetUpdate,
    represent,
)

TAG = {"name": "widgets", "description": "Something to test with."}
router = APIRouter(prefix="/v1/widgets", tags=["widgets"])
READ, WRITE = requires("widgets:read"), requires("widgets:write")

get_row = row_or_404(models.Widget, "widget")
get_current = current_row(models.Widget, "widget", represent, "widgets:read")
WidgetId = Annotated[UUID, Path(description="The widget.")]
RowDep = Annotated[Any, Depends(get_row)]
CurrentWidgetDep = Annotated[models.Widget, Depends(get_current)]


@router.get("", response_model=WidgetPage, dependencies=[READ])
async def list_widgets(query: Annotated[WidgetQuery, Query()], lists: ListDep) -> Response:
    """List widgets."""
    return await lists.reply(queries.LISTING, query, represent)


@router.post(
    "", status_code=201, response_model=Widget, dependencies=[WRITE], responses=CREATE_PROBLEMS
)
async def create_widget(body: WidgetCreate, creation: CreationDep) -> Response:
    """Create a widget; its code must be free."""
    async with creation as new:
        row = await new.insert(models.Widget, body.model_dump())
        return await new.store(created(represent(row), f"/v1/widgets/{row.id}"))


@router.get("/{widget_id}", response_model=Widget, dependencies=[READ], responses=READ_PROBLEMS)
async def read_widget(row: RowDep, if_none_match: IfNoneMatch = None) -> Response:
    """Read one widget."""
    return reply_if_changed(represent(row), if_none_match)


@router.patch("/{widget_id}", response_model=Widget, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def update_widget(
    widget: CurrentWidgetDep, body: WidgetUpdate, session: SessionDep
) -> Response:
    """Change the fields that are sent."""
    await update_row(session, widget, body.model_dump())
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
    if not (widget := await lock_row(session, models.Widget, widget_id)):
        raise NotFound("No such widget.")
    widget.size += body.by
    await session.flush()
    return await guard.store(reply(represent(widget)))


@router.delete("/{widget_id}", status_code=204, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def delete_widget(widget: CurrentWidgetDep, session: SessionDep) -> None:
    """Delete a widget."""
    await delete_row(session, widget)
