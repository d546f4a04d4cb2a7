"""SQL functions that both engines have: letters without case, days, search."""

import re
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, bindparam, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

MAX_SORTED = 200  # letters


class fold(FunctionElement[str]):
    """A text without case and accents (``folding.py``), in an order that no locale changes."""

    type = String()
    inherit_cache = True


class sort_text(FunctionElement[str]):
    """What a text is sorted by: its first letters, folded.

    Folding may make a text three times as long, and a cursor has room for 230 letters.
    """

    type = String(MAX_SORTED)
    inherit_cache = True


@compiles(fold)
def _fold(element: Any, compiler: Any, **options: Any) -> str:
    # The result has the collation of the argument: that of code points.
    return f'fold({compiler.process(element.clauses, **options)} COLLATE "C")'


@compiles(sort_text)
def _sort_text(element: Any, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(fold(*element.clauses), **options)}, 1, {MAX_SORTED})"


def day_of(moment: Any) -> ColumnElement[str]:
    """Return the day of a moment in UTC; engines.py sets PostgreSQL's sessions to UTC."""
    return func.date(moment, type_=String)


def contains(words: SQLColumnExpression[str], parameter: str) -> ColumnElement[bool]:
    """Tell whether ``words`` match the bound ``search_pattern``, in any case and with any accents.

    The database folds both texts, so that they are folded by the same release of Unicode.
    """
    return fold(words).like(fold(bindparam(parameter, type_=String)), escape="\\")


def search_pattern(words: str) -> str:
    """Return the LIKE pattern of a text that contains ``words``, wildcards taken literally."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", words) + "%"
