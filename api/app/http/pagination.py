"""Keyset pages: a page at any depth costs what the first one does.

A cursor (cursors.py) holds the sort key of the row at the page's edge; the order always ends in
``id``, so that no two rows share a place.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from fastapi import Depends, Query, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryInfo
from fastapi.routing import APIRoute
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import Integer, Select, bindparam, tuple_

from app.database.functions import search_pattern
from app.database.read_pool import Reader
from app.http.cursors import MAX_LENGTH, Position, SortKey, decode_cursor, encode_cursor
from app.http.etags import PRIVATE, IfNoneMatch, matches
from app.http.listings import Listing
from app.types import Schema, Text

T = TypeVar("T")
MAX_LINK_LENGTH = 5000  # as the contract says
log = logging.getLogger(__name__)
Cursor = Annotated[
    str, Field(max_length=MAX_LENGTH, examples=["WyJuYW1lIiwibmV4dCIsIm11ZyIsIjAxOTMiXQ"])
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


class PageParams(NamedTuple):
    """Which page, of how many rows, and which one the caller has already."""

    cursor: str | None
    limit: int
    if_none_match: str | None


async def get_page_params(
    cursor: Annotated[
        str | SkipJsonSchema[None],
        Query(max_length=MAX_LENGTH, description="`next_cursor` or `prev_cursor` of another page."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Rows on a page.")] = 50,
    if_none_match: IfNoneMatch = None,
) -> PageParams:
    """Read the parameters that every list has."""
    return PageParams(cursor, limit, if_none_match)


PageDep = Annotated[PageParams, Depends(get_page_params)]


async def get_search(
    q: Annotated[
        Text | SkipJsonSchema[None],
        Query(max_length=200, description="Text to find, in any case.", examples=["mug"]),
    ] = None,
) -> str | None:
    """Return the pattern of `q`."""
    return search_pattern(q) if q else None


SearchDep = Annotated[str | None, Depends(get_search)]


async def fetch_page(
    reader: Reader,
    listing: Listing,
    sort: str,
    page: PageParams,
    filters: Mapping[str, Any],
    represent: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """Return ``{items, next_cursor, prev_cursor}``; None among ``filters`` means any.

    Whoever calls says something of each filter of the listing, so that none is forgotten.
    """
    if filters.keys() != listing.filters.keys():
        raise TypeError(f"filters {sorted(filters)} given, {sorted(listing.filters)} declared")
    used = {name: value for name, value in filters.items() if value is not None}
    column = listing.sorts.column(sort)
    here = decode_cursor(page.cursor, sort, column) if page.cursor else None
    backwards = here is not None and here.backwards
    descending = sort.startswith("-") != backwards
    statement = _statement(listing, column, frozenset(used), descending, here is not None)
    values = used | {"limit_": page.limit + 1}
    if here:
        values |= {"key_": here.key, "id_": here.id}
    rows = list(await reader.all(statement, values))
    more = len(rows) > page.limit
    rows = rows[: page.limit]
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
    listing: Listing, column: SortKey, filters: frozenset[str], descending: bool, after: bool
) -> Select[Any]:
    """Build each shape of the query once; building costs more than running it."""
    unique, key = listing.unique, tuple_(column, listing.unique)
    conditions = (listing.filters[name] for name in sorted(filters))
    statement = listing.select.add_columns(column.label("key_")).where(*conditions)
    if after:
        edge = tuple_(bindparam("key_", type_=column.type), bindparam("id_", type_=unique.type))
        statement = statement.where(key < edge if descending else key > edge)
    order = (column.desc(), unique.desc()) if descending else (column, unique)
    return statement.order_by(*order).limit(bindparam("limit_", type_=Integer))


def _edge(sort: str, direction: str, rows: Sequence[Any], here: Position | None) -> str | None:
    """Return the cursor beyond the row at the page's edge, or where an empty page began."""
    backwards = direction == "prev"
    if rows:
        return encode_cursor(sort, Position(backwards, rows[0].key_, rows[0].id))
    return encode_cursor(sort, here._replace(backwards=backwards)) if here else None


_encode = msgspec.json.Encoder().encode


def reply_page(request: Request, page: PageParams, found: dict[str, Any]) -> Response:
    """Answer with a page, its ``Link`` header (RFC 8288), and an ``ETag`` made from its bytes."""
    body = _encode(found)
    digest = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    headers = PRIVATE | {"ETag": f'W/"{digest[:32]}"'}
    params = _known_params(request) if request.scope["query_string"] else {}
    if links := _links(request, page, params, found):
        headers["Link"] = links
    if page.if_none_match and matches(page.if_none_match, headers["ETag"]):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "application/json")


def _links(
    request: Request, page: PageParams, params: dict[str, Any], found: dict[str, Any]
) -> str:
    """Return the links to the pages after and before, as many as fit into the header."""
    path, links = quote(request.scope["path"]), ""
    if "limit" in params:
        params["limit"] = page.limit  # as it was read: zeros before a number are no reason
    for rel, name in (("next", "next_cursor"), ("prev", "prev_cursor")):
        if found[name]:
            query = urlencode(params | {"cursor": found[name]})
            more = f'{links and ", "}<{path}?{query}>; rel="{rel}"'
            links += more if len(links + more) <= MAX_LINK_LENGTH else ""
    return links


def _known_params(request: Request) -> dict[str, Any]:
    """Return the query parameters that the operation has; log the names of others.

    To refuse them would break callers who send them, so that has to wait for a major release.
    """
    params, route = dict(request.query_params), request.scope["route"]
    names = _names.get(route.endpoint)
    if names is None:
        names = _names[route.endpoint] = query_names(route)
    if unknown := params.keys() - names:
        shown = sorted(name[:40] for name in unknown)[:5]
        fields = {"operation": route.name, "parameters": shown}
        log.warning("unknown query parameters", extra={"fields": fields})
    return {name: value for name, value in params.items() if name in names}


_names: dict[Callable[..., Any], frozenset[str]] = {}  # as many as there are lists


def query_names(route: APIRoute) -> frozenset[str]:
    """Return the names of the query parameters that an operation and its dependencies have."""
    fields = get_flat_params(route.dependant)
    return frozenset(f.alias for f in fields if isinstance(f.field_info, QueryInfo))
