"""Table ``categories``."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database.column_types import UtcDateTime
from app.database.constraints import Violation
from app.database.functions import lower
from app.database.model import Model, new_id, next_version, now


class Category(Model):
    """A shelf for products."""

    __tablename__ = "categories"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": next_version}


Index("ix_categories_name_sort", lower(Category.name), Category.id)

CONSTRAINTS = {
    "uq_categories_name": Violation("#/name", "taken", "A category of this name exists."),
}
