"""Every SELECT of widgets."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.functions import contains, lower
from app.database.read_pool import Reader
from app.http.listings import Listing, SortOrders
from tests.widgets.models import Widget

COLUMNS = Widget.__table__.columns
BY_ID = select(*COLUMNS).where(Widget.id == bindparam("id"))


async def get_widget(reader: Reader, widget_id: UUID) -> Row[Any] | None:
    """Return the row, or None."""
    return await reader.first(BY_ID, {"id": widget_id})


async def lock_widget(session: AsyncSession, widget_id: UUID) -> Widget | None:
    """Return the widget for a change, or None; others wait until we commit."""
    return await session.get(Widget, widget_id, with_for_update=True)


LISTING = Listing(
    select=select(*COLUMNS),
    unique=Widget.id,
    sorts=SortOrders(
        name=lower(Widget.name),
        code=Widget.code,
        size=Widget.size,
        mass=Widget.mass,
        created_at=Widget.created_at,
    ),
    filters={
        "q": or_(contains(Widget.name, "q"), contains(Widget.code, "q")),
        "color": Widget.color == bindparam("color", type_=Widget.color.type),
    },
)
