"""Rules of products. Functions flush and never commit: the transaction is the request's."""

from collections import Counter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Conflict, FieldProblem
from app.resources.products import queries
from app.resources.products.models import Product, ProductStatus
from app.resources.products.schemas import ProductBatch, ProductCreate


def columns(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a body's fields: a price takes two."""
    if price := fields.pop("price", None):
        fields |= {"price_minor": price["amount_minor"], "currency": price["currency"]}
    return fields


async def change_status(session: AsyncSession, product: Product, status: ProductStatus) -> None:
    """Take a step in the product's life, if it is allowed; to stand still always is."""
    if status == product.status:
        return
    if status not in product.status.next:
        detail = f"A product that is {product.status} cannot become {status}."
        raise Conflict(errors=[FieldProblem(pointer="#/status", code="step", detail=detail)])
    product.status = status
    await session.flush()


async def upsert_products(session: AsyncSession, batch: ProductBatch) -> list[dict[str, Any]]:
    """Create or update each product by SKU; return an outcome for each item, in order.

    An item that cannot be stored fails alone. One that equals what is stored changes nothing.
    """
    counts = Counter(item.sku for item in batch.items)
    wanted = {item.category_id for item in batch.items if item.category_id}
    categories = await queries.find_categories(session, wanted) if wanted else set()
    existing = await queries.lock_products(session, counts.keys())
    outcomes = []
    for number, item in enumerate(batch.items):
        product = existing.get(item.sku)
        errors = _errors(number, item, product, counts[item.sku] > 1, categories)
        outcome = "failed"
        if not errors:
            product, outcome = _store(session, product, item)
        outcomes.append({"sku": item.sku, "outcome": outcome, "product": product, "errors": errors})
    await session.flush()
    return outcomes


def _errors(
    number: int, item: ProductCreate, product: Product | None, repeated: bool, categories: set[Any]
) -> list[FieldProblem]:
    errors = []
    if repeated:
        errors.append(("sku", "repeated", "This SKU is more than once in the batch."))
    if item.category_id and item.category_id not in categories:
        errors.append(("category_id", "unknown", "No such category."))
    if product and item.status not in (product.status, *product.status.next):
        detail = f"A product that is {product.status} cannot become {item.status}."
        errors.append(("status", "step", detail))
    return [
        FieldProblem(pointer=f"#/items/{number}/{name}", code=code, detail=detail)
        for name, code, detail in errors
    ]


def _store(
    session: AsyncSession, product: Product | None, item: ProductCreate
) -> tuple[Product, str]:
    fields = columns(item.model_dump())
    if product is None:
        product = Product(**fields)
        session.add(product)
        return product, "created"
    changed = {name: value for name, value in fields.items() if getattr(product, name) != value}
    for name, value in changed.items():
        setattr(product, name, value)
    return product, "updated" if changed else "unchanged"
