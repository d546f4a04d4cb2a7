"""What the landing page asks of the API; the only module here that calls operations."""

from client import operations
from client.models import Product, Statistics
from core.api import Api

SHOWN = 6


def read_statistics(api: Api) -> Statistics:
    """Return counts, worth and movements of the whole shop."""
    return api.send(operations.read_statistics())


def list_newest_products(api: Api) -> list[Product]:
    """Return the latest additions, newest first."""
    return api.send(operations.list_products(sort="-created_at", limit=SHOWN)).items
