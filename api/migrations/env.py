"""Run Alembic on the database of the settings; ``alembic upgrade head --sql`` prints instead.

A change of a table waits for those who use it, and everybody else waits behind the change. So it
waits 200 ms at most, gives way, and tries again: each revision is a transaction of its own.
"""

import asyncio
from pathlib import Path
from typing import Any, Literal

from alembic import context
from alembic.operations.ops import CreateIndexOp
from alembic.util import CommandError
from sqlalchemy import Connection, Enum, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeDecorator

import app.http.idempotency  # its table is there without any resource
import app.resources  # noqa: F401  (registers every table of a resource)
from app.database.engines import create_write_engine
from app.database.errors import LOCK_NOT_AVAILABLE, sqlstate
from app.database.model import Model
from app.database.sqlite_tables import broken_references, let_tables_be_made_again
from app.settings import Settings

SET_LOCK_TIMEOUT = "SET lock_timeout = '200ms'"
TRIES, PAUSE_SECONDS = 100, 0.3
settings = Settings()
is_postgresql = settings.database_url.startswith("postgresql")


def is_in_models(element: Any, name: str | None, kind: str, *_: object) -> bool:
    """Leave out of a comparison what only PostgreSQL has for a search: a text, parts, an index."""
    if kind == "index":
        return bool(element.dialect_options["postgresql"]["using"] != "gin")
    return not (kind == "column" and (name == "folded" or isinstance(element.type, TSVECTOR)))


def render_item(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write our column types as the plain ones below them: a revision imports no application."""
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String({item.length})"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def complete(_: object, __: object, directives: Any) -> None:
    """Put a new revision on the core's branch, and complete what was generated."""
    for script in directives:
        if script.head in (None, "head") and len(context.script.get_heads()) > 1:
            script.head = "core@head"  # the other one is the sample's
        if script.upgrade_ops:
            add_indexes(script)


def add_indexes(script: Any) -> None:
    """Write the indexes of expressions of a new table: on SQLite Alembic leaves them out."""
    diffs = script.upgrade_ops.as_diffs()
    written = {diff[1].name for diff in diffs if diff[0] == "add_index"}
    tables = [diff[1].name for diff in diffs if diff[0] == "add_table"]
    for index in (each for name in tables for each in Model.metadata.tables[name].indexes):
        if index.name not in written:
            script.upgrade_ops.ops.append(CreateIndexOp.from_index(index))


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
        include_object=is_in_models,
        process_revision_directives=complete,
    )
    if connection is None and is_postgresql:
        context.execute(SET_LOCK_TIMEOUT)
    with context.begin_transaction():
        context.run_migrations()
    if connection is not None and not is_postgresql:
        # Its lower() is Python's (database/engines.py): another Python, or release, may know more.
        connection.execute(text("REINDEX"))


async def migrate_online() -> None:
    """Migrate, giving way to those who use a table; make the folder of a SQLite file."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # An index of a big table may take its time.
    patient = settings.model_copy(update={"statement_timeout_seconds": 86_400})
    engine = create_write_engine(patient)
    try:
        await migrate_patiently(engine)
    finally:
        await engine.dispose()


async def migrate_patiently(engine: AsyncEngine) -> None:
    """Migrate; try again while others hold a lock."""
    for tries_left in reversed(range(TRIES)):
        try:
            async with engine.connect() as connection:
                if is_postgresql:
                    await connection.execute(text(SET_LOCK_TIMEOUT))
                    await connection.commit()
                else:
                    await let_tables_be_made_again(connection)
                await connection.run_sync(migrate)
                await connection.commit()
                if not is_postgresql and (tables := await broken_references(connection)):
                    raise CommandError(f"rows refer to rows that are not there: {tables}")
            break
        except DBAPIError as error:
            if sqlstate(error) != LOCK_NOT_AVAILABLE or not tries_left:
                raise
            await asyncio.sleep(PAUSE_SECONDS)


if context.is_offline_mode():
    migrate()
else:
    asyncio.run(migrate_online())
