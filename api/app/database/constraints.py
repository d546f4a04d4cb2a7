"""Which constraint refused a row."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from app.database.model import Model

AMBIGUOUS = "foreign_key"  # SQLite does not say which of several


def violated_constraint(error: IntegrityError) -> str | None:
    """Return the name of the constraint that refused a statement; None if it cannot be told."""
    for said in (error.orig, error.orig and error.orig.__cause__):  # asyncpg's, or wrapped
        if name := getattr(said, "constraint_name", None):
            return str(name)
    message = str(error.orig)  # SQLite says which columns, or which check, in words only
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
    """Find the key that SQLite does not name: the only one that this statement can break."""
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
    """What it means to a caller that a constraint refused a row."""

    pointer: str
    code: str
    detail: str
    in_use: str = ""  # a foreign key's other side: the sentence for "cannot be deleted"
