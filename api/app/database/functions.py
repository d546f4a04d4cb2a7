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
    case,
    false,
    func,
    literal_column,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class has_parts(FunctionElement[bool]):
    """Whether a column of parts of texts has those of a pattern; true on SQLite, which has none."""

    type = Boolean()
    inherit_cache = True


@compiles(has_parts)
def _has_parts(*_: Any, **__: Any) -> str:
    return "1"


@compiles(has_parts, "postgresql")
def _has_parts_in_index(element: Any, compiler: Any, **options: Any) -> str:
    parts, pattern = element.clauses
    query = compiler.process(fold(pattern), **options)
    return f"{compiler.process(parts, **options)} @@ parts_query({query})"


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


def one_contains(
    texts: Sequence[SQLColumnExpression[str]], parts: str, parameter: str
) -> ColumnElement[bool]:
    """Tell whether one of ``texts`` matches, as ``contains`` does.

    ``parts``: the column that PostgreSQL has beside them, of ``text_parts`` of their folded forms
    and with a GIN index (docs/recipes/add-a-search.md). It alone tells the planner how many rows
    match: hence the CASE.
    """
    pattern = bindparam(parameter, type_=String)
    found = or_(*(contains(words, parameter) for words in texts))
    return has_parts(literal_column(parts), pattern) & case((found, true()), else_=false())


def search_pattern(words: str) -> str:
    """Return the LIKE pattern of a text that contains ``words``, wildcards taken literally.

    Those of full width too: the database folds them to the plain ones.
    """
    return "%" + re.sub(r"([\\%_])", r"\\\1", normalize("NFKC", words)) + "%"
