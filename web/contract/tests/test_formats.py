"""A text that is not of the format that the contract promises is found by its place."""

import pytest

from contract.document import Document
from contract.formats import misformed

ID = {"type": "string", "format": "uuid"}
DAY = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
THING = {
    "allOf": [{"properties": {"id": ID}}, {"properties": {"day": DAY}}],
}
ANSWER = {
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        "by_name": {"additionalProperties": {"$ref": "#/components/schemas/Thing"}},
        "name": {"type": "string"},
        "any": True,
    }
}
DOCUMENT = Document(
    {
        "components": {"schemas": {"Thing": THING}},
        "paths": {
            "/": {
                "get": {
                    "operationId": "read it",
                    "responses": {"2XX": {"content": {"application/json": {"schema": ANSWER}}}},
                }
            }
        },
    }
)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"items": [{}, {"id": "a"}]}, ["items[1].id is no uuid: 'a'"]),
        ({"items": [{"day": "soon"}]}, ["items[0].day is no date: 'soon'"]),
        ({"by_name": {"x": {"id": "a"}}}, ["by_name.x.id is no uuid: 'a'"]),
        ({"items": [{"day": None}, {"day": 3}, None], "name": "a", "any": "a", "new": "a"}, []),
        ({"items": None}, []),
        (None, []),
    ],
)
def test_text_of_another_format_is_found(body, found):
    assert [*misformed(DOCUMENT, "read it", 200, body)] == found


def test_answer_that_the_contract_does_not_have_is_of_no_format():
    assert [*misformed(DOCUMENT, "read it", 404, {"items": [{"id": "a"}]})] == []
    assert [*misformed(DOCUMENT, "read nothing", 200, {"items": [{"id": "a"}]})] == []
