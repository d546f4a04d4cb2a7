"""Any key that a row can have makes a cursor that is taken again; what was made up is refused."""

import base64
import json
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Date, Integer, Numeric, String, func

from app.database.column_types import UtcDateTime
from app.http.cursors import (
    MAX_LETTERS,
    Position,
    check_sort_key,
    decode_cursor,
    encode_cursor,
)
from app.http.page_query import MAX_CURSOR_LENGTH
from app.http.problems import Invalid

ID = UUID("01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10")
TEXT = Column("a_name_of_a_column", String(MAX_LETTERS), nullable=False)
EXAMPLES = settings(max_examples=300, deadline=None, derandomize=True, database=None)
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


@EXAMPLES
@given(st.text(LETTERS, max_size=MAX_LETTERS), st.booleans(), st.uuids())
def test_any_text(key, backwards, row_id):
    position = Position(backwards, key.lower(), row_id)

    cursor = encode_cursor("-name", position)

    assert decode_cursor(cursor, "-name", TEXT) == position


@pytest.mark.parametrize("letter", [*'aé€"\\', "\x01", "\U0001f600", "\U0010ffff", "İ"])
def test_the_longest_text_fits(letter):
    position = Position(True, (letter * MAX_LETTERS).lower(), ID)

    cursor = encode_cursor("-a_name_of_a_column", position)

    assert len(cursor) <= MAX_CURSOR_LENGTH
    assert decode_cursor(cursor, "-a_name_of_a_column", TEXT) == position


@pytest.mark.parametrize(("kind", "key"), [
    (Integer(), -(2**31)), (BigInteger(), 2**63 - 1), (Numeric(), 10),
    (Date(), datetime(2026, 1, 2, tzinfo=UTC).date()),
    (UtcDateTime(), datetime(1, 1, 1, tzinfo=UTC)),
    (UtcDateTime(), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
])  # fmt: skip
def test_each_type_of_key(kind, key):
    column = Column("key", kind, nullable=False)

    assert decode_cursor(encode_cursor("key", Position(False, key, ID)), "key", column).key == key


MOMENTS = [
    "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    "9999-12-31T23:59:59.999999-14:00", "0000-01-01T00:00:00Z", "2026-06-30T23:59:60Z",
    "2026-01-01T24:00:00Z", "2026-02-30T00:00:00Z", "10000-01-01T00:00:00Z", "2026-01-01T00:00:00",
]  # fmt: skip


def made_up(*values) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_outside_the_calendar_is_refused(moment):
    column = Column("at", UtcDateTime, nullable=False)

    with pytest.raises(Invalid):
        decode_cursor(made_up("at", "next", moment, str(ID)), "at", column)


def test_a_moment_is_read_in_utc():
    column = Column("at", UtcDateTime, nullable=False)
    cursor = made_up("at", "next", "2026-01-01T14:00:00+14:00", str(ID))

    key = decode_cursor(cursor, "at", column).key

    assert (key, key.utcoffset()) == (datetime(2026, 1, 1, tzinfo=UTC), timedelta(0))


LONG = base64.urlsafe_b64decode(encode_cursor("name", Position(False, "€" * 300, ID)) + "==")


@pytest.mark.parametrize("raw", [
    LONG[:-1], LONG + b"\x80", LONG[:20], LONG[:1], LONG.replace(b"next", b"nowt"),
    LONG + b"\x80\xb0\x03", LONG + b"\xff\xff\xff\x7f", LONG + b"\xff" * 40, LONG + b"\0",
    LONG.replace(b"name", b"n\xff"), b"\0" + struct.pack("100s", b""),
])  # fmt: skip
def test_a_long_one_that_was_tampered_with_is_refused(raw):
    cursor = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    with pytest.raises(Invalid):
        decode_cursor(cursor, "name", TEXT)


@EXAMPLES
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_is_made_up_is_read_or_refused(start, end):
    for raw in (start, b"\0" + start, LONG[:30] + start, b"\0name next " + ID.bytes + start + end):
        cursor = base64.urlsafe_b64encode(raw).decode()
        try:
            assert isinstance(decode_cursor(cursor, "name", TEXT).key, str)
        except Invalid:
            continue


def test_null_has_a_place_once_it_is_given_one():
    check_sort_key("key", func.coalesce(Column("key", Integer), 0))
