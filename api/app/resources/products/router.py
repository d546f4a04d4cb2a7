"""HTTP of products: the fullest resource (filters, money, state, bulk)."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from app.database.inserts import money_columns, new_row
from app.http.auth import allows, requires
from app.http.etags import IfNoneMatch, created, reply, reply_if_changed
from app.http.idempotency import Replay
from app.http.pagination import ListDep
from app.http.problems import CREATE_PROBLEMS, READ_PROBLEMS, WRITE_PROBLEMS, MethodNotAllowed
from app.http.routing import APIRouter
from app.http.rows import row_or_404
from app.http.writes import Change, WriteDep, row_change
from app.resources.products import models, queries, service
from app.resources.products.schemas import (
    Product,
    ProductBatch,
    ProductBatchResult,
    ProductCreate,
    ProductPage,
    ProductQuery,
    ProductStatusUpdate,
    ProductUpdate,
    hide_current,
    represent,
    represent_batch,
)

TAG = {"name": "products", "description": "Articles for sale."}
router = APIRouter(prefix="/v1/products", tags=["products"])
READ, WRITE = requires("products:read"), requires("products:write")

get_row = row_or_404(models.Product, "product")
get_change = row_change(models.Product, "product", represent, "products:read")
ProductRowDep = Annotated[Any, Depends(get_row)]
ProductChangeDep = Annotated[Change, Depends(get_change)]


@router.get("", response_model=ProductPage, dependencies=[READ])
async def list_products(query: Annotated[ProductQuery, Query()], lists: ListDep) -> Response:
    """List products; `q` is part of the name or of the SKU, in any case."""
    return await lists.reply(queries.LISTING, query, represent)


@router.post(
    "", status_code=201, response_model=Product, dependencies=[WRITE],
    responses=CREATE_PROBLEMS,
)  # fmt: skip
async def create_product(body: ProductCreate, write: WriteDep) -> Response:
    """Create a product; its SKU must be free."""
    row = new_row(models.Product, money_columns(body.model_dump(), "price"))
    answer = created(represent(row), f"/v1/products/{row.id}")
    return await write.insert(models.Product, row, answer)


@router.post(
    "/bulk", response_model=ProductBatchResult, dependencies=[WRITE],
    responses=CREATE_PROBLEMS,
)  # fmt: skip
async def upsert_products(request: Request, body: ProductBatch, write: WriteDep) -> Response:
    """Create or update up to 500 products, found by their SKU; what an item leaves out stays.

    A batch that is not what this contract says is refused as a whole. Otherwise each item has its
    own outcome: one that fails (an unknown category, a status that is no next step, a stale
    `version`, a SKU that is twice in the batch) keeps none of the others from being stored. Stock
    is not touched.
    """
    may_read = allows(request, "products:read")
    try:
        async with write.transaction() as (session, guard):
            outcomes = await service.upsert_products(session, body.items)
            return await guard.store(reply(represent_batch(body.items, outcomes, may_read)))
    except Replay as before:
        if not may_read:  # this token may be another one than the answer was given to
            before.change_body(hide_current)
        raise


@router.api_route("/bulk", methods=["GET", "PATCH", "DELETE"], include_in_schema=False)
async def refuse_other_methods_of_bulk() -> None:
    """Keep the paths below from taking `bulk` for a product's id."""
    raise MethodNotAllowed(headers={"Allow": "POST"})


@router.get("/{product_id}", response_model=Product, dependencies=[READ], responses=READ_PROBLEMS)
async def read_product(row: ProductRowDep, if_none_match: IfNoneMatch = None) -> Response:
    """Read one product."""
    return reply_if_changed(represent(row), if_none_match)


@router.patch(
    "/{product_id}", response_model=Product, dependencies=[WRITE], responses=WRITE_PROBLEMS
)
async def update_product(change: ProductChangeDep, body: ProductUpdate) -> Response:
    """Change the fields that are sent."""
    row = await change.update(money_columns(body.model_dump(), "price"))
    return reply(represent(row))


@router.put(
    "/{product_id}/status", response_model=Product, dependencies=[WRITE], responses=WRITE_PROBLEMS
)
async def update_product_status(change: ProductChangeDep, body: ProductStatusUpdate) -> Response:
    """Publish, archive or bring back; the product's `next_statuses` are the steps allowed."""
    row = await service.change_status(change, body.status)
    return reply(represent(row))


@router.delete("/{product_id}", status_code=204, dependencies=[WRITE], responses=WRITE_PROBLEMS)
async def delete_product(change: ProductChangeDep) -> None:
    """Delete a product that has no stock movements; archive one that has."""
    await change.delete()
