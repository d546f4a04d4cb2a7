"""Keyset pages: a page at any depth costs what the first one does.

A cursor is opaque to callers. It holds the sort order, the direction and the sort key of the row
at the page's edge; the order always ends in ``id``, so that no two rows share a place.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from fastapi import Depends, Query, Request, Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core.concurrency import PRIVATE, IfNoneMatch, matches
from app.core.database import UtcDateTime, search_pattern
from app.core.problems import FieldProblem, Invalid
from app.core.reader import Reader
from app.core.types import Schema, Text

T = TypeVar("T")
SortKey = ColumnElement[Any] | InstrumentedAttribute[Any]
Cursor = Annotated[str, Field(max_length=1000, examples=["WyJuYW1lIiwibmV4dCIsIm11ZyIsIjAxOTMiXQ"])]


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
        Query(max_length=1000, description="`next_cursor` or `prev_cursor` of another page."),
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


class Listing(NamedTuple):
    """How a resource is listed: its SELECT, its sort orders, and the unique key that ends them."""

    select: Callable[[frozenset[str]], Select[Any]]  # given the names of the filters in use
    sorts: Mapping[str, SortKey]
    unique: SortKey


class Position(NamedTuple):
    """Where a page begins: beyond this key, going forwards or backwards."""

    backwards: bool
    key: Any
    id: UUID


async def fetch_page(
    reader: Reader,
    listing: Listing,
    sort: str,
    page: PageParams,
    filters: Mapping[str, Any],
    represent: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """Return ``{items, next_cursor, prev_cursor}``; None among ``filters`` means any."""
    used = {name: value for name, value in filters.items() if value is not None}
    here = _decode(page.cursor, listing, sort) if page.cursor else None
    backwards = here is not None and here.backwards
    statement = _statement(listing.select, _column(listing, sort), listing.unique, frozenset(used),
                           sort.startswith("-") != backwards, here is not None)  # fmt: skip
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
    select: Callable[[frozenset[str]], Select[Any]],
    column: SortKey,
    unique: SortKey,
    filters: frozenset[str],
    descending: bool,
    after: bool,
) -> Select[Any]:
    """Build each shape of the query once; building costs more than running it."""
    key = tuple_(column, unique)
    statement = select(filters).add_columns(column.label("key_"))
    if after:
        edge = tuple_(bindparam("key_", type_=column.type), bindparam("id_", type_=unique.type))
        statement = statement.where(key < edge if descending else key > edge)
    order = (column.desc(), unique.desc()) if descending else (column, unique)
    return statement.order_by(*order).limit(bindparam("limit_", type_=Integer))


def _column(listing: Listing, sort: str) -> SortKey:
    return listing.sorts[sort.removeprefix("-")]


def _edge(sort: str, direction: str, rows: Sequence[Any], here: Position | None) -> str | None:
    """Return the cursor beyond the row at the page's edge, or where an empty page began."""
    if rows:
        key, row_id = rows[0].key_, rows[0].id
    elif here:
        key, row_id = here.key, here.id
    else:
        return None
    raw = msgspec.json.encode((sort, direction, key, row_id))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(cursor: str, listing: Listing, sort: str) -> Position:
    """Return what the cursor holds; a cursor of another order, or made up, is refused."""
    column = _column(listing, sort)
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, direction, key, row_id = msgspec.json.decode(raw, type=_cursor_type(column))
        good = found == sort and direction in ("next", "prev") and "\0" not in str(key)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        good = False
    if not good:
        detail = "Not a cursor of this list in this order."
        error = FieldProblem(pointer="#/query/cursor", code="cursor", detail=detail)
        raise Invalid(errors=[error])
    return Position(direction == "prev", key, row_id)


def _cursor_type(column: SortKey) -> Any:
    """Return the type of a cursor whose key can be compared with ``column``."""
    key: Any = str
    if isinstance(column.type, Integer):
        bits = 63 if isinstance(column.type, BigInteger) else 31
        key = Annotated[int, msgspec.Meta(ge=-(2**bits), le=2**bits - 1)]
    elif isinstance(column.type, UtcDateTime):
        key = Annotated[datetime, msgspec.Meta(tz=True)]
    return tuple.__class_getitem__((str, str, key, UUID))


_encode = msgspec.json.Encoder().encode


def reply_page(request: Request, page: PageParams, found: dict[str, Any]) -> Response:
    """Answer with a page, its ``Link`` header (RFC 8288), and an ``ETag`` made from its bytes."""
    body = _encode(found)
    digest = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    headers = PRIVATE | {"ETag": f'W/"{digest[:32]}"'}
    path, params = quote(request.scope["path"]), dict(request.query_params)
    links = [
        f'<{path}?{urlencode(params | {"cursor": found[name]})}>; rel="{rel}"'
        for rel, name in (("next", "next_cursor"), ("prev", "prev_cursor"))
        if found[name]
    ]
    if links:
        headers["Link"] = ", ".join(links)
    if page.if_none_match and matches(page.if_none_match, headers["ETag"]):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "application/json")
