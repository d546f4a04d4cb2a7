"""Every SELECT of widgets."""

from sqlalchemy import bindparam, or_

from app.database.functions import contains, lower
from app.http.listings import Filter, Sort, list_table
from tests.widgets.models import Widget
from tests.widgets.schemas import WidgetQuery

FEW = "There are few widgets."
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
        "q": Filter(or_(contains(Widget.name, "q"), contains(Widget.code, "q")), FEW),
        "color": Filter(Widget.color == bindparam("color", type_=Widget.color.type), FEW),
    },
)
