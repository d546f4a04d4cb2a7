"""HTTP of categories: the smallest complete resource, and the one to copy."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from app.database.locks import flush_new_key
from app.http.auth import requires
from app.http.creation import CreationDep
from app.http.dependencies import ReaderDep, SessionDep
from app.http.etags import IfNoneMatch, PreconditionDep, reply, reply_unless_known
from app.http.pagination import PageDep, SearchDep, fetch_page, reply_page
from app.http.problems import WRITE_PROBLEMS, Conflict, NotFound, TooLarge, responses
from app.http.routing import APIRouter
from app.resources.categories import models, queries
from app.resources.categories.schemas import (
    Category,
    CategoryCreate,
    CategoryPage,
    CategoryUpdate,
    represent,
)

TAG = {"name": "categories", "description": "Shelves for products."}
router = APIRouter(prefix="/v1/categories", tags=["categories"])
READ, WRITE = requires("categories:read"), requires("categories:write")

CategoryId = Annotated[UUID, Path(description="The category.")]
CategorySort = Annotated[
    str, queries.LISTING.sorts, Query(description="Order; `-` means descending.")
]


async def get_current(
    category_id: CategoryId, session: SessionDep, if_match: PreconditionDep
) -> models.Category:
    """Resolve the path for a write: the caller must have read this version."""
    if category := await queries.lock_category(session, category_id):
        if_match.check(category, represent(category), "categories:read")
        return category
    raise NotFound("No such category.")


CurrentCategoryDep = Annotated[models.Category, Depends(get_current)]


@router.get("", response_model=CategoryPage, dependencies=[READ])
async def list_categories(
    request: Request,
    reader: ReaderDep,
    page: PageDep,
    search: SearchDep,
    sort: CategorySort = "name",
) -> Response:
    """List categories; `q` is part of the name, in any case."""
    found = await fetch_page(reader, queries.LISTING, sort, page, {"q": search}, represent)
    return reply_page(request, page, found)


@router.post(
    "", status_code=201, response_model=Category, dependencies=[WRITE],
    responses=responses(Conflict, TooLarge),
)  # fmt: skip
async def create_category(body: CategoryCreate, creation: CreationDep) -> Response:
    """Create a category; its name must be free."""
    return await creation.store(
        models.Category,
        body.model_dump(),
        lambda row: reply(represent(row), status=201, location=f"/v1/categories/{row.id}"),
    )


@router.get(
    "/{category_id}", response_model=Category, dependencies=[READ], responses=responses(NotFound)
)
async def read_category(
    category_id: CategoryId, reader: ReaderDep, if_none_match: IfNoneMatch = None
) -> Response:
    """Read one category."""
    if row := await queries.get_category(reader, category_id):
        return reply_unless_known(represent(row), if_none_match)
    raise NotFound("No such category.")


@router.patch(
    "/{category_id}", response_model=Category, dependencies=[WRITE], responses=WRITE_PROBLEMS
)
async def update_category(
    category: CurrentCategoryDep, body: CategoryUpdate, session: SessionDep
) -> Response:
    """Change the fields that are sent."""
    for name, value in body.model_dump().items():
        setattr(category, name, value)
    await flush_new_key(session)
    return reply(represent(category))


@router.delete("/{category_id}", status_code=204, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def delete_category(category: CurrentCategoryDep, session: SessionDep) -> None:
    """Delete a category that no product uses."""
    await session.delete(category)
    await session.flush()
