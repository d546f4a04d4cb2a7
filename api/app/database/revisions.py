"""The revisions that this code needs, and which of them the database lacks.

They are read from the files: Alembic is not imported, for which a worker has no memory.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Select, column, select, table
from sqlalchemy.exc import DBAPIError

from app.database.errors import driver_error, sqlstate
from app.database.read_pool import Reader

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
ASSIGNED = re.compile(
    r"^(revision|down_revision|depends_on)\b[^=\n]*=\s*(\([^)]*\)|\[[^]]*\]|[^\n#]*)", re.MULTILINE
)
TEXT = re.compile("""["']([^"']+)["']""")
APPLIED: Select[Any] = select(column("version_num")).select_from(table("alembic_version"))
UNDEFINED_TABLE, INSUFFICIENT_PRIVILEGE = "42P01", "42501"


@cache
def read_revisions(folder: Path = VERSIONS) -> Mapping[str, Collection[str]]:
    """Return the id of each revision in ``folder``, with those that come before it."""
    found: dict[str, list[str]] = {}
    for path in folder.rglob("*.py"):
        values = {name: TEXT.findall(text) for name, text in ASSIGNED.findall(path.read_text())}
        for revision in values.get("revision", ()):
            found[revision] = values.get("down_revision", []) + values.get("depends_on", [])
    return found


def lacking(applied: Iterable[str], needed: Mapping[str, Collection[str]]) -> list[str]:
    """Return the revisions that a database lacks, sorted.

    ``applied``: the newest revisions that it has. If one of them is not known here, a newer release
    has migrated it, and it lacks nothing.
    """
    present: set[str] = set()
    waiting = list(applied)
    if not needed.keys() >= set(waiting):
        return []
    while waiting:
        revision = waiting.pop()
        if revision in needed and revision not in present:
            present.add(revision)
            waiting += needed[revision]
    return sorted(needed.keys() - present)


class Revisions:
    """Asks the database which revisions it lacks, until it lacks none."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._complete = reader, False

    async def missing(self) -> list[str]:
        """Return them; none if the database does not let this user read its revisions."""
        if not self._complete:
            missing = lacking(await self._applied(), read_revisions())
            self._complete = not missing
            return missing
        return []

    async def _applied(self) -> list[str]:
        try:
            return [row.version_num for row in await self._reader.all(APPLIED)]
        except DBAPIError as error:
            if sqlstate(error) == UNDEFINED_TABLE or "no such table" in str(driver_error(error)):
                return []
            if sqlstate(error) == INSUFFICIENT_PRIVILEGE:
                return list(read_revisions())
            raise
