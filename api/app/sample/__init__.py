"""The sample shop: categories, products and two months of stock history."""

import csv
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.engines import create_write_engine
from app.database.model import now
from app.resources import NAMES
from app.resources.categories.models import Category
from app.resources.products.models import Product, ProductStatus
from app.settings import Settings
from app.types import Currency

HERE = Path(__file__).parent
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
            if "stock" in NAMES:
                history = import_module("app.sample.history")
                for product in products:
                    session.add_all(history.movements(product))
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
