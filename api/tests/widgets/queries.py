"""Every SELECT of widgets."""

from sqlalchemy import bindparam

from app.database.functions import any_contains, has_parts, lower
from app.http.listings import Filter, SearchIndex, Sort, list_table
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
        "q": Filter(
            any_contains([Widget.name, Widget.code], "widgets.folded", "q"),
            without_index="On PostgreSQL there is one of their parts.",
            search=SearchIndex(has_parts("text_parts(widgets.folded)", "q")),
        ),
        "color": Filter(Widget.color == bindparam("color", type_=Widget.color.type), FEW),
    },
)
