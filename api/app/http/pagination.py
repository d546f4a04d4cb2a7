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
from sqlalchemy import Integer, Select, bindparam, tuple_

from app.database.read_pool import Reader
from app.http.cursors import Position, decode_cursor, encode_cursor
from app.http.dependencies import ReaderDep
from app.http.etags import PRIVATE, IfNoneMatch, matches
from app.http.listings import Listing, Q
from app.http.page_query import MAX_CURSOR_LENGTH, PageQuery
from app.types import Schema

T = TypeVar("T")
MAX_LINK_LENGTH = 5000  # as the contract says
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
    conditions = (each.condition for each in used)
    statement = statement.add_columns(column.label("key_")).where(*conditions)
    if after:
        edge = tuple_(bindparam("key_", type_=column.type), bindparam("id_", type_=unique.type))
        key = tuple_(column, unique)
        statement = statement.where(key < edge if descending else key > edge)
    order = (column.desc(), unique.desc()) if descending else (column, unique)
    return statement.order_by(*order).limit(bindparam("limit_", type_=Integer))


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
