"""Finds the constraint that refused a row, and says what it means to a caller."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import asyncpg
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from app.database.errors import driver_error
from app.database.model import Model

AMBIGUOUS = "foreign_key"  # SQLite does not say which of several


# Citus adds the number of the shard, and may name the constraint in the message alone.
SHARD = re.compile(r"_\d+$")
QUOTED = re.compile(r'"([^"]+)"')


def violated_constraint(error: IntegrityError, known: Collection[str]) -> str:
    """Return the name of the violated constraint, of those that are known; else an empty text."""
    for name in _names(error):
        for each in (name, SHARD.sub("", name)):
            if each in known:
                return each
    return ""


def _names(error: IntegrityError) -> Iterator[str]:
    """Yield what may be the constraint's name, the likeliest first."""
    said = driver_error(error)
    message = str(said)
    if name := getattr(said, "constraint_name", None):
        yield str(name)
    if isinstance(said, asyncpg.PostgresError):
        yield from reversed(QUOTED.findall(message))
        return
    kind, _, what = message.partition(" constraint failed: ")  # SQLite names columns or the check
    if kind == "CHECK":
        yield what
    elif kind == "UNIQUE":
        table, columns = what.split(".")[0], [c.split(".")[1] for c in what.split(", ")]
        yield f"uq_{table}_{'_'.join(columns)}"
    elif message.startswith("FOREIGN KEY"):
        yield _foreign_key(error.statement or "")


def _foreign_key(statement: str) -> str:
    """Return the only foreign key that the statement can violate; SQLite does not name it."""
    words = statement.replace('"', "").split()
    verb, table = words[0], words[1] if words[0] == "UPDATE" else words[2]
    tables: Sequence[Table] = Model.metadata.sorted_tables
    names = [
        str(key.name)
        for t in tables
        for key in t.foreign_key_constraints
        if (key.referred_table.name if verb == "DELETE" else t.name) == table
    ]
    return names[0] if len(names) == 1 else AMBIGUOUS


class Violation(NamedTuple):
    """What a violated constraint means to a caller."""

    pointer: str
    code: str
    detail: str
    in_use: str = ""  # for a foreign key: why the row that it refers to cannot be deleted
