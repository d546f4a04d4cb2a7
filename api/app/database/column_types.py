"""Column types that are the same in both databases."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    DateTime,
    Dialect,
    Enum,
)
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)


class OutOfCalendar(ValueError, DontWrapMixin):
    """A moment that in UTC is before year 1, or after 9999; SQLAlchemy does not wrap it."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite stores no zone, so it is added when a row is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; one without a zone is in UTC. Raises OutOfCalendar."""
        if value is None or value.tzinfo is UTC:
            return value
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        try:
            return value.astimezone(UTC)
        except OverflowError as error:
            raise OutOfCalendar from error

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return the function that adds the zone.

        PostgreSQL's driver stores the first and the last moment as infinite, and reads those two
        without a zone.
        """
        read: Any = self.impl_instance.dialect_impl(dialect).result_processor(dialect, coltype)
        if read is None:
            return lambda value: value and (value if value.tzinfo else value.replace(tzinfo=UTC))
        return lambda value: value and read(value).replace(tzinfo=UTC)


def text_enum(kind: type[E], length: int) -> Enum:
    """Return the type of an enum that is stored as text: a new value needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda values: [value.value for value in values],
    )
