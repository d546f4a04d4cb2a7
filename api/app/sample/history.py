"""Two months of stock history of the sample's products; goes with ``app/resources/stock``."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from app.database.model import new_id, now
from app.resources.products.models import Product, ProductStatus
from app.resources.stock.models import StockMovement, StockReason

RECORDED_BY = "sample"


def movements(product: Product) -> Iterator[StockMovement]:
    """Yield movements that end at the product's stock; always the same for an SKU."""
    if product.status is ProductStatus.DRAFT:
        return
    # The seed makes every first run the same.
    chance = random.Random(product.sku)  # noqa: S311
    moment = product.created_at
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
