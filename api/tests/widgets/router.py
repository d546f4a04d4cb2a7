"""HTTP of widgets: each way in which the rooms beneath are used, once."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Response

from app.database.inserts import new_row
from app.database.rows import lock_row
from app.http.auth import requires
from app.http.etags import IfNoneMatch, created, reply, reply_if_changed
from app.http.pagination import ListDep
from app.http.problems import (
    CREATE_PROBLEMS,
    READ_PROBLEMS,
    WRITE_PROBLEMS,
    Conflict,
    FieldProblem,
    NotFound,
    TooLarge,
    responses,
)
from app.http.routing import APIRouter
from app.http.rows import row_or_404
from app.http.writes import Change, WriteDep, row_change
from tests.widgets import models, queries
from tests.widgets.schemas import (
    MAX_SIZE,
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
get_change = row_change(models.Widget, "widget", represent, "widgets:read")
WidgetId = Annotated[UUID, Path(description="The widget.")]
RowDep = Annotated[Any, Depends(get_row)]
ChangeDep = Annotated[Change, Depends(get_change)]


@router.get("", response_model=WidgetPage, dependencies=[READ])
async def list_widgets(query: Annotated[WidgetQuery, Query()], lists: ListDep) -> Response:
    """List widgets."""
    return await lists.reply(queries.LISTING, query, represent)


@router.post(
    "", status_code=201, response_model=Widget, dependencies=[WRITE], responses=CREATE_PROBLEMS
)
async def create_widget(body: WidgetCreate, write: WriteDep) -> Response:
    """Create a widget; its code must be free."""
    row = new_row(models.Widget, body.model_dump())
    answer = created(represent(row), f"/v1/widgets/{row.id}")
    return await write.insert(models.Widget, row, answer)


@router.get("/{widget_id}", response_model=Widget, dependencies=[READ], responses=READ_PROBLEMS)
async def read_widget(row: RowDep, if_none_match: IfNoneMatch = None) -> Response:
    """Read one widget."""
    return reply_if_changed(represent(row), if_none_match)


@router.patch("/{widget_id}", response_model=Widget, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def update_widget(change: ChangeDep, body: WidgetUpdate) -> Response:
    """Change the fields that are sent."""
    row = await change.update(body.model_dump())
    return reply(represent(row))


@router.put(
    "/{widget_id}/color", response_model=Widget, dependencies=[WRITE], responses=WRITE_PROBLEMS
)
async def update_widget_color(change: ChangeDep, body: WidgetColorUpdate) -> Response:
    """Give it another color."""
    row = await change.update({"color": body.color})
    return reply(represent(row))


@router.post(
    "/{widget_id}/growth", response_model=Widget, dependencies=[WRITE],
    responses=responses(NotFound, Conflict, TooLarge),
)  # fmt: skip
async def grow_widget(widget_id: WidgetId, body: WidgetGrowth, write: WriteDep) -> Response:
    """Make it larger: an effect that adds up, so that one too many shows."""
    async with write.transaction() as (session, guard):
        if not (widget := await lock_row(session, models.Widget, widget_id)):
            raise NotFound("No such widget.")
        widget.size += body.by
        if widget.size > MAX_SIZE:
            detail = f"No widget is larger than {MAX_SIZE}."
            raise Conflict(errors=[FieldProblem(pointer="#/by", code="full", detail=detail)])
        await session.flush()
        return await guard.store(reply(represent(widget)))


@router.delete("/{widget_id}", status_code=204, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def delete_widget(change: ChangeDep) -> None:
    """Delete a widget."""
    await change.delete()
