"""Pages by keyset: a page at any depth costs as much as the first.

A cursor (cursors.py) holds the sort key of the row at the page's edge; the order always ends in
``id``, so that no two rows share a place.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from fastapi import Depends, Request, Response
from pydantic import Field
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)

from app.database.read_pool import Reader
from app.http.cursors import Position, decode_cursor, encode_cursor
from app.http.dependencies import ReaderDep
from app.http.etags import PRIVATE, IfNoneMatch, matches
from app.http.listings import Filter, Listing, Q
from app.http.page_query import MAX_CURSOR_LENGTH, PageQuery
from app.types import Schema

T = TypeVar("T")
MAX_LINK_LENGTH = 5000  # as the contract says
LIMIT = bindparam("limit_", type_=Integer)
# Of a search, read before its index is asked: from an index alone, and row by row.
COVERED_ROWS, NEAR_ROWS = 3000, 500
log = logging.getLogger(__name__)
Cursor = Annotated[
    str, Field(max_length=MAX_CURSOR_LENGTH, examples=["WyJuYW1lIiwibmV4dCIsImJsdWUiLCIwMTkzIl0"])
]


class Page(Schema, Generic[T]):
    """Part of a list."""

    items: list[T] = Field(max_length=100)
    next_cursor: Cursor | None = Field(
        description="Send it back as `cursor` for the page after; null on the last page."
    )
    prev_cursor: Cursor | None = Field(
        description="Send it back as `cursor` for the page before; null on the first page."
    )


async def fetch_page(
    reader: Reader,
    listing: Listing[Q],
    query: Q,
    represent: Callable[[Any], dict[str, Any]],
    **fixed: Any,
) -> dict[str, Any]:
    """Return ``{items, next_cursor, prev_cursor}``; a filter that is None means any.

    ``fixed`` has what callers do not choose: the filters that ``query`` does not have, and the
    ``sort`` if it has none. TypeError unless that is every filter of the listing.
    """
    values = {**vars(query), **fixed}
    cursor, limit, sort = values.pop("cursor"), values.pop("limit"), values.pop("sort")
    if values.keys() != listing.filters.keys():
        raise TypeError(f"filters {sorted(values)}, but {sorted(listing.filters)} are declared")
    used = {name: value for name, value in values.items() if value is not None}
    column = listing.column(sort)
    here = decode_cursor(cursor, sort, column) if cursor else None
    backwards = here is not None and here.backwards
    descending = sort.startswith("-") != backwards
    name = sort.removeprefix("-")
    statement = _statement(listing, name, frozenset(used), descending, here is not None)
    parameters = used | {"limit_": limit + 1}
    if here:
        parameters |= {"key_": here.key, "id_": here.id}
    rows = list(await reader.all(statement, parameters))
    more = len(rows) > limit
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    return {
        "items": [represent(row) for row in rows],
        "next_cursor": _edge(sort, "next", rows[-1:], here) if more or backwards else None,
        "prev_cursor": _edge(sort, "prev", rows[:1], here)
        if (more if backwards else here)
        else None,
    }


@lru_cache(maxsize=1024)
def _statement(
    listing: Listing[Any], sort: str, filters: frozenset[str], descending: bool, after: bool
) -> Select[Any]:
    """Return the statement; cached, because building it costs more than running it."""
    column, unique, statement = listing.sorts[sort].column, listing.unique, listing.select
    used = [listing.filters[name] for name in sorted(filters)]
    for rows in (each.rows for each in used if each.rows):
        statement = statement.join(rows.id.table, rows.id == listing.unique)
        if rows.sort == sort:
            column, unique = rows.key, rows.id
    statement = statement.add_columns(column.label("key_"))
    statement = statement.where(*(each.condition for each in used if not each.search))
    searches = [each for each in used if each.search]
    if after:
        edge = [bindparam("key_", type_=column.type), bindparam("id_", type_=unique.type)]
        there = tuple_(*map(_unseen, edge)) if searches else tuple_(*edge)
        key = tuple_(column, unique)
        statement = statement.where(key < there if descending else key > there)
    statement = statement.order_by(*_order(column, unique, descending))
    if not searches:
        return statement.limit(LIMIT)
    keys = statement.with_only_columns(
        unique.label("id"), column.label("key_"), maintain_column_froms=True
    )
    covered = all(each.search and sort in each.search.sorts for each in used)
    found = _search(keys, searches, COVERED_ROWS if covered else NEAR_ROWS, descending)
    statement = listing.select.add_columns(found.c.key_)
    statement = statement.join(found, found.c.id == listing.unique)
    return statement.order_by(*_order(found.c.key_, found.c.id, descending))


def _search(
    keys: Select[Any], searches: Sequence[Filter], rows: int, descending: bool
) -> FromClause:
    """Return the keys of a page's hits.

    Those of frequent words are near: the first ``rows`` in the order have them. If these do not
    fill the page, an index gives all hits, to be sorted. Which of both is cheaper depends on where
    the hits are, and the database cannot know that of a part of a word before it looks.
    """
    size = _unseen(LIMIT)
    is_hit = and_(*(each.condition for each in searches))
    # A number, not a parameter: PostgreSQL has to know that it is small.
    nearest = keys.add_columns(is_hit.label("is_hit")).limit(literal_column(f"{rows}"))
    near = nearest.subquery("near")
    first = _page_of(near, size, descending).where(near.c.is_hit).cte("first_hits")
    count = select(func.count()).select_from(first).scalar_subquery()
    indexed = [each.search.indexed for each in searches if each.search]
    hits = keys.order_by(None).where(is_hit, *indexed, count < size).cte("hits")
    # Otherwise PostgreSQL may read the order to its end instead.
    hits = hits.prefix_with("MATERIALIZED", dialect="postgresql")
    last = _page_of(hits, size, descending).subquery("sorted_hits")
    full = select(first.c.id, first.c.key_).where(count == size)
    return union_all(full, select(last.c.id, last.c.key_)).subquery("found")


def _page_of(keys: FromClause, size: ColumnElement[int], descending: bool) -> Select[Any]:
    statement = select(keys.c.id, keys.c.key_)
    return statement.order_by(*_order(keys.c.key_, keys.c.id, descending)).limit(size)


def _unseen(value: BindParameter[Any]) -> ColumnElement[Any]:
    """Hide a value from PostgreSQL's planner, so that it makes one plan for all of them, once."""
    return select(value).scalar_subquery()


