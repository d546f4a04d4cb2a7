"""API calls of the health check and of the landing page."""

from client import operations
from client.models import Identity
from core.api import Api
from core.response import Reply


def check_ready(api: Api) -> Reply:
    """Return the API's own answer, whatever its status; Unavailable where there is none."""
    return api.send_once(operations.check_ready())


def read_identity(api: Api) -> Identity:
    """Return who the API takes the person for."""
    return api.send(operations.read_identity())
