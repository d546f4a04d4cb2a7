"""Cursors of keyset pages: the sort order, the direction, and the key of the row at the edge.

A cursor is opaque to callers, and never longer than ``MAX_CURSOR_LENGTH``. It is base64url
(RFC 4648, 5) of JSON. A letter of a long text, for which JSON may take six bytes, takes three.
"""

import base64
import binascii
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, ColumnElement, Integer, SmallInteger, String
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import visitors

from app.http.declarations import DeclarationError
from app.http.page_query import MAX_CURSOR_LENGTH
from app.http.problems import FieldProblem, Invalid

SortKey = ColumnElement[Any] | InstrumentedAttribute[Any]
MAX_BYTES = MAX_CURSOR_LENGTH * 3 // 4
MAX_LETTERS = 230  # of a sort key: three bytes each leave room for the sort's name and an id
KINDS = (int, float, Decimal, str, Enum, date, time, timedelta, UUID)  # types that JSON can carry
LONG = b"\0"  # never the first byte of JSON


class Position(NamedTuple):
    """Where a page begins: after this key, or before it if ``backwards``."""

    backwards: bool
    key: Any
    id: UUID


def encode_cursor(sort: str, position: Position) -> str:
    """Return the cursor of a position in a sort order."""
    direction = "prev" if position.backwards else "next"
    raw = msgspec.json.encode((sort, direction, position.key, position.id))
    if len(raw) > MAX_BYTES:
        head = f"{sort} {direction} ".encode()
        raw = LONG + head + position.id.bytes + _pack(position.key)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(cursor: str, sort: str, column: SortKey) -> Position:
    """Return the position of a cursor; Invalid if it is malformed or of another sort order."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, direction, key, row_id = _read(raw, _type_of(column))
        if isinstance(key, datetime):
            key = key.astimezone(UTC)  # OverflowError: not within the years 1 to 9999
        good = found == sort and direction in ("next", "prev") and "\0" not in str(key)
    except (binascii.Error, ValueError, OverflowError, msgspec.DecodeError):
        good = False
    if not good:
        detail = "Not a cursor of this list in this order."
        error = FieldProblem(pointer="#/query/cursor", code="cursor", detail=detail)
        raise Invalid(errors=[error])
    return Position(direction == "prev", key, row_id)


def check_sort_key(name: str, column: SortKey) -> None:
    """Raise DeclarationError unless every value of ``column`` fits into a cursor."""
    clause: Any = getattr(column, "__clause_element__", lambda: column)()
    parts = list(visitors.iterate(clause))
    columns = [part for part in parts if isinstance(part, Column)]
    if any(each.nullable for each in columns) and not _replaces_null(parts[0]):
        raise DeclarationError(f"sort {name}: null has no place in an order; use coalesce()")
    if not _has_kind(column):
        raise DeclarationError(f"sort {name}: a {column.type!r} has no order that a cursor keeps")
    if isinstance(column.type, String):
        lengths = [getattr(column.type, "length", None)]
        lengths += [each.type.length for each in columns if isinstance(each.type, String)]
        known = [length for length in lengths if length]
        if not known or known[0] > MAX_LETTERS:
            detail = f"a text of at most {MAX_LETTERS} letters has an order"
            raise DeclarationError(f"sort {name}: {detail}")


def _replaces_null(expression: Any) -> bool:
    return getattr(expression, "name", "") == "coalesce"


def _has_kind(column: SortKey) -> bool:
    try:
        return issubclass(_stored(column).python_type, KINDS)
    except NotImplementedError:  # an SQL function without a declared type
        return False


def _read(raw: bytes, kind: Any) -> tuple[str, str, Any, UUID]:
    if not raw.startswith(LONG):
        found: tuple[str, str, Any, UUID] = msgspec.json.decode(raw, type=_tuple_of(kind))
        return found
    sort, direction, rest = raw[1:].split(b" ", 2)
    if kind is not str:
        raise ValueError("not a text")
    return sort.decode(), direction.decode(), _unpack(rest[16:]), UUID(bytes=rest[:16])


@cache
def _tuple_of(kind: Any) -> Any:
    return tuple.__class_getitem__((str, str, kind, UUID))


def _stored(column: SortKey) -> Any:
    return getattr(column.type, "impl_instance", column.type)  # what our own types are based on


def _type_of(column: SortKey) -> Any:
    """Return the type of a key that can be compared with ``column``."""
    stored = _stored(column)
    if isinstance(stored, Integer):
        bits = {SmallInteger: 15, BigInteger: 63}.get(type(stored), 31)
        return Annotated[int, msgspec.Meta(ge=-(2**bits), le=2**bits - 1)]
    if issubclass(stored.python_type, datetime):
        return Annotated[datetime, msgspec.Meta(tz=True)]
    return stored.python_type


def _pack(text: str) -> bytes:
    """Encode each code point as LEB128: seven bits a byte, the lowest first."""
    packed = bytearray()
    for point in map(ord, text):
        rest = point
        while rest > 0x7F:
            packed.append(rest & 0x7F | 0x80)
            rest >>= 7
        packed.append(rest)
    return bytes(packed)


def _unpack(packed: bytes) -> str:
    """Decode a text; ValueError if it is malformed."""
    letters, point, shift = [], 0, 0
    for byte in packed:
        point |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            letters.append(chr(point))
            point, shift = 0, 0
    if shift:
        raise ValueError("it ends within a letter")
    return "".join(letters).encode().decode()  # UnicodeEncodeError: half of a pair
