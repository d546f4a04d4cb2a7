"""Table ``statistics_summaries``: the last statistics that were made, for all processes."""

from datetime import datetime

from sqlalchemy import Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database.column_types import UtcDateTime
from app.database.model import Model


class Summary(Model):
    """The statistics as a release of the contract shows them, and who is making the next ones."""

    __tablename__ = "statistics_summaries"

    release: Mapped[str] = mapped_column(String(64), primary_key=True)  # of the contract
    body: Mapped[str] = mapped_column(Text, default="")  # JSON; empty before the first ones
    computed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what they show
    seconds: Mapped[float] = mapped_column(Float, default=0.0)  # that it took to make them
    claimed_until: Mapped[datetime] = mapped_column(UtcDateTime)  # a process is making new ones
