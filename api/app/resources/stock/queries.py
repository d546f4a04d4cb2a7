"""Every SELECT of stock movements."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, bindparam, exists, insert, select, update

from app.database.model import next_version
from app.database.read_pool import Reader
from app.http.listings import Filter, Sort, list_table
from app.http.one_statement import KEYS, claim, given, store_answer
from app.http.page_query import PageQuery
from app.resources.products.models import MAX_STOCK, Product
from app.resources.stock.models import StockMovement

MOVEMENTS: Any = StockMovement.__table__
PRODUCTS: Any = Product.__table__
COLUMNS = MOVEMENTS.columns
OF_PRODUCT = StockMovement.product_id == bindparam("product_id")
BY_ID = select(*COLUMNS).where(OF_PRODUCT, StockMovement.id == bindparam("id"))


async def get_movement(reader: Reader, product_id: UUID, movement_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(BY_ID, {"product_id": product_id, "id": movement_id})


@cache
def movement(with_key: bool) -> Executable:
    """Return the statement: lock the product, check, change stock and version, append, store.

    Its one row is (stock, stock_after, done); ``stock`` is None if there is no such product.
    """
    quantity = bindparam("quantity", type_=COLUMNS.quantity.type)
    found = select(PRODUCTS.c.id, PRODUCTS.c.stock).where(
        PRODUCTS.c.id == bindparam("product_id", type_=PRODUCTS.c.id.type)
    )
    if with_key:
        found = found.where(claim().c.setting.is_not(None))
    locked = found.with_for_update(of=PRODUCTS, key_share=True).cte("locked")
    stock = locked.c.stock + quantity
    moved = (
        update(PRODUCTS)
        .where(PRODUCTS.c.id == locked.c.id, stock.between(0, MAX_STOCK))
        .values(
            stock=stock,
            version=next_version(PRODUCTS.c.version),
            updated_at=bindparam("created_at", type_=PRODUCTS.c.updated_at.type),
        )
        .returning(PRODUCTS.c.id, PRODUCTS.c.stock)
        .cte("moved")
    )
    from_moved = {"product_id": moved.c.id, "stock_after": moved.c.stock}
    row = select(*(from_moved.get(c.key, given(c)) for c in COLUMNS)).select_from(moved)
    appended = (
        insert(MOVEMENTS)
        .from_select([c.key for c in COLUMNS], row)
        .returning(COLUMNS.stock_after)
        .cte("appended")
    )
    steps = [appended]
    if with_key:
        stored = store_answer(appended, {"stock_after": appended.c.stock_after})
        steps.append(stored.returning(KEYS.c.status).cte("stored"))
    before = select(locked.c.stock).scalar_subquery()
    after = select(appended.c.stock_after).scalar_subquery()
    done = exists(select(1).select_from(steps[-1]))
    return select(before.label("stock"), after.label("stock_after"), done.label("done"))


LISTING = list_table(
    StockMovement,
    PageQuery,
    sorts={"created_at": Sort(StockMovement.created_at)},
    filters={"product_id": Filter(OF_PRODUCT)},
    fixed=["product_id"],
)
