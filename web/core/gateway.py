"""API calls of the health check."""

from client import operations
from core.api import Api
from core.response import Reply


def check_ready(api: Api) -> Reply:
    """Return the API's own answer, whatever its status; Unavailable where there is none."""
    return api.ask(operations.check_ready())
