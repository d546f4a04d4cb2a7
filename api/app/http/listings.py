"""What a list is made of, checked when it is declared: a mistake stops the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic_core import CoreSchema, core_schema
from sqlalchemy import BindParameter, ColumnClause, ColumnElement, Select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import NamedFromClause, SelectBase
from starlette.routing import BaseRoute

from app.http.cursors import SortKey, check_sort_key
from app.http.declarations import DeclarationError

RESERVED = ("key_", "id_", "limit_")  # parameters of the page itself


class SortOrders:
    """The sort orders of a list, by name; `-` before one means descending.

    As the annotation of a parameter it allows these names alone, so that what the contract offers
    is what the list can do.
    """

    def __init__(self, **columns: SortKey) -> None:
        for name, column in columns.items():
            check_sort_key(name, column)
        self.columns = columns

    def has(self, sort: str) -> bool:
        """Tell whether there is an order of this name."""
        return sort.removeprefix("-") in self.columns

    def column(self, sort: str) -> SortKey:
        """Return what a sort order goes by."""
        return self.columns[sort.removeprefix("-")]

    def __get_pydantic_core_schema__(self, _: Any, __: Any) -> CoreSchema:
        """Return the schema of the parameter."""
        return core_schema.literal_schema(
            [sign + name for name in self.columns for sign in ("", "-")]
        )


@dataclass(frozen=True, eq=False)
class Listing:
    """How a resource is listed: its SELECT, what narrows it, its sort orders and their last key."""

    select: Select[Any]
    unique: SortKey
    sorts: SortOrders
    filters: Mapping[str, ColumnElement[bool]]  # each with a bound parameter of its name

    def __post_init__(self) -> None:
        """Raise DeclarationError for what would fail at a request, or answer what is wrong."""
        unique: Any = self.unique
        if unique.key != "id" or unique.type.python_type is not UUID:
            raise DeclarationError(f"{self._name}: its last key is a UUID in the column id")
        for name, column in self.sorts.columns.items():
            own = set() if _parts(column, SelectBase) else _tables(column)  # it brings its own
            for table in own - _tables(*self.select.get_final_froms()):
                raise DeclarationError(f"{self._name}: sort {name} wants a join with {table}")
        for name, condition in self.filters.items():
            wanted = {f"{each.key}" for each in _parts(condition, BindParameter) if each.required}
            if wanted != {name} or name in RESERVED:
                detail = f'its condition is written with bindparam("{name}"), and no other'
                raise DeclarationError(f"{self._name}: filter {name}: {detail}")

    @property
    def _name(self) -> str:
        return f"list of {', '.join(sorted(_tables(*self.select.get_final_froms())))}"


def check_sorts(routes: Sequence[BaseRoute]) -> None:
    """Raise DeclarationError where the order that a list has by default is none of its own."""
    for context in iter_route_contexts(routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        for param in get_flat_params(context.dependant):
            default = param.field_info.default
            for orders in param.field_info.metadata:
                has_one = isinstance(orders, SortOrders) and isinstance(default, str)
                if has_one and not orders.has(default):
                    detail = f"{default}, its default, is none of its sort orders"
                    raise DeclarationError(f"{context.name} ({context.path}): {detail}")


def _parts(element: Any, kind: Any) -> list[Any]:
    clause = getattr(element, "__clause_element__", lambda: element)()
    return [part for part in visitors.iterate(clause) if isinstance(part, kind)]


def _tables(*elements: Any) -> set[str]:
    """Return the names of the tables and aliases that columns or joins are of."""
    kinds = (ColumnClause, NamedFromClause)
    found: list[Any] = [part for each in elements for part in _parts(each, kinds)]
    tables = [getattr(part, "table", part) for part in found]
    return {str(table.name) for table in tables if table is not None}
