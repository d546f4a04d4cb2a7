"""API calls of the widgets' pages."""

from typing import Any

from core.resource_gateway import ResourceGateway
from tests.widgets.client import operations

widgets: ResourceGateway[Any, Any] = ResourceGateway(
    list=operations.list_widgets,
    read=operations.read_widget,
    create=operations.create_widget,
    update=operations.update_widget,
    delete=operations.delete_widget,
)
