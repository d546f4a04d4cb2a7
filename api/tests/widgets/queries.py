"""Every SELECT of widgets."""

from sqlalchemy import bindparam

from app.database.functions import lower, one_contains
from app.http.listings import Filter, Sort, list_table
from tests.widgets.models import Widget
from tests.widgets.schemas import WidgetQuery

FEW = "There are few widgets."
PARTS = "On PostgreSQL there is one of their parts."
LISTING = list_table(
    Widget,
    WidgetQuery,
    sorts={
        "name": Sort(lower(Widget.name)),
        "code": Sort(Widget.code),
        "size": Sort(Widget.size),
        "mass": Sort(Widget.mass),
        "created_at": Sort(Widget.created_at),
    },
    filters={
        "q": Filter(one_contains([Widget.name, Widget.code], "widgets.search", "q"), PARTS),
        "color": Filter(Widget.color == bindparam("color", type_=Widget.color.type), FEW),
    },
)
