"""HTTP of stock movements: a resource below another one."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from app.database.inserts import new_row
from app.http.auth import PrincipalDep, requires
from app.http.dependencies import ReaderDep
from app.http.etags import IfNoneMatch, created, reply_if_changed
from app.http.idempotency import UNKNOWN
from app.http.page_query import PageQuery
from app.http.pagination import ListDep
from app.http.problems import Conflict, NotFound, TooLarge, responses
from app.http.routing import APIRouter
from app.http.writes import WriteDep
from app.resources.products.router import ProductRowDep
from app.resources.stock import models, queries, service
from app.resources.stock.schemas import (
    StockMovement,
    StockMovementCreate,
    StockMovementPage,
    represent,
)

TAG = {"name": "stock", "description": "Pieces of a product that came or went."}
router = APIRouter(prefix="/v1/products/{product_id}/stock-movements", tags=["stock"])
READ, WRITE = requires("stock:read"), requires("stock:write")

ProductId = Annotated[UUID, Path(description="The product.")]
MovementId = Annotated[UUID, Path(description="The stock movement.")]


@router.get(
    "", response_model=StockMovementPage, dependencies=[READ], responses=responses(NotFound)
)
async def list_stock_movements(
    product: ProductRowDep, query: Annotated[PageQuery, Query()], lists: ListDep
) -> Response:
    """List a product's stock movements, the newest first."""
    return await lists.reply(
        queries.LISTING, query, represent, sort="-created_at", product_id=product.id
    )


@router.post(
    "", status_code=201, response_model=StockMovement, dependencies=[WRITE],
    responses=responses(NotFound, Conflict, TooLarge),
)  # fmt: skip
async def create_stock_movement(
    product_id: ProductId, body: StockMovementCreate, write: WriteDep, principal: PrincipalDep
) -> Response:
    """Record that pieces came or went; stock never goes below zero."""
    quantity = service.signed_quantity(body)
    movement = new_row(
        models.StockMovement,
        {
            "product_id": product_id,
            "quantity": quantity,
            "reason": body.reason,
            "note": body.note,
            "stock_after": UNKNOWN,
            "recorded_by": principal.subject,
        },
    )
    location = f"/v1/products/{product_id}/stock-movements/{movement.id}"
    answer = created(represent(movement), location)
    pointer = "#/quantity" if "quantity" in body.model_fields_set else "#/pieces"
    movement.stock_after = await service.record_movement(write, movement, answer, pointer)
    return created(represent(movement), location)


@router.get(
    "/{movement_id}", response_model=StockMovement, dependencies=[READ],
    responses=responses(NotFound),
)  # fmt: skip
async def read_stock_movement(
    product_id: ProductId,
    movement_id: MovementId,
    reader: ReaderDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Read one stock movement."""
    if row := await queries.get_movement(reader, product_id, movement_id):
        return reply_if_changed(represent(row), if_none_match, version=1)  # it never changes
    raise NotFound("No such stock movement.")
