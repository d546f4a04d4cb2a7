"""Rules of products. Functions flush; the request commits."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.inserts import insert_or_lock, money_columns, new_row
from app.database.locks import wait_for_locks
from app.http.problems import Conflict, FieldProblem
from app.http.writes import Change
from app.resources.products import queries
from app.resources.products.models import Product, ProductStatus
from app.resources.products.schemas import ProductUpsert

MAY_BECOME = {
    status: or_(*(Product.status == each for each in ProductStatus if status in (each, *each.next)))
    for status in ProductStatus
}


async def change_status(change: Change, status: ProductStatus) -> Any:
    """Change the status if the step is allowed; the same status always is. Return the product."""
    row = await change.update({"status": status}, MAY_BECOME[status])
    if detail := _wrong_step(row.status, status):
        raise Conflict(errors=[FieldProblem(pointer="#/status", code="step", detail=detail)])
    return row


def _wrong_step(now: ProductStatus, then: ProductStatus) -> str:
    """Return why a step is not allowed; empty if it is."""
    allowed = then in (now, *now.next)
    return "" if allowed else f"A product that is {now} cannot become {then}."


class Outcome(NamedTuple):
    """What became of one item of a batch."""

    outcome: str
    id: UUID | None = None
    errors: Sequence[tuple[str, str, str]] = ()  # field, code, detail
    current: Row[Any] | None = None  # with a stale version
    changes: dict[str, Any] = {}


async def upsert_products(session: AsyncSession, items: Sequence[ProductUpsert]) -> list[Outcome]:
    """Create or update each product by SKU; return an outcome for each item, in order.

    An item that cannot be stored fails alone; so does each whose SKU is there twice. What an item
    leaves out stays, and one that equals what is stored changes nothing.
    """
    await wait_for_locks(session, 0)  # a batch waits for other batches as long as it takes
    batch = [
        money_columns(item.model_dump(), "price") for item in items
    ]  # without what was left out
    versions = [fields.pop("version", None) for fields in batch]
    wanted = {category for fields in batch if (category := fields.get("category_id"))}
    categories = await queries.lock_categories(session, wanted) if wanted else set()
    counts = Counter(fields["sku"] for fields in batch)
    errors = [_errors(fields, counts, categories) for fields in batch]
    rows = {
        fields["sku"]: vars(new_row(Product, fields))
        for fields, wrong in zip(batch, errors, strict=True)
        if not wrong
    }
    inserted = await insert_or_lock(session, Product, "sku", list(rows.values()))
    existing = {sku for sku, row in rows.items() if row["id"] not in inserted}
    products = await queries.find_products(session, existing) if existing else {}
    outcomes: list[Outcome] = []
    for fields, version, wrong in zip(batch, versions, errors, strict=True):
        sku = fields["sku"]
        if wrong:
            outcomes.append(Outcome("failed", errors=wrong))
        elif product := products.get(sku):
            outcomes.append(_compare(fields, version, product))
        else:
            outcomes.append(_created(rows[sku]["id"], version))
    await queries.change_products(
        session, {o.id: o.changes for o in outcomes if o.id and o.changes}
    )
    await queries.delete_products(session, inserted - {outcome.id for outcome in outcomes})
    return outcomes


def _errors(
    fields: dict[str, Any], counts: Mapping[str, int], categories: Collection[UUID]
) -> list[tuple[str, str, str]]:
    """Return the errors of an item that do not depend on the stored product."""
    errors = []
    if counts[fields["sku"]] > 1:
        errors.append(("sku", "repeated", "This SKU is more than once in the batch."))
    if fields.get("category_id") and fields["category_id"] not in categories:
        errors.append(("category_id", "unknown", "No such category."))
    return errors


def _created(product_id: UUID, version: int | None) -> Outcome:
    if version is None:
        return Outcome("created", product_id)
    return Outcome("failed", errors=[("version", "unknown", "No product has this SKU.")])


def _compare(fields: dict[str, Any], version: int | None, product: Row[Any]) -> Outcome:
    """Return what an item changes in the product that has its SKU."""
    if version not in (None, product.version):
        error = ("version", "stale", "It was changed since you read it.")
        return Outcome("failed", errors=[error], current=product)
    if detail := _wrong_step(product.status, fields.get("status", product.status)):
        return Outcome("failed", errors=[("status", "step", detail)])
    old = product._mapping
    changes = {name: fields.get(name, old[name]) for name in queries.CHANGING}
    if all(old[name] == value for name, value in changes.items()):
        return Outcome("unchanged", product.id)
    return Outcome("updated", product.id, changes=changes)
