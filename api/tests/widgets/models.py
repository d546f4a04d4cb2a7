"""Table ``widgets``, of a metadata of its own: no migration and no comparison knows it."""

import asyncio
from datetime import datetime
from uuid import UUID

from sqlalchemy import DDL, BigInteger, CheckConstraint, Index, MetaData, String, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.pool import NullPool

from app.database.column_types import UtcDateTime, text_enum
from app.database.constraints import Violation
from app.database.functions import lower
from app.database.model import NAMES, Model, new_id, next_version, now
from app.types import OpenEnum


class Color(OpenEnum):
    """What a widget looks like."""

    RED = "red"
    BLUE = "blue"


class Widget(Model):
    """Something to test with: a key of its own, a text, numbers of both sizes, an enum."""

    __tablename__ = "widgets"
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)
    metadata = MetaData(naming_convention=NAMES)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[int] = mapped_column(default=0)
    mass: Mapped[int] = mapped_column(BigInteger, default=0)
    color: Mapped[Color] = mapped_column(text_enum(Color, 16), default=Color.RED)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": next_version}


Index("ix_widgets_name_sort", lower(Widget.name), Widget.id)
Index("ix_widgets_size_sort", Widget.size, Widget.id)
Index("ix_widgets_mass_sort", Widget.mass, Widget.id)
Index("ix_widgets_created_at_sort", Widget.created_at, Widget.id)

# As docs/recipes/add-a-search.md has it, where there is a migration.
SEARCH = """
ALTER TABLE widgets ADD COLUMN search tsvector
GENERATED ALWAYS AS (text_parts(fold(name), fold(code))) STORED;
CREATE INDEX ix_widgets_search ON widgets USING gin (search)
"""
for each in SEARCH.split(";"):
    add = DDL(each).execute_if(dialect="postgresql")
    event.listen(Widget.__table__, "after_create", add)

CONSTRAINTS = {"uq_widgets_code": Violation("#/code", "taken", "A widget of this code exists.")}


def create_table(url: str) -> None:
    """Add the table to a database that was migrated."""

    async def create() -> None:
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(Widget.metadata.create_all)
        await engine.dispose()

    asyncio.run(create())
