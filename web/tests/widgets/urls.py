"""Pages of widgets."""

from collections.abc import Iterable
from typing import Any

from core.http import Request
from core.lists import Filter, ListQuery
from core.resource_views import ResourceViews
from tests.widgets.gateway import widgets


class WidgetViews(ResourceViews[Any, Any]):
    """Adds a filter."""

    def filters(self, request: Request, query: ListQuery) -> Iterable[Filter]:
        yield query.filter("state")


app_name = "widgets"
views = WidgetViews(app_name, widgets, ("name", "state", "price", "weight_grams"))
urlpatterns = views.urls
