"""Run Alembic on the database of the settings; ``alembic upgrade head --sql`` prints instead."""

import asyncio
from pathlib import Path
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, Enum
from sqlalchemy.engine import make_url
from sqlalchemy.types import TypeDecorator

import app.resources  # noqa: F401  (registers every table)
from app.core.database import Model, connect
from app.settings import Settings

settings = Settings()


def render_item(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write our column types as the plain ones below them: a revision imports no application."""
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String({item.length})"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def migrate(connection: Connection | None = None) -> None:
    """Run the revisions on ``connection``, or print their SQL without one."""
    context.configure(
        connection=connection,
        url=settings.database_url if connection is None else None,
        target_metadata=Model.metadata,
        render_item=render_item,
        render_as_batch=True,  # SQLite alters a table by making it again
        literal_binds=connection is None,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_online() -> None:
    """Connect, and make the folder of a SQLite file if it is missing."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    database = connect(settings)
    async with database.write.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await database.dispose()


if context.is_offline_mode():
    migrate()
else:
    asyncio.run(migrate_online())
