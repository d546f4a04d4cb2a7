"""The rules of stock: what a movement adds, and that stock never goes below zero."""

from types import SimpleNamespace
from typing import Any

from pydantic import MISSING
from sqlalchemy import insert

from app.database.rows import lock_row
from app.http.problems import Conflict, FieldProblem, Invalid, NotFound
from app.http.writes import Write
from app.resources.products.models import MAX_STOCK, Product
from app.resources.stock import queries
from app.resources.stock.models import StockDirection, StockReason
from app.resources.stock.schemas import StockMovementCreate

# Which way pieces go; with another reason the caller says it.
DIRECTIONS = {
    StockReason.RECEIVED: StockDirection.IN,
    StockReason.SOLD: StockDirection.OUT,
    StockReason.RETURNED: StockDirection.IN,
}


def signed_quantity(body: StockMovementCreate) -> int:
    """Return what a movement adds to the stock: less than 0 when pieces go.

    Raises:
        Invalid: it has neither pieces nor quantity, or not one direction.
    """
    if body.pieces is not MISSING:
        direction = DIRECTIONS.get(body.reason)
        if direction is None:
            if body.direction is MISSING:
                raise _invalid("direction", "missing", "Say whether the pieces came or went.")
            direction = body.direction
        quantity = body.pieces if direction is StockDirection.IN else -body.pieces
    elif body.quantity is not MISSING:
        direction = StockDirection.IN if body.quantity > 0 else StockDirection.OUT
        quantity = body.quantity
    else:
        raise _invalid("pieces", "missing", "Field required")
    if body.direction not in (MISSING, direction):
        raise _invalid("direction", "differs", f"These pieces go {direction}.")
    return quantity


def _invalid(name: str, code: str, detail: str) -> Invalid:
    return Invalid(errors=[FieldProblem(pointer=f"#/{name}", code=code, detail=detail)])


async def record_movement(
    write: Write, movement: SimpleNamespace, answer: Any, pointer: str
) -> int:
    """Append a movement and change the product's stock; return the stock after it.

    The product's row is locked first, so two sales cannot both take the last piece. ``answer`` has
    ``UNKNOWN`` in place of the stock; ``pointer`` is where the body says how many.
    """
    if not write.is_statement:
        return await _in_transaction(write, movement, answer, pointer)
    statement = queries.movement(write.key is not None)
    row = await write.run(statement, vars(movement), answer)
    if row is None or row.stock is None:
        raise NotFound("No such product.")
    if not row.done:
        raise _refusal(row.stock, movement.quantity, pointer)
    return int(row.stock_after)


async def _in_transaction(
    write: Write, movement: SimpleNamespace, answer: Any, pointer: str
) -> int:
    async with write.transaction() as (session, guard):
        product = await lock_row(session, Product, movement.product_id)
        if product is None:
            raise NotFound("No such product.")
        stock: int = product.stock + movement.quantity
        if not 0 <= stock <= MAX_STOCK:
            raise _refusal(product.stock, movement.quantity, pointer)
        product.stock = stock
        await session.flush()
        row = vars(movement) | {"stock_after": stock}
        await session.execute(insert(queries.MOVEMENTS), row)
        await guard.store(answer, stock_after=stock)
        return stock


def _refusal(stock: int, quantity: int, pointer: str) -> Conflict:
    code, detail = "full", f"Stock cannot be more than {MAX_STOCK}."
    if quantity < 0:
        code, detail = "short", f"Only {stock} in stock."
    return Conflict(errors=[FieldProblem(pointer=pointer, code=code, detail=detail)])
