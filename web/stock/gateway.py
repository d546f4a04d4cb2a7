"""API calls of the stock pages."""

from typing import Any
from uuid import UUID

from msgspec import convert

from client import operations
from client.models import Product, StockMovement, StockMovementCreate, StockMovementPage
from core.api import Api
from core.lists import ListQuery


def list_stock_movements(api: Api, product_id: UUID | str, query: ListQuery) -> StockMovementPage:
    """Return one page, newest first."""
    cursor = query.get("cursor")
    call = operations.list_stock_movements(product_id=product_id, limit=20, cursor=cursor)
    return api.send(call)


def create_stock_movement(
    api: Api, product_id: UUID, key: str, fields: dict[str, Any]
) -> StockMovement:
    """Record one, once for a key; Rejected when the stock would go below zero."""
    body = convert(fields, StockMovementCreate)
    call = operations.create_stock_movement(product_id=product_id, idempotency_key=key, body=body)
    return api.send(call)


def read_product(api: Api, product_id: UUID) -> Product:
    """Return the product that the movements are of."""
    return api.send(operations.read_product(product_id=product_id))
