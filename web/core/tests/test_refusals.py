"""Every rule of every type, refused by the form and by the API, has words for people."""

import re
from typing import Any

import pytest

from client.models import FieldProblem, ProblemDetails
from contract.document import pinned
from contract.tests.examples import made
from core.contract_forms import ContractForm
from core.failures import Rejected
from core.refusals import KEYWORDS, told

FOR_MACHINES = re.compile(
    r"(?i)\bpattern\b|input should|\bNone\b|\bnull\b|regex|schema|valid (string|integer|list)"
    r"|ensure this value|\^|\\|string should|greater than or equal"
)
# Rules by the type that they are for, each with what breaks it; what no form takes has no text.
RULES: dict[str, list[tuple[dict[str, Any], str, Any]]] = {
    "string": [
        ({"minLength": 3}, "string_too_short", "ab"),
        ({"maxLength": 3}, "string_too_long", "abcd"),
        ({"pattern": "^[a-z]+$"}, "string_pattern_mismatch", "Fair Trade"),
        ({"enum": ["on", "half_on"]}, "enum", "off"),
        ({"const": "on"}, "literal_error", "off"),
        ({"format": "date"}, "date_from_datetime_parsing", "soon"),
        ({"format": "date-time"}, "datetime_from_date_parsing", "soon"),
        ({"format": "uuid"}, "uuid_parsing", None),
        ({"format": "email"}, "value_error", None),
        ({"format": "uri"}, "url_parsing", None),
        ({}, "string_type", None),
    ],
    "integer": [
        ({"minimum": 3}, "greater_than_equal", "2"),
        ({"maximum": 3}, "less_than_equal", "4"),
        ({"exclusiveMinimum": 3}, "greater_than", None),
        ({"exclusiveMaximum": 3}, "less_than", None),
        ({"multipleOf": 3}, "multiple_of", None),
        ({"enum": [1, 2]}, "enum", "3"),
        ({}, "int_parsing", "soon"),
        ({}, "int_from_float", "1.5"),
    ],
    "number": [
        ({"minimum": 0.5}, "greater_than_equal", "0"),
        ({"maximum": 0.5}, "less_than_equal", "1"),
        ({"exclusiveMinimum": 0.5}, "greater_than", None),
        ({"exclusiveMaximum": 0.5}, "less_than", None),
        ({"multipleOf": 0.5}, "multiple_of", None),
        ({}, "float_parsing", "soon"),
        ({}, "finite_number", "nan"),
    ],
    "boolean": [({}, "bool_parsing", None), ({"const": True}, "literal_error", None)],
    "array": [
        ({"minItems": 2, "items": {"type": "string"}}, "too_short", None),
        ({"maxItems": 2, "items": {"type": "string"}}, "too_long", None),
        ({"items": {"type": "string", "enum": ["a"]}}, "list_type", ["", "b"]),
        ({"items": {"type": "integer"}}, "list_type", "a"),
    ],
    "object": [
        ({"properties": {}}, "model_attributes_type", "{"),
        ({"properties": {}}, "dict_type", "{"),
        ({"additionalProperties": False}, "extra_forbidden", None),
    ],
}
SAID: list[dict[str, Any]] = [  # of the contract, beside the rule
    {},
    {"title": "Lid", "description": "As seen.", "examples": ["gift"]},
    {"description": "Lower case and dashes."},
]
MACHINE = "Input should match pattern '^[a-z]+$', not None"


def is_nullable_too(schema):
    return [schema, {"anyOf": [schema, {"type": "null"}]}]


def corpus():
    """Yield schema, code and what a person types, for every rule, with what may stand beside it."""
    for kind, rules in RULES.items():
        for rule, code, typed in rules:
            for said in SAID:
                for schema in is_nullable_too({"type": kind} | rule | said):
                    yield schema, code, typed


@pytest.fixture
def thing(monkeypatch):
    """Return a function that makes a schema the property of a body, and of a list's query."""

    def make(schema):
        monkeypatch.setitem(
            pinned().schemas,
            "Thing",
            {"properties": {"x": schema, "y": {"type": "array", "items": schema}}},
        )
        operation = pinned().operations["create_widget"]
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
        monkeypatch.setitem(operation.spec, "requestBody", {"content": content})
        monkeypatch.setitem(
            operation.spec, "parameters", [{"name": "x", "in": "query", "schema": schema}]
        )

    return make


def rejected(pointer, code, detail=MACHINE):
    error = made(FieldProblem, pointer=pointer, code=code, detail=detail)
    return Rejected(made(ProblemDetails, errors=[error]), "create_widget")


def is_for_people(sentence):
    return sentence.endswith(".") and not FOR_MACHINES.search(sentence)


def test_every_refusal_of_the_api_has_words(thing, record_property):
    count = 0
    for schema, code, _ in corpus():
        thing(schema)
        for pointer in ("#/x", "#/y/0", "#/query/x"):
            (found,) = told(rejected(pointer, code))
            assert is_for_people(found.sentence), (schema, code, pointer, found)
            count += 1

    record_property("refusals of the API in words for people", count)


def test_every_refusal_of_a_form_has_words(thing, record_property):
    count = 0
    for schema, _, typed in corpus():
        if typed is None:
            continue
        thing(schema)
        form = type("ThingForm", (ContractForm,), {"schema": "Thing"})({"x": typed})
        assert form.errors, (schema, typed)
        assert all(map(is_for_people, form.errors["x"])), (schema, typed, form.errors)
        count += 1

    record_property("refusals of a form in words for people", count)


def test_every_code_has_its_rule():
    assert {code for rules in RULES.values() for _, code, _ in rules} | {"missing"} >= {*KEYWORDS}


OF_A_NEWER_API = [
    MACHINE,
    "String should match pattern '^[a-z]+$'",
    "List should have at most 3 items after validation, not 4",
    "Value should have at least 2 items after validation, not 1",
    "Decimal input should have no more than 2 decimal places",
    "Datetime input should have timezone info",
    "Field required",
    "Extra inputs are not permitted",
    "Invalid JSON: expected value at line 1 column 2",
]


@pytest.mark.parametrize("code", ["missing", "brand_new", "string_pattern_mismatch", "too_long"])
@pytest.mark.parametrize("detail", OF_A_NEWER_API)
def test_rule_of_a_newer_api_is_no_riddle(code, detail):
    (found,) = told(rejected("#/brand_new", code, detail))

    assert is_for_people(found.sentence)


@pytest.mark.parametrize("code", ["taken", "too_long"])
def test_words_that_only_the_api_has_are_shown(code):
    (found,) = told(rejected("#/name", code, "This name is taken."))

    assert (
        (found.name, found.sentence) == ("name", "This name is taken.") if code == "taken" else True
    )


def test_entry_of_a_list_is_named(thing):
    thing({"type": "string", "pattern": "^[a-z]+$", "examples": ["gift"]})

    refusal = rejected("#/y/1", "string_pattern_mismatch")
    (unknown,), (known,) = told(refusal), told(refusal, {"y": ["a", "Fair Trade"]})

    assert unknown.sentence == "Entry 2: Write it like this: gift."
    assert known.sentence == "Entry “Fair Trade”: Write it like this: gift."


def test_list_page_says_what_can_be_chosen(editor, api):
    error = {"pointer": "#/query/status", "code": "enum", "detail": "Input should be 'planned'"}
    api.planned["list_widgets"].clear()
    api.plan_problem("list_widgets", 422, errors=[error])

    page = editor.get("/widgets/?status=built").text

    assert "Status: Choose one of these: Planned, Built, Retired." in page
    assert "Input should" not in page
