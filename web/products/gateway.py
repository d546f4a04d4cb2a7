"""API calls of the product pages."""

from itertools import takewhile
from typing import Any
from uuid import UUID

from msgspec import convert

from client import operations
from client.models import Product, ProductStatusUpdate
from core.api import Api
from core.resource_gateway import ResourceGateway

MOST_CATEGORIES = 10  # pages of a hundred

products = ResourceGateway(
    list=operations.list_products,
    read=operations.read_product,
    create=operations.create_product,
    update=operations.update_product,
    delete=operations.delete_product,
)


def update_product_status(api: Api, product_id: UUID, etag: str, fields: dict[str, Any]) -> Product:
    """Take the next step; Rejected when it is not allowed from here."""
    body = convert(fields, ProductStatusUpdate)
    call = operations.update_product_status(product_id=product_id, if_match=etag, body=body)
    return api.send(call)


def list_out_of_stock(api: Api, cursor: str | None) -> tuple[list[Product], str | None, str | None]:
    """Return active products of which there are none left, the next cursor and the one before.

    They are the first ones by stock, since the API has no such filter.
    """
    page = api.send(operations.list_products(status="active", sort="stock", cursor=cursor))
    found = list(takewhile(lambda product: product.stock == 0, page.items))
    is_end = len(found) < len(page.items)
    return found, None if is_end else page.next_cursor, page.prev_cursor


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
