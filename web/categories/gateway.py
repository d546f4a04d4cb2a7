"""API calls of the category pages."""

from client import operations
from core.resource_gateway import ResourceGateway

categories = ResourceGateway(
    list=operations.list_categories,
    read=operations.read_category,
    create=operations.create_category,
    update=operations.update_category,
    delete=operations.delete_category,
)
