"""Makes SQLAlchemy's engines, and gives SQLite what PostgreSQL has."""

from typing import Any, Protocol

from sqlalchemy import URL, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.database import slow_queries
from app.database.errors import translate_errors
from app.database.folding import fold

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
        # SQLite has one writer at a time. With one connection writers queue in order.
        engine = create_async_engine(url, **options | {"pool_size": 1})
        prepare_sqlite(engine)
        # IMMEDIATE locks at the beginning, so no other writer comes between a read and a write.
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    else:
        engine = create_async_engine(parse(url), **options)
    translate_errors(engine)
    slow_queries.watch(engine)
    return engine


def engine_options(settings: DatabaseSettings, url: str) -> dict[str, Any]:
    """Return the options of an engine; connections of the read pool take its ``connect_args``."""
    options: dict[str, Any] = {
        "pool_size": settings.pool_size,
        "pool_timeout": settings.pool_timeout_seconds,
        "max_overflow": 0,
        "hide_parameters": True,  # logs must not show what people typed
    }
    if url.startswith("postgresql"):
        options["connect_args"] = {
            "server_settings": {"timezone": "UTC"},
            "timeout": _connect_seconds(settings, url),
            "command_timeout": settings.statement_timeout_seconds,
        }
    return options


def driver_arguments(url: str) -> dict[str, Any]:
    """Return what ``asyncpg.connect`` takes for a URL, its options as SQLAlchemy reads them."""
    parsed = parse(url)
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    return dict(arguments)


def parse(url: str) -> URL:
    """Return a URL; libpq's ``sslmode`` has the name that asyncpg gives it, ``ssl``."""
    parsed = make_url(url)
    mode = parsed.query.get("sslmode")
    if mode is None:
        return parsed
    return parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def _connect_seconds(settings: DatabaseSettings, url: str) -> float:
    """Return the time limit of a new connection: that of waiting for a free one.

    A replica has less time, because the primary answers if it hangs.
    """
    if url == settings.read_database_url:
        return CONNECT_SECONDS
    return max(settings.pool_timeout_seconds, CONNECT_SECONDS)


def _unicode_lower(words: str | None) -> str | None:
    # Letter by letter, as PostgreSQL does. Python writes a sigma at the end of a word differently,
    # so part of a word would not be found.
    return words and words.replace("Σ", "σ").lower()


def prepare_sqlite(engine: AsyncEngine) -> None:
    """Make SQLite check foreign keys, read while it writes, and lower Unicode letters."""

    def on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins no transaction by itself
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.close()
        # SQLite's own lower() knows ASCII only.
        connection.create_function("lower", 1, _unicode_lower, deterministic=True)
        # In queries alone: no index or trigger may call what other programs have not.
        connection.create_function("fold", 1, fold, deterministic=True)

    event.listen(engine.sync_engine, "connect", on_connect)


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
