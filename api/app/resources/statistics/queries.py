"""Every statement of statistics: sums that the database makes, and the summary that stores them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database.column_types import UtcDateTime
from app.database.functions import day_of
from app.database.inserts import INSERT
from app.database.read_pool import Reader, Snapshot
from app.resources.categories.models import Category
from app.resources.products.models import Product, ProductStatus
from app.resources.statistics.models import Summary
from app.resources.stock.models import StockMovement
from app.types import Currency

BY_STATUS = (
    select(Product.status, func.count().label("number"))
    .group_by(Product.status)
    .order_by(Product.status)
)
# A price times a stock may exceed SQLite's 64 bits. So both are split in two, and the four partial
# products are summed apart. Each is below 2**35, so 2**28 rows fit.
PRICE_PART, STOCK_PART = 10**6, 2**15
WEIGHTS = (PRICE_PART * STOCK_PART, PRICE_PART, STOCK_PART, 1)
PRICES = Product.price_minor // PRICE_PART, Product.price_minor % PRICE_PART
STOCKS = Product.stock // STOCK_PART, Product.stock % STOCK_PART
VALUES = (
    select(Product.currency, *(func.sum(price * stock) for price in PRICES for stock in STOCKS))
    .group_by(Product.currency)
    .order_by(Product.currency)
)
OUT_OF_STOCK = select(func.count()).where(
    Product.status == ProductStatus.ACTIVE, Product.stock == 0
)
# Grouped before the join, so that only the names that are shown are looked up.
COUNTS = select(Product.category_id, func.count().label("number")).group_by(Product.category_id)
SIZES = COUNTS.subquery()
BY_CATEGORY = (
    select(SIZES.c.category_id, Category.name, SIZES.c.number)
    .outerjoin(Category, Category.id == SIZES.c.category_id)
    .order_by(SIZES.c.category_id.is_(None), SIZES.c.number.desc(), Category.name)
    .limit(100)
)
LOWEST_STOCK = (
    select(Product.id, Product.sku, Product.name, Product.stock)
    .where(Product.status == ProductStatus.ACTIVE)
    .order_by(Product.stock, Product.id)
    .limit(10)
)
DAY = day_of(StockMovement.created_at).label("day")
IN = case((StockMovement.quantity > 0, StockMovement.quantity), else_=0)
OUT = case((StockMovement.quantity < 0, -StockMovement.quantity), else_=0)
MOVEMENTS = (
    select(DAY, func.sum(IN).label("pieces_in"), func.sum(OUT).label("pieces_out"))
    .where(StockMovement.created_at >= bindparam("since", type_=UtcDateTime))
    .group_by(DAY)
    .order_by(DAY)
)


SUMMARY = select(*Summary.__table__.columns).where(Summary.release == bindparam("release"))


async def get_summary(reader: Reader, release: str) -> Row[Any] | None:
    """Return the row, or None."""
    row: Row[Any] | None = await reader.first(SUMMARY, {"release": release})
    return row


async def claim_summary(
    engine: AsyncEngine, release: str, seen: Row[Any] | None, until: datetime
) -> bool:
    """Claim the making of new statistics, if nobody has since the row was ``seen``; commit."""
    new = {"release": release, "body": "", "seconds": 0.0, "claimed_until": until}
    statement: Any = INSERT[engine.dialect.name](Summary).values(new).on_conflict_do_nothing()
    if seen:
        unchanged = Summary.release == release, Summary.claimed_until == seen.claimed_until
        statement = update(Summary).where(*unchanged).values(claimed_until=until)
    async with engine.begin() as connection:
        return bool((await connection.execute(statement)).rowcount)


async def store_summary(engine: AsyncEngine, release: str, values: Mapping[str, Any]) -> None:
    """Store what was made; commit. It never replaces a later one."""
    earlier = Summary.computed_at.is_(None) | (Summary.computed_at < values["computed_at"])
    statement = update(Summary).where(Summary.release == release, earlier).values(values)
    async with engine.begin() as connection:
        await connection.execute(statement)


async def release_claim(engine: AsyncEngine, release: str, moment: datetime) -> None:
    """Let others try, after a failure; commit."""
    statement = update(Summary).where(Summary.release == release).values(claimed_until=moment)
    async with engine.begin() as connection:
        await connection.execute(statement)


async def count_by_status(snapshot: Snapshot) -> Sequence[Row[Any]]:
    """Return (status, count)."""
    return await snapshot.all(BY_STATUS)


async def count_by_category(snapshot: Snapshot) -> Sequence[Row[Any]]:
    """Return (id, name, count), the largest first; both None for those without a category."""
    return await snapshot.all(BY_CATEGORY)


async def find_lowest_stock(snapshot: Snapshot) -> Sequence[Row[Any]]:
    """Return (id, sku, name, stock) of active products, the fewest first."""
    return await snapshot.all(LOWEST_STOCK)


async def sum_values(snapshot: Snapshot) -> list[tuple[Currency, int]]:
    """Return (currency, minor units), exact however large."""
    return [
        (currency, sum(int(part) * weight for part, weight in zip(parts, WEIGHTS, strict=True)))
        for currency, *parts in await snapshot.all(VALUES)
    ]


async def count_out_of_stock(snapshot: Snapshot) -> int:
    """Return how many active products have no piece left."""
    row = await snapshot.first(OUT_OF_STOCK)
    return int(row[0]) if row else 0


async def sum_movements(snapshot: Snapshot, since: datetime) -> Sequence[Row[Any]]:
    """Return (day, pieces in, pieces out), oldest first."""
    return await snapshot.all(MOVEMENTS, {"since": since})
