"""What the product pages ask of the API; the only module here that calls operations."""

from typing import Any
from uuid import UUID

from msgspec import convert

from client import operations
from client.models import Product, ProductCreate, ProductPage, ProductStatusUpdate, ProductUpdate
from core.api import Api
from core.lists import ListQuery

MOST_CATEGORIES = 10  # pages of a hundred


def list_products(api: Api, query: ListQuery) -> ProductPage:
    """Return one page."""
    return api.send(
        operations.list_products(
            q=query.get("q"),
            status=query.get("status"),
            category_id=query.get("category_id"),
            tag=query.get("tag"),
            sort=query.get("sort"),
            cursor=query.get("cursor"),
        )
    )


def read_product(api: Api, product_id: UUID) -> Product:
    """Return one, or raise NotFound."""
    return api.send(operations.read_product(product_id=product_id))


def create_product(api: Api, key: str, fields: dict[str, Any]) -> Product:
    """Create one, once for a key; or raise Rejected."""
    body = convert(fields, ProductCreate)
    return api.send(operations.create_product(idempotency_key=key, body=body))


def update_product(api: Api, product_id: UUID, tag: str, fields: dict[str, Any]) -> Product:
    """Change the version that was seen, or raise Stale."""
    body = convert(fields, ProductUpdate)
    return api.send(operations.update_product(product_id=product_id, if_match=tag, body=body))


def update_product_status(api: Api, product_id: UUID, tag: str, fields: dict[str, Any]) -> Product:
    """Take the next step; Rejected when it is not allowed from here."""
    body = convert(fields, ProductStatusUpdate)
    call = operations.update_product_status(product_id=product_id, if_match=tag, body=body)
    return api.send(call)


def delete_product(api: Api, product_id: UUID, tag: str) -> None:
    """Delete it; Rejected when stock movements name it."""
    api.send(operations.delete_product(product_id=product_id, if_match=tag))


def list_category_choices(api: Api) -> list[tuple[str, str]]:
    """Return the id and name of every category, by name."""
    choices: list[tuple[str, str]] = []
    cursor = None
    for _ in range(MOST_CATEGORIES):
        page = api.send(operations.list_categories(limit=100, sort="name", cursor=cursor))
        choices += [(category.id, category.name) for category in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    return choices


def read_category_name(api: Api, category_id: str) -> str:
    """Return the name of one category."""
    return api.send(operations.read_category(category_id=category_id)).name
