"""HTTP of categories."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response

from app.database.inserts import new_row
from app.http.auth import requires
from app.http.etags import IfNoneMatch, created, reply, reply_if_changed
from app.http.pagination import ListDep
from app.http.problems import CREATE_PROBLEMS, READ_PROBLEMS, WRITE_PROBLEMS
from app.http.routing import APIRouter
from app.http.rows import row_or_404
from app.http.writes import Change, WriteDep, row_change
from app.resources.categories import models, queries
from app.resources.categories.schemas import (
    Category,
    CategoryCreate,
    CategoryPage,
    CategoryQuery,
    CategoryUpdate,
    represent,
)

TAG = {"name": "categories", "description": "Shelves for products."}
router = APIRouter(prefix="/v1/categories", tags=["categories"])
READ, WRITE = requires("categories:read"), requires("categories:write")

get_row = row_or_404(models.Category, "category")
get_change = row_change(models.Category, "category", represent, "categories:read")
RowDep = Annotated[Any, Depends(get_row)]
ChangeDep = Annotated[Change, Depends(get_change)]


@router.get("", response_model=CategoryPage, dependencies=[READ])
async def list_categories(query: Annotated[CategoryQuery, Query()], lists: ListDep) -> Response:
    """List categories; `q` is part of the name, in any case."""
    return await lists.reply(queries.LISTING, query, represent)


@router.post(
    "", status_code=201, response_model=Category, dependencies=[WRITE], responses=CREATE_PROBLEMS
)
async def create_category(body: CategoryCreate, write: WriteDep) -> Response:
    """Create a category; its name must be free."""
    row = new_row(models.Category, body.model_dump())
    answer = created(represent(row), f"/v1/categories/{row.id}")
    return await write.insert(models.Category, row, answer)


@router.get("/{category_id}", response_model=Category, dependencies=[READ], responses=READ_PROBLEMS)
async def read_category(row: RowDep, if_none_match: IfNoneMatch = None) -> Response:
    """Read one category."""
    return reply_if_changed(represent(row), if_none_match)


@router.patch(
    "/{category_id}", response_model=Category, dependencies=[WRITE], responses=WRITE_PROBLEMS
)
async def update_category(change: ChangeDep, body: CategoryUpdate) -> Response:
    """Change the fields that are sent."""
    row = await change.update(body.model_dump())
    return reply(represent(row))


@router.delete("/{category_id}", status_code=204, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def delete_category(change: ChangeDep) -> None:
    """Delete a category that no product uses."""
    await change.delete()
