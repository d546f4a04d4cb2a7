"""What every page's health asks of the API."""

from client import operations
from core.api import Api, Reply


def check_ready(api: Api) -> Reply:
    """Return the API's own answer with its headers, or raise Unavailable."""
    return api.exchange(operations.check_ready())
