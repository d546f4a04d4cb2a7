"""The rule of stock: it never goes below zero, whatever runs at the same time."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.database.rows import lock_row
from app.http.problems import Conflict, FieldProblem, NotFound
from app.resources.products.models import MAX_STOCK, Product
from app.resources.stock.models import StockMovement
from app.resources.stock.schemas import StockMovementCreate


async def record_movement(
    session: AsyncSession, product_id: UUID, body: StockMovementCreate, recorded_by: str
) -> StockMovement:
    """Append a movement and change the product's stock.

    The product's row is locked first, so two sales cannot both take the last piece.
    """
    product = await lock_row(session, Product, product_id)
    if product is None:
        raise NotFound("No such product.")
    stock = product.stock + body.quantity
    if stock < 0:
        _refuse("short", f"Only {product.stock} in stock.")
    if stock > MAX_STOCK:
        _refuse("full", f"Stock cannot be more than {MAX_STOCK}.")
    product.stock = stock
    movement = StockMovement(
        product_id=product_id,
        stock_after=stock,
        recorded_by=recorded_by,
        **body.model_dump(),
    )
    session.add(movement)
    await session.flush()
    return movement


def _refuse(code: str, detail: str) -> None:
    raise Conflict(errors=[FieldProblem(pointer="#/quantity", code=code, detail=detail)])
