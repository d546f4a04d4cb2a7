"""Declarations of lists, checked at import: a mistake stops the start.

The query model of a list (``schemas.py``) says which filters and orders its callers may name, a
``Listing`` (``queries.py``) what each of them is in the database.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar, get_args
from uuid import UUID

from pydantic.fields import FieldInfo
from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    ColumnClause,
    ColumnElement,
    Select,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.selectable import NamedFromClause, SelectBase

from app.database.model import Model
from app.http.cursors import SortKey, check_sort_key
from app.http.declarations import DeclarationError
from app.http.page_query import PageQuery

Q = TypeVar("Q", bound=PageQuery)
# Names that the page's own parameters have, in the statement and in the query.
RESERVED = ("key_", "id_", "limit_", "sort", *PageQuery.model_fields)
COMPARISONS = (
    operators.eq, operators.ge, operators.gt, operators.le, operators.lt, operators.between_op,
)  # fmt: skip


class Sort(NamedTuple):
    """An order of a list, by ``column`` and then by the list's last key.

    An index has both, or ``without_index`` says why the list can do without one.
    """

    column: SortKey
    without_index: str = ""


class SortedRows(NamedTuple):
    """Another table, with a row for each value that a filter may find in a row of the list.

    ``key`` is a copy of what ``sort`` orders by, ``id`` is the listed row's. Its primary key is the
    compared column, ``key`` and ``id``: a page in that order is read from one place, however many
    rows have the value.
    """

    sort: str
    key: SortKey
    id: SortKey


class SearchIndex(NamedTuple):
    """How a page of a search is found: near in its order, or among all hits.

    ``indexed`` is true of every hit, and an index answers it, in no order. ``sorts`` names orders
    whose index has what is searched, so that no row is read to know whether it is a hit.
    """

    indexed: ColumnElement[bool]
    sorts: Collection[str] = ()


class Filter(NamedTuple):
    """What narrows a list: a condition with one ``bindparam``, of the filter's name.

    An index begins with what is compared, or ``without_index`` says why the order's index serves.
    A condition of another table names it in ``rows``.
    """

    condition: ColumnElement[bool]
    without_index: str = ""
    rows: SortedRows | None = None
    search: SearchIndex | None = None


@dataclass(frozen=True, eq=False)
class Listing(Generic[Q]):
    """How a resource is listed: its SELECT, its last key, its orders, and what narrows it.

    ``fixed`` names the filters that callers do not choose: the handler gives them, for every page.
    """

    query: type[Q]
    select: Select[Any]
    unique: SortKey
    sorts: Mapping[str, Sort]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    fixed: Collection[str] = ()

    def __post_init__(self) -> None:
        """Raise DeclarationError for a declaration that would fail or give wrong answers."""
        unique: Any = self.unique
        if unique.key != "id" or unique.type.python_type is not UUID:
            raise self._error("its last key is a UUID in the column id")
        for name, sort in self.sorts.items():
            self._check_sort(name, sort)
        for name, each in self.filters.items():
            self._check_filter(name, each)
        self._check_query()

    def column(self, sort: str) -> SortKey:
        """Return the column of a sort order; `-` before its name means descending."""
        return self.sorts[sort.removeprefix("-")].column

    def _check_sort(self, name: str, sort: Sort) -> None:
        check_sort_key(name, sort.column)
        self._check_tables(f"sort {name}", sort.column)
        if not sort.without_index and not self._has_index(sort.column):
            raise self._error(f"sort {name} has no index of its column and {self.unique}")

    def _check_tables(self, what: str, element: Any) -> None:
        """Raise DeclarationError unless the SELECT has the tables of a column or condition."""
        own = set() if _parts(element, SelectBase) else _tables(element)
        for table in own - _tables(*self.select.get_final_froms()):
            raise self._error(f"{what} wants a join with {table}")

    def _check_filter(self, name: str, each: Filter) -> None:
        if not isinstance(each.condition, ColumnElement):
            raise self._error(f"filter {name} is no condition of a column")
        values = _parts(each.condition, BindParameter)
        if any(part.expanding for part in values):  # the statement would differ with their number
            raise self._error(f"filter {name} compares with one value, not with a list")
        wanted = {f"{part.key}" for part in values if part.required}
        if wanted != {name} or name in RESERVED:
            detail = f'its condition is written with bindparam("{name}"), and no other'
            raise self._error(f"filter {name}: {detail}")
        for sort in each.search.sorts if each.search else ():
            if sort not in self.sorts:
                raise self._error(f"filter {name}: there is no sort {sort}")
        if each.rows:
            self._check_rows(name, each.condition, each.rows)
            return
        self._check_tables(f"filter {name}", each.condition)
        parts = _parts(each.condition, BinaryExpression)
        compared = {str(part.left) for part in parts if _compares(part, *COMPARISONS)}
        if not each.without_index and not compared & {first for first, *_ in self._indexes()}:
            raise self._error(f"filter {name} has no index; say in without_index why none")

    def _check_rows(self, name: str, condition: Any, rows: SortedRows) -> None:
        """Raise DeclarationError unless a page in the order of ``rows`` is read from its key."""
        wanted = [_clause(each) for each in (getattr(condition, "left", None), rows.key, rows.id)]
        table = wanted[-1].table
        if not _compares(condition, operators.eq) or [*table.primary_key] != wanted:
            detail = f"the primary key of {table.name} is what is compared, the sort key and the id"
            raise self._error(f"filter {name}: {detail}")
        if rows.sort not in self.sorts:
            raise self._error(f"filter {name}: there is no sort {rows.sort}")

    def _check_query(self) -> None:
        """Raise DeclarationError unless the query model names what is declared here."""
        fields = dict(self.query.model_fields)
        if sort := fields.pop("sort", None):
            self._check_orders(sort)
        chosen = fields.keys() - PageQuery.model_fields.keys()
        for name in sorted(chosen - self.filters.keys()):
            raise self._error(f"filter {name} of {self.query.__name__} has no condition")
        for name in sorted(self.filters.keys() - chosen - set(self.fixed)):
            detail = f"is not in {self.query.__name__}; if the handler gives it, name it in fixed"
            raise self._error(f"filter {name} {detail}")
        for name in sorted({*self.fixed} & chosen | {*self.fixed} - self.filters.keys()):
            raise self._error(f"fixed {name} is no filter, or one that callers choose")

    def _check_orders(self, sort: FieldInfo) -> None:
        offered = set(get_args(sort.annotation))
        if not offered or not all(isinstance(each, str) for each in offered):
            raise self._error(f"sort of {self.query.__name__} is a Literal of names, never None")
        for name in {each.removeprefix("-") for each in offered} ^ self.sorts.keys():
            raise self._error(f"sort {name} is not both in {self.query.__name__} and here")
        if sort.default not in offered:
            raise self._error(f"{sort.default}, its default, is none of its sort orders")

    def _has_index(self, column: SortKey) -> bool:
        """Tell whether an index has ``column`` and the last key, after filters of every page."""
        always = [self.filters[name].condition for name in self.fixed if name in self.filters]
        fixed = {str(each.left) for each in always if _compares(each, operators.eq)}
        wanted = [str(_clause(column)), str(_clause(self.unique))]
        for *columns, is_unique in self._indexes():
            rest = [each for each in columns if each not in fixed - {wanted[0]}]
            if rest[:2] == wanted or (is_unique and rest == wanted[:1]):
                return True
        return False

    def _indexes(self) -> Iterator[tuple[Any, ...]]:
        """Yield the expressions of each index, as SQL, and whether it is unique."""
        for table in self._of_select(Table):
            for index in table.indexes:
                yield *map(str, index.expressions), index.unique
            for constraint in table.constraints:
                if isinstance(constraint, UniqueConstraint):
                    yield *map(str, constraint.columns), True

    def _of_select(self, kind: Any) -> list[Any]:
        return [part for each in self.select.get_final_froms() for part in _parts(each, kind)]

    def _error(self, detail: str) -> DeclarationError:
        tables = ", ".join(sorted(_tables(*self.select.get_final_froms())))
        return DeclarationError(f"list of {tables}: {detail}")


def list_table(
    model: type[Model],
    query: type[Q],
    *,
    sorts: Mapping[str, Sort],
    filters: Mapping[str, Filter] | None = None,
    fixed: Collection[str] = (),
) -> Listing[Q]:
    """Return the listing of one table: all its columns, with ``id`` as the last key."""
    columns = model.__table__.columns
    return Listing(query, select(*columns), columns.id, sorts, filters or {}, fixed)


def _compares(condition: Any, *kinds: Any) -> bool:
    return isinstance(condition, BinaryExpression) and condition.operator in kinds


def _clause(element: Any) -> Any:
    return getattr(element, "__clause_element__", lambda: element)()


def _parts(element: Any, kind: Any) -> list[Any]:
    return [part for part in visitors.iterate(_clause(element)) if isinstance(part, kind)]


def _tables(*elements: Any) -> set[str]:
    """Return the names of the tables and aliases that columns or joins are of."""
    kinds = (ColumnClause, NamedFromClause)
    found: list[Any] = [part for each in elements for part in _parts(each, kinds)]
    tables = [getattr(part, "table", part) for part in found]
    return {str(table.name) for table in tables if table is not None}
