"""What the category pages ask of the API; the only module here that calls operations."""

from typing import Any
from uuid import UUID

from msgspec import convert

from client import operations
from client.models import Category, CategoryCreate, CategoryPage, CategoryUpdate
from core.api import Api
from core.lists import ListQuery


def list_categories(api: Api, query: ListQuery) -> CategoryPage:
    """Return one page."""
    return api.send(
        operations.list_categories(
            q=query.get("q"), sort=query.get("sort"), cursor=query.get("cursor")
        )
    )


def read_category(api: Api, category_id: UUID | str) -> Category:
    """Return one, or raise NotFound."""
    return api.send(operations.read_category(category_id=category_id))


def create_category(api: Api, key: str, fields: dict[str, Any]) -> Category:
    """Create one, once for a key; or raise Rejected."""
    body = convert(fields, CategoryCreate)
    return api.send(operations.create_category(idempotency_key=key, body=body))


def update_category(api: Api, category_id: UUID, tag: str, fields: dict[str, Any]) -> Category:
    """Change the version that was seen, or raise Stale."""
    body = convert(fields, CategoryUpdate)
    return api.send(operations.update_category(category_id=category_id, if_match=tag, body=body))


def delete_category(api: Api, category_id: UUID, tag: str) -> None:
    """Delete it; Rejected when products use it."""
    api.send(operations.delete_category(category_id=category_id, if_match=tag))
