"""Alembic on SQLite, where a table is altered by making it again with its rows (a *batch*).

SQLite drops the triggers and the indexes with the old table. Alembic makes those indexes again that
SQLAlchemy can read, but no index of an expression and no trigger; SQLite's own procedure keeps
all: https://www.sqlite.org/lang_altertable.html#otheralter
"""

import contextlib
from typing import Any

from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy import Table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = "_alembic_tmp_"
DROPPED_WITH_A_TABLE = text(
    "SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND (type = 'trigger'"
    " OR type = 'index' AND EXISTS (SELECT * FROM pragma_index_xinfo(sqlite_master.name)"
    " WHERE cid = -2))"  # an expression: https://www.sqlite.org/pragma.html#pragma_index_xinfo
)


class CompleteSQLiteImpl(SQLiteImpl):
    """Takes the place of Alembic's own, and keeps what a batch drops."""

    __dialect__ = "sqlite"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._dropped: dict[str, list[tuple[str, str]]] = {}

    def drop_table(self, table: Table, **options: Any) -> None:
        """Drop a table; note what goes with it."""
        if self.connection is not None:
            found = self.connection.execute(DROPPED_WITH_A_TABLE, {"name": table.name})
            self._dropped[table.name] = [(kind, sql) for kind, sql in found]
        super().drop_table(table, **options)

    def rename_table(self, old_table_name: str, new_table_name: str, schema: Any = None) -> None:
        """Rename a table; at the end of a batch, make again what went with the old one."""
        if not old_table_name.startswith(BATCH):
            super().rename_table(old_table_name, new_table_name, schema)
            return
        # Else triggers and views that name the old table, which is gone, refuse the rename:
        # https://www.sqlite.org/pragma.html#pragma_legacy_alter_table
        self._exec("PRAGMA legacy_alter_table=ON")
        super().rename_table(old_table_name, new_table_name, schema)
        self._exec("PRAGMA legacy_alter_table=OFF")
        for kind, sql in self._dropped.pop(new_table_name, []):
            # An index goes with its column, as on PostgreSQL.
            gone = (OperationalError,) if kind == "index" else ()
            with contextlib.suppress(*gone):
                self._exec(text(sql.replace(":", r"\:")))


async def let_tables_be_made_again(connection: AsyncConnection) -> None:
    """Let a table go that others refer to; it comes back. Called outside of a transaction."""
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None  # noqa: S101  (it is connected)
    await raw.driver_connection.execute("PRAGMA foreign_keys=OFF")


async def broken_references(connection: AsyncConnection) -> list[str]:
    """Return the tables whose rows refer to rows that are not there."""
    found = await connection.exec_driver_sql("PRAGMA foreign_key_check")
    return sorted({str(row[0]) for row in found})
