"""Engines, sessions, column types; all that is different in SQLite is here."""

from typing import Any, Protocol

from sqlalchemy import (
    event,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.database import slow_queries
from app.database.errors import translate_errors

CONNECT_SECONDS = 0.8


class DatabaseSettings(Protocol):
    """The settings that this module reads."""

    database_url: str
    read_database_url: str | None
    replica_lag_seconds: int
    pool_size: int
    pool_timeout_seconds: float
    statement_timeout_seconds: float
    slow_query_seconds: float


def create_write_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Return the engine of sessions, and of migrations."""
    url = settings.database_url
    options = engine_options(settings, url)
    if url.startswith("sqlite"):
        # SQLite has one writer at a time: one connection queues in order, where many would spin.
        engine = create_async_engine(url, **options | {"pool_size": 1})
        prepare_sqlite(engine)
        # IMMEDIATE takes the lock first: a rule that reads, then writes, cannot be overtaken.
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    else:
        engine = create_async_engine(url, **options)
    translate_errors(engine)
    slow_queries.watch(engine)
    return engine


def engine_options(settings: DatabaseSettings, url: str) -> dict[str, Any]:
    """Return what an engine is made with; ``connect_args`` suit the driver's own pool as well."""
    options: dict[str, Any] = {
        "pool_size": settings.pool_size,
        "pool_timeout": settings.pool_timeout_seconds,
        "max_overflow": 0,
        "hide_parameters": True,  # what people type does not belong into logs
    }
    if url.startswith("postgresql"):
        options["connect_args"] = {
            "server_settings": {"timezone": "UTC"},
            "timeout": _connect_seconds(settings, url),
            "command_timeout": settings.statement_timeout_seconds,
        }
    return options


def _connect_seconds(settings: DatabaseSettings, url: str) -> float:
    """Return how long a new connection may take: as long as a free one is waited for.

    A replica has less time: the primary answers for one that hangs.
    """
    if url == settings.read_database_url:
        return CONNECT_SECONDS
    return max(settings.pool_timeout_seconds, CONNECT_SECONDS)


def _unicode_lower(words: str | None) -> str | None:
    # Letter by letter, as PostgreSQL: Python's knows a sigma that ends a word, but not where the
    # word goes on that somebody searches for.
    return words and words.replace("Σ", "σ").lower()


def prepare_sqlite(engine: AsyncEngine) -> None:
    """Make SQLite keep foreign keys, read beside its writer, and know Unicode."""

    def on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.close()
        # SQLite's own knows ASCII only.
        connection.create_function("lower", 1, _unicode_lower, deterministic=True)

    event.listen(engine.sync_engine, "connect", on_connect)


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
