"""Texts are stored in NFC, and what nobody can see is no name."""

import sys
import unicodedata

import pytest
from httpx2 import AsyncClient
from pydantic import TypeAdapter, ValidationError

from app.types import Line, composed
from tests.widgets.factory import WIDGET, make_widget

COMPOSED = [
    letter
    for letter in map(chr, range(0xA0, 0x3000))
    if unicodedata.normalize("NFD", letter) != letter == unicodedata.normalize("NFC", letter)
]
NAME = "".join(COMPOSED[:60])


def apart(words: str) -> str:
    return unicodedata.normalize("NFD", words)


async def test_a_letter_and_its_parts_are_one_text(client: AsyncClient, record_property):
    for start in range(0, len(COMPOSED), 40):
        words = "".join(COMPOSED[start : start + 40])
        stored = await make_widget(client, code=apart(words), name=apart(words))

        twin = await client.post("widgets", json=WIDGET | {"code": words})
        found = [await client.get("widgets", params={"q": q}) for q in (words, apart(words))]

        assert (stored["code"], stored["name"]) == (words, words)
        assert twin.status_code == 409
        ids = [[item["id"] for item in each.json()["items"]] for each in found]
        assert ids == [[stored["id"]], [stored["id"]]]
    record_property("letters that can be written in two ways", len(COMPOSED))


async def test_a_change_is_composed_too(client: AsyncClient):
    widget = await make_widget(client, name=NAME)
    headers = {"If-Match": "*"}

    answer = await client.patch(
        f"widgets/{widget['id']}", json={"name": apart(NAME)}, headers=headers
    )

    assert answer.json() == widget


def test_texts_at_any_depth_are_composed():
    value = {apart("é"): [apart("é"), {"a": apart("é"), "b": [[apart("é")]]}, 1, None]}

    assert composed(value) == {"é": ["é", {"a": "é", "b": [["é"]]}, 1, None]}


INVISIBLE = [
    chr(point)
    for point in range(sys.maxunicode + 1)
    if unicodedata.category(chr(point)) in ("Cf", "Zs", "Zl", "Zp")
] + list(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180f\u2800\u3164\uffa0\ufe00\ufe0f\ufff0\U0001d159"
    "\U000e0000\U000e0080\U000e0100\U000e01ef\U000e0fff"
)


def test_what_nobody_can_see_is_no_name(record_property):
    line = TypeAdapter(Line)
    taken = []
    for letter in INVISIBLE:
        try:
            taken.append(line.validate_python(letter * 2))
        except ValidationError:
            continue
        assert line.validate_python(f"{letter}a{letter}")

    assert taken == []
    record_property("characters that nobody can see", len(INVISIBLE))


@pytest.mark.parametrize("code", ["\u200b", "\ufeff\u2060", " \u200b ", "\u3164", "\u00ad"])
async def test_it_is_refused_at_its_field(client: AsyncClient, code):
    answer = await client.post("widgets", json=WIDGET | {"code": code})

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["#/code"]


@pytest.mark.parametrize(("size", "status"), [(3.0, 201), (-0.0, 201), (3.5, 422), (1e300, 422)])
async def test_an_integer_may_be_written_with_a_point(client: AsyncClient, size, status):
    answer = await client.post("widgets", json=WIDGET | {"size": size})

    assert answer.status_code == status
    assert status != 201 or answer.json()["size"] == int(size)
