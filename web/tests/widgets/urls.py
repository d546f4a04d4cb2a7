"""Pages of widgets, with a filter and with something to choose in their forms."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.contract_forms import Choices
from core.http import Request
from core.lists import Filter, ListQuery
from core.resource_views import ResourceViews
from tests.widgets.gateway import widgets

BOXES = [("01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d11", "Large box")]


class WidgetViews(ResourceViews[Any, Any]):
    def filters(self, request: Request, query: ListQuery) -> Iterable[Filter]:
        yield query.filter("status")

    def choices(self, request: Request) -> Mapping[str, Choices]:
        return {"box_id": BOXES}


app_name = "widgets"
views = WidgetViews(app_name, widgets, ("name", "status", "price", "weight_grams"))
urlpatterns = views.urls
