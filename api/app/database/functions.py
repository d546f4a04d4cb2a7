"""SQL functions that both engines have: lower case, days, search."""

import re
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    bindparam,
    func,
)


def lower(words: Any) -> ColumnElement[str]:
    """Return ``words`` in lower case, for an order and a search that ignore case."""
    return func.lower(words, type_=String)


def day_of(moment: Any) -> ColumnElement[str]:
    """Return the day of a moment in UTC; engines.py sets PostgreSQL's sessions to UTC."""
    return func.date(moment, type_=String)


def contains(words: SQLColumnExpression[str], parameter: str) -> ColumnElement[bool]:
    """Tell whether ``words`` match the bound ``search_pattern``, in any case.

    The database lowers both texts, because Python's rules differ slightly.
    """
    return lower(words).like(lower(bindparam(parameter, type_=String)), escape="\\")


def search_pattern(words: str) -> str:
    """Return the LIKE pattern of a text that contains ``words``, wildcards taken literally."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", words) + "%"
