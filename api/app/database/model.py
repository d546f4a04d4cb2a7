"""The base class of every table, and the defaults of its columns."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase
from uuid_utils.compat import uuid7

from app.types import MAX_VERSION

# Every constraint has a name, so Alembic can drop it and CONSTRAINTS can say what it means.
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
    """Return the current time in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7). Later ids are larger, so an index grows at its end."""
    return uuid7()


def next_version(version: Any) -> Any:
    """Return the version after ``version``, a number or a column: after MAX_VERSION comes 1.

    The first one is 1 (``version`` is None). A row can so be changed without end, and every version
    is one that the contract allows.
    """
    return 1 if version is None else version % MAX_VERSION + 1
