"""The rule of stock: it never goes below zero, whatever runs at the same time."""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from app.database.rows import lock_row
from app.http.problems import Conflict, FieldProblem, NotFound
from app.http.writes import Write
from app.resources.products.models import MAX_STOCK, Product
from app.resources.stock import queries


async def record_movement(write: Write, movement: SimpleNamespace, answer: Any) -> int:
    """Append a movement and change the product's stock; return the stock after it.

    The product's row is locked first, so two sales cannot both take the last piece. ``answer`` has
    ``UNKNOWN`` in place of the stock.
    """
    if not write.is_statement:
        return await _in_transaction(write, movement, answer)
    statement = queries.movement(write.key is not None)
    row = await write.run(statement, vars(movement), answer)
    if row is None or row.stock is None:
        raise NotFound("No such product.")
    if not row.done:
        raise _refusal(row.stock, movement.quantity)
    return int(row.stock_after)


async def _in_transaction(write: Write, movement: SimpleNamespace, answer: Any) -> int:
    async with write.transaction() as (session, guard):
        product = await lock_row(session, Product, movement.product_id)
        if product is None:
            raise NotFound("No such product.")
        stock: int = product.stock + movement.quantity
        if not 0 <= stock <= MAX_STOCK:
            raise _refusal(product.stock, movement.quantity)
        product.stock = stock
        await session.flush()
        row = vars(movement) | {"stock_after": stock}
        await session.execute(insert(queries.MOVEMENTS), row)
        await guard.store(answer, stock_after=stock)
        return stock


def _refusal(stock: int, quantity: int) -> Conflict:
    code, detail = "full", f"Stock cannot be more than {MAX_STOCK}."
    if quantity < 0:
        code, detail = "short", f"Only {stock} in stock."
    return Conflict(errors=[FieldProblem(pointer="#/quantity", code=code, detail=detail)])