def _order(key: Any, unique: Any, descending: bool) -> tuple[Any, Any]:
    return (key.desc(), unique.desc()) if descending else (key, unique)


def _edge(sort: str, direction: str, rows: Sequence[Any], here: Position | None) -> str | None:
    """Return the cursor of the page's edge; for an empty page, of where it began."""
    backwards = direction == "prev"
    if rows:
        return encode_cursor(sort, Position(backwards, rows[0].key_, rows[0].id))
    return encode_cursor(sort, here._replace(backwards=backwards)) if here else None


_encode = msgspec.json.Encoder().encode


def reply_page(
    request: Request, query: PageQuery, page: dict[str, Any], if_none_match: str | None
) -> Response:
    """Answer with a page, its ``Link`` header (RFC 8288), and an ``ETag`` made from its bytes."""
    body = _encode(page)
    digest = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    headers = PRIVATE | {"ETag": f'W/"{digest[:32]}"'}
    if links := _links(request, query, page):
        headers["Link"] = links
    if if_none_match and matches(if_none_match, headers["ETag"]):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "application/json")


def _links(request: Request, query: PageQuery, page: dict[str, Any]) -> str:
    """Return the links to the pages after and before, as many as fit into the header."""
    params = _declared_params(request, query) if request.scope["query_string"] else {}
    path, links = quote(request.scope["path"]), ""
    if "limit" in params:
        params["limit"] = query.limit  # as a number, without leading zeros
    for rel, name in (("next", "next_cursor"), ("prev", "prev_cursor")):
        if page[name]:
            more = urlencode(params | {"cursor": page[name]})
            link = f'{links and ", "}<{path}?{more}>; rel="{rel}"'
            links += link if len(links + link) <= MAX_LINK_LENGTH else ""
    return links


def _declared_params(request: Request, query: PageQuery) -> dict[str, Any]:
    """Return the query parameters that the list has; log the names of others.

    Refusing them is a breaking change, so it waits for a major release (docs/decisions).
    """
    params, fields = dict(request.query_params), type(query).model_fields
    names = {each.alias or name for name, each in fields.items()}
    if unknown := params.keys() - names:
        shown = sorted(name[:40] for name in unknown)[:5]
        line = {"operation": request.scope["route"].name, "parameters": shown}
        log.warning("unknown query parameters", extra={"fields": line})
    return {name: value for name, value in params.items() if name in names}


class Lists:
    """Answers a request for a list."""

    def __init__(self, request: Request, reader: Reader, if_none_match: str | None) -> None:
        self._request, self._reader, self._if_none_match = request, reader, if_none_match

    async def reply(
        self,
        listing: Listing[Q],
        query: Q,
        represent: Callable[[Any], dict[str, Any]],
        **fixed: Any,
    ) -> Response:
        """Answer with the page that ``query`` asks for; ``fixed`` is that of ``fetch_page``."""
        page = await fetch_page(self._reader, listing, query, represent, **fixed)
        return reply_page(self._request, query, page, self._if_none_match)


async def get_lists(
    request: Request, reader: ReaderDep, if_none_match: IfNoneMatch = None
) -> Lists:
    """Return what answers a request for a list."""
    return Lists(request, reader, if_none_match)


ListDep = Annotated[Lists, Depends(get_lists)]
