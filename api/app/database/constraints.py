"""Finds the constraint that refused a row, and says what it means to a caller."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from app.database.model import Model

AMBIGUOUS = "foreign_key"  # SQLite does not say which of several


def violated_constraint(error: IntegrityError) -> str | None:
    """Return the name of the violated constraint; None if it is unknown."""
    for said in (
        error.orig,
        error.orig and error.orig.__cause__,
    ):  # asyncpg's, or the wrapped one
        if name := getattr(said, "constraint_name", None):
            return str(name)
    message = str(error.orig)  # SQLite names the columns or the check in its message
    kind, _, what = message.partition(" constraint failed: ")
    if kind == "CHECK":
        return what
    if kind == "UNIQUE":
        table, columns = what.split(".")[0], [c.split(".")[1] for c in what.split(", ")]
        return f"uq_{table}_{'_'.join(columns)}"
    if message.startswith("FOREIGN KEY"):
        return _foreign_key(error.statement or "")
    return None


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
