"""What is typed into any field is taken as it is or refused in words, and shown again as typed."""

import json
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from core import fields
from core.contract_forms import derive_field, json_field

MANY = 5000  # digits: Python reads 4300
NUMBERS = [
    "9" * MANY,
    f"-{'9' * MANY}",
    f"{'0' * MANY}1",
    f"1.{'9' * MANY}",
    "1" * 400,
    *("1e400", "1e999999999", "1e-999999999", "NaN", "sNaN", "Infinity", "-Infinity"),
    *("٣", "\uff11\uff12", "1_000", "0x10", "--1", "+5", "1,5", " 5 ", "007", "1-2", "½"),
]
JSON = [
    "[" * 100_000,
    '{"a":' * 50_000,
    '"\\ud800"',
    '{"\\ud800": 1}',
    '{"a": NaN}',
    "[1e400]",
    '{"a": 1,\n "a": 1.0e2}',
    "true",
    "null",
]
MOMENTS = ["2026-11-26T99:00", "9999-12-31T23:59:59", "0001-01-01T00:00", "0000-00-00"]
TEXTS = ["\x00", "\u200b", "a" * 100_000, '"a', '""', ",,,", '"a" b, c', "<b>&amp;", "{{ x }}"]
TYPED = [*NUMBERS, *JSON, *MOMENTS, *TEXTS]
DECIMAL = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}]}
KINDS: dict[str, dict[str, Any]] = {
    "whole number": {"type": "integer"},
    "number": {"type": "number"},
    "decimal": DECIMAL,
    "moment": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "line": {"type": "string", "maxLength": 10},
    "text": {"type": "string"},
    "words": {"type": "array", "items": {"type": "string"}},
    "whole numbers": {"type": "array", "items": {"type": "integer"}},
    "numbers": {"type": "array", "items": {"type": "number"}},
    "choice": {"enum": [1, 2]},
    "text or number": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "integer"}]},
    "object": {"type": "object"},
    "text or object": {"anyOf": [{"type": "string"}, {"type": "object"}]},
    "money": {"type": "object", "properties": {"amount_minor": {}, "currency": {}}},
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_typed_is_taken_or_refused_in_words(kind, record_property):
    for text in TYPED:
        field = field_of(kind)
        data = [text, "EUR"] if kind == "money" else text
        try:
            wire = field.clean(data)
        except ValidationError:
            pass
        else:
            json.dumps(wire, allow_nan=False, ensure_ascii=False).encode()
        fields.has_changed(field, None, data)
        form = type("Form", (forms.Form,), {"x": field})({"x": text, "x_currency": "EUR"})
        assert form["x"].value() in (text, [text, None], [text, "EUR"], [text, ""])
        assert form.as_p()
    record_property("odd texts are taken or refused in words", len(TYPED))


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        (f"1.{'9' * 50}", f"1.{'9' * 50}"),
        ("12345678901234567890123456789012345.50", "12345678901234567890123456789012345.5"),
        ("100", "100"),
        ("1e3", "1000"),
        ("1.00", "1"),
        ("0.0", "0"),
    ],
)
def test_no_digit_of_a_decimal_is_lost(typed, wire):
    assert field_of("decimal").clean(typed) == wire


def field_of(kind):
    schema = KINDS[kind]
    return derive_field("x", schema, required=True) or json_field("x", schema, required=True)
