"""SQL functions that both engines have: lower case, days, search."""

import re
from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

from sqlalchemy import (
    Boolean,
    ColumnElement,
    SQLColumnExpression,
    String,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class by_engine(FunctionElement[bool]):
    """A condition on PostgreSQL, and the one of the same meaning elsewhere."""

    type = Boolean()
    inherit_cache = True


@compiles(by_engine)
def _elsewhere(element: Any, compiler: Any, **options: Any) -> str:
    _, condition = element.clauses
    return f"({compiler.process(condition, **options)})"


@compiles(by_engine, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    condition, _ = element.clauses
    return f"({compiler.process(condition, **options)})"


def lower(words: Any) -> ColumnElement[str]:
    """Return ``words`` in lower case, for an order that ignores case."""
    return func.lower(words, type_=String)


def fold(words: Any) -> ColumnElement[str]:
    """Return ``words`` without case and accents (``folding.py``), for a search."""
    return func.fold(words, type_=String)


def day_of(moment: Any) -> ColumnElement[str]:
    """Return the day of a moment in UTC; engines.py sets PostgreSQL's sessions to UTC."""
    return func.date(moment, type_=String)


def contains(words: SQLColumnExpression[str], parameter: str) -> ColumnElement[bool]:
    """Tell whether ``words`` match the bound ``search_pattern``, in any case and with any accents.

    The database folds both texts, so that they are folded by the same release of Unicode.
    """
    return fold(words).like(fold(bindparam(parameter, type_=String)), escape="\\")


def any_contains(
    texts: Sequence[SQLColumnExpression[str]], joined: str, parameter: str
) -> ColumnElement[bool]:
    """Tell whether one of ``texts`` matches, as ``contains`` does.

    ``joined``: PostgreSQL's expression of their folded forms as one text, with ``chr(8203)``
    between them, which no folded text has (docs/recipes/add-a-search.md).
    """
    # A subquery is run once, and the same plan serves whatever is searched for.
    pattern = select(fold(bindparam(parameter, type_=String))).scalar_subquery()
    found = literal_column(joined, String).like(pattern)  # its escape is \, unless it is named
    return by_engine(found, or_(*(contains(words, parameter) for words in texts)))


def has_parts(parts: str, parameter: str) -> ColumnElement[bool]:
    """Tell whether a text has each part of what is searched for, side by side or not.

    ``parts``: PostgreSQL's column or expression of ``text_parts``, with a GIN index. It is true on
    another engine, which has none.
    """
    query = select(func.parts_query(fold(bindparam(parameter, type_=String)))).scalar_subquery()
    return by_engine(literal_column(parts).op("@@")(query), true())


def search_pattern(words: str) -> str:
    """Return the LIKE pattern of a text that contains ``words``, wildcards taken literally.

    Those of full width too: the database folds them to the plain ones.
    """
    return "%" + re.sub(r"([\\%_])", r"\\\1", normalize("NFKC", words)) + "%"
