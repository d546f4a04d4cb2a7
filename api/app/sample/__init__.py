"""The sample shop: categories, products and two months of stock history."""

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.engines import create_write_engine
from app.database.model import new_id, now
from app.resources.categories.models import Category
from app.resources.products.models import Product, ProductStatus
from app.resources.stock.models import StockMovement, StockReason
from app.settings import Settings
from app.types import Currency

HERE = Path(__file__).parent
RECORDED_BY = "sample"
HISTORY = timedelta(days=60)


async def seed(settings: Settings) -> str:
    """Add the sample to an empty database; return what happened in a few words."""
    count = await load(settings)
    return f"{count} sample products added" if count else "there are products already"


async def load(settings: Settings) -> int:
    """Add the sample to an empty database; return the number of products added."""
    engine = create_write_engine(settings)
    try:
        async with AsyncSession(engine) as session, session.begin():
            if await session.scalar(select(func.count()).select_from(Product)):
                return 0
            categories = {row["name"]: Category(**row) for row in _rows("categories.csv")}
            session.add_all(categories.values())
            await session.flush()
            products = [_product(row, categories) for row in _rows("products.csv")]
            session.add_all(products)
            await session.flush()
            for product in products:
                session.add_all(_history(product))
            return len(products)
    finally:
        await engine.dispose()


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _product(row: dict[str, str], categories: dict[str, Category]) -> Product:
    return Product(
        sku=row["sku"],
        name=row["name"],
        description=row["description"],
        price_minor=int(row["price_minor"]),
        currency=Currency.EUR,
        status=ProductStatus(row["status"]),
        category_id=categories[row["category"]].id if row["category"] else None,
        tags=row["tags"].split(),
        created_at=now() - HISTORY,
    )


def _history(product: Product) -> Iterator[StockMovement]:
    """Yield movements that end at the product's stock; always the same for an SKU."""
    if product.status is ProductStatus.DRAFT:
        return
    # The seed makes every first run the same.
    chance = random.Random(product.sku)  # noqa: S311
    moment = now() - HISTORY
    for step in range(chance.randint(4, 16)):
        moment += timedelta(days=60 / 17, minutes=chance.randint(0, 2000))
        reason, quantity = _movement(chance, product.stock or 0, step)
        yield _record(product, reason, quantity, min(moment, now()))


def _movement(chance: random.Random, stock: int, step: int) -> tuple[StockReason, int]:
    if step == 0 or stock < 4:
        return StockReason.RECEIVED, chance.randint(2, 8) * 6
    if chance.random() < 0.1:
        return StockReason.RETURNED, chance.randint(1, 2)
    if chance.random() < 0.08:
        return StockReason.ADJUSTED, -1
    return StockReason.SOLD, -chance.randint(1, max(1, stock // 2))


def _record(
    product: Product, reason: StockReason, quantity: int, moment: datetime
) -> StockMovement:
    product.stock = (product.stock or 0) + quantity
    return StockMovement(
        id=new_id(),
        product_id=product.id,
        quantity=quantity,
        reason=reason,
        note={StockReason.RECEIVED: "Delivery", StockReason.ADJUSTED: "Broken"}.get(reason, ""),
        stock_after=product.stock,
        recorded_by=RECORDED_BY,
        created_at=moment,
    )
