"""The base of every table, and what every row has: an id, and moments in UTC."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import (
    MetaData,
)
from sqlalchemy.orm import DeclarativeBase
from uuid_utils.compat import uuid7

# Every constraint has a name: Alembic can drop it, problems.py can say which field broke it.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMES)


def now() -> datetime:
    """Return this moment in UTC, to the microsecond that both engines keep."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7): later rows have larger keys; an index grows at its end."""
    return uuid7()
