"""What the reader promises: a field fails when it is read, by its name, and no other does."""

from typing import Any

import msgspec
import pytest

from contract import reader
from contract.reader import Answer, Values, wire


class Price(msgspec.Struct, frozen=True, kw_only=True):
    amount: int


class Cup(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    price: Price
    size: int = 3
    tags: list[str] = msgspec.field(default_factory=list)
    from_: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="from")
    note: str | None


class Cups(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Cup]
    best: Cup | None = None
    by_size: dict[str, Cup] = {}


GOOD = {"id": "a", "price": {"amount": 1}, "size": 4, "tags": [], "from": "here", "note": None}


class Misread(Exception):
    pass


def read(body, kind=Cup, note=None):
    return reader.decode(msgspec.json.encode(body), kind, Answer("read_cup", Misread, note))


def test_right_answer_is_the_plain_struct():
    assert type(read(GOOD)) is Cup


def test_wrong_field_fails_when_it_is_read_and_no_other_does():
    cup = read(GOOD | {"note": 7})

    assert (cup.id, cup.price.amount, cup.size, cup.from_) == ("a", 1, 4, "here")
    assert isinstance(cup, Cup)
    with pytest.raises(Misread, match="read_cup: note cannot be read: Expected `str"):
        cup.note  # noqa: B018


def test_missing_field_is_named_and_an_optional_one_has_its_default():
    cup = read({"id": "a", "price": {}})

    assert (cup.size, cup.tags, cup.from_) == (3, [], msgspec.UNSET)
    with pytest.raises(Misread, match=r"read_cup: price\.amount is missing"):
        cup.price.amount  # noqa: B018


def test_only_the_wrong_item_of_a_list_is_read_field_by_field():
    cups = read({"items": [GOOD, GOOD | {"id": None}], "best": GOOD | {"id": 3}}, Cups)

    assert type(cups.items[0]) is Cup
    assert cups.items[1].price.amount == cups.best.price.amount == 1
    with pytest.raises(Misread, match=r"items\[1\]\.id"):
        cups.items[1].id  # noqa: B018
    with pytest.raises(Misread, match=r"best\.id"):
        cups.best.id  # noqa: B018


def test_only_the_wrong_value_of_a_map_is_read_field_by_field():
    cups = read({"items": [], "by_size": {"S": GOOD, "a.b": GOOD | {"id": 3}}}, Cups)

    assert type(cups.by_size["S"]) is Cup
    assert cups.by_size["a.b"].size == 4
    with pytest.raises(Misread, match=r'by_size\["a\.b"\]\.id'):
        cups.by_size["a.b"].id  # noqa: B018


def test_item_that_is_no_object_fails_with_its_list():
    with pytest.raises(Misread, match=r"items\[0\] cannot be read"):
        read({"items": [None]}, Cups).items  # noqa: B018


# What JSON may carry and no type can: RFC 8259, 6 and 8.
UNUSABLE = (
    b"NaN", b"-Infinity", b"1e999", b"9" * 5000,
    rb'"\ud800"', b'"\xff"', b'["a", "caf\xe9"]', b'{"a": [NaN]}',
)  # fmt: skip


@pytest.mark.parametrize("value", UNUSABLE)
def test_value_that_no_type_can_have_fails_only_when_it_is_read(value):
    right = msgspec.json.encode(GOOD)[1:]
    content = b'{"colour": ' + value + b', "price": ' + value + b"," + right
    read_alone = reader.decode(content, Cup, Answer("read_cup", Misread))
    assert read_alone.price.amount == 1

    content = right[:-1].replace(b'"id":"a"', b'"id":' + value)
    cups = b'{"best": {' + content + b'}, "items": [{' + content + b"}]}"
    found = reader.decode(cups, Cups, Answer("list_cups", Misread))
    assert found.best is not None
    assert found.items[0].price.amount == found.best.price.amount == 1
    with pytest.raises(Misread, match=r"list_cups: items\[0\]\.id cannot be read: it is no "):
        found.items[0].id  # noqa: B018


def test_value_of_any_type_is_read_in_whole():
    class Note(msgspec.Struct, frozen=True, kw_only=True):
        id: str
        more: Any

    note = reader.decode(b'{"id": "a", "more": [{"b": NaN}]}', Note, Answer("read_note", Misread))

    assert note.id == "a"
    with pytest.raises(Misread, match="more cannot be read: it is no number"):
        note.more  # noqa: B018


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_every_encoding_of_json_is_read(encoding):
    content = msgspec.json.encode(GOOD | {"note": "Käse"}).decode().encode(encoding)

    assert reader.decode(content, Cup, Answer("read_cup", Misread)).note == "Käse"


def test_of_a_name_that_is_there_twice_the_last_counts():
    content = msgspec.json.encode(GOOD)[:-1] + b', "id": "b"}'

    assert reader.decode(content, Cup, Answer("read_cup", Misread)).id == "b"


@pytest.mark.parametrize(
    "content", [b"<html>", b"", b"\xff\xfe", b'{"id": "a', b'{"id": 01}', b"[" * 10_000]
)
def test_what_is_no_json_is_refused_at_once(content):
    with pytest.raises(Misread, match="read_cup: the answer is no JSON"):
        reader.decode(content, Cup, Answer("read_cup", Misread))


def test_unknown_attribute_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="Cup has no field 'colour'"):
        read(GOOD | {"id": 1}).colour  # noqa: B018


def test_every_read_is_noted_once_and_nothing_else():
    noted: list[str] = []
    cups = read({"items": [GOOD]}, Cups, noted.append)

    assert [cups.items[0].price.amount for _ in range(2)] == [1, 1]
    assert noted == ["items", "items[0].price", "items[0].price.amount"]


class TestValues:
    @pytest.mark.parametrize("note", [None, print])
    def test_are_the_json_of_a_struct(self, note):
        assert dict(Values(read(GOOD, note=note))) == wire(read(GOOD, note=note)) == GOOD

    def test_read_only_what_is_asked_for(self):
        values = Values(read({"id": "a", "price": "much", "note": 7}))

        assert values["id"] == "a"
        assert {"price", "note"} <= set(values)
        assert "from" not in values
        assert values.get("from") is None
        with pytest.raises(Misread):
            values.get("price")
