import pytest
from django.core.exceptions import ValidationError

from contract.document import pinned
from core import fields, text
from tests.widgets.client import models


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        ("2,55", "EUR", 255),
        ("2.5", "EUR", 250),
        ("2", "EUR", 200),
        ("2.500", "EUR", 250),
        (" 0 ", "EUR", 0),
        ("1500", "JPY", 1500),
        ("1500.0", "JPY", 1500),
    ],
)
def test_amount_becomes_minor_units(typed, currency, minor):
    assert fields.MoneyField().clean([typed, currency]) == {
        "amount_minor": minor,
        "currency": currency,
    }


@pytest.mark.parametrize(
    ("typed", "currency", "words"),
    [
        ("2,555", "EUR", "“2,555” has too many decimals: EUR has 2 decimals."),
        ("1.5", "JPY", "“1.5” has too many decimals: JPY has no decimals."),
        ("1.234,50", "EUR", "“1.234,50” is not an amount. Write it like 12.50."),
        ("ten", "JPY", "“ten” is not an amount. Write it like 1250."),
        ("1e3", "EUR", "“1e3” is not an amount. Write it like 12.50."),
        ("", "EUR", "This field is required."),
        ("1", "XXX", "Select a valid choice. XXX is not one of the available choices."),
    ],
)
def test_what_is_no_amount_is_refused_in_words(typed, currency, words):
    with pytest.raises(ValidationError) as caught:
        fields.MoneyField().clean([typed, currency])
    assert caught.value.messages == [words]


@pytest.mark.parametrize(
    ("limit", "beyond", "word"), [("minimum", -1, "less"), ("maximum", 1, "more")]
)
def test_amount_is_within_the_contract_s_limits(limit, beyond, word):
    last = pinned().schemas["Money"]["properties"]["amount_minor"][limit]

    with pytest.raises(ValidationError) as caught:
        fields.MoneyField().clean([fields.to_major(last + beyond, "EUR"), "EUR"])
    bound = fields.to_major(last, "EUR")
    assert caught.value.messages == [f"It cannot be {word} than {bound} EUR."]


@pytest.mark.parametrize("currency", ["", "EUR"])
def test_optional_money_may_be_empty(currency):
    assert fields.MoneyField(required=False).clean(["", currency]) is None


def test_money_is_shown_in_major_units():
    widget = fields.MoneyWidget()

    assert widget.decompress({"amount_minor": 1999, "currency": "EUR"}) == ["19.99", "EUR"]
    assert widget.decompress({"amount_minor": 1999, "currency": "JPY"}) == ["1999", "JPY"]
    assert widget.decompress(None) == [None, "EUR"]
    assert widget.decompress({"amount_minor": "x", "currency": 7}) == [None, "EUR"]


def test_moment_is_utc_on_the_wire():
    field = fields.MomentField(required=False)

    assert field.clean("2026-11-23T08:30:00") == "2026-11-23T08:30:00Z"
    assert field.clean("") is None
    assert field.prepare_value("2026-11-23T08:30:00Z").isoformat() == "2026-11-23T08:30:00"
    assert field.prepare_value("2026-11-23T10:30:00+02:00").isoformat() == "2026-11-23T08:30:00"
    assert field.prepare_value("soon") == "soon"


def test_day_is_a_date_on_the_wire():
    field = fields.DayField(required=False)

    assert field.clean("2026-11-23") == "2026-11-23"
    assert field.clean("") is None


def test_words_stand_between_commas():
    field = fields.WordsField(required=False)

    assert field.clean("steel, , diy ") == ["steel", "diy"]
    assert field.prepare_value(["steel", "diy"]) == "steel, diy"
    assert field.prepare_value("as typed,") == "as typed,"


@pytest.mark.parametrize(
    "word",
    ["a, b", ",", " a ", "", '"', '"a"', '"a", b', '7" nail', 'a"b,c', "a\nb", "a\n, b", "’", "\\"],
)
def test_word_of_any_signs_is_kept_when_another_is_added(word):
    field = fields.WordsField(required=False)
    shown = field.prepare_value([word, "steel", word])

    assert field.clean(f"{shown}, diy") == [word, "steel", word, "diy"]


@pytest.mark.parametrize("typed", ['"big" one, x', '"open, x', 'x, "'])
def test_quotes_that_hold_no_word_are_signs_as_others(typed):
    assert fields.WordsField().clean(typed) == [word.strip() for word in typed.split(",")]


def test_numbers_stand_between_commas():
    field = fields.WordsField(required=False, item=int)

    assert field.clean("1, 2") == [1, 2]
    with pytest.raises(ValidationError, match="Write numbers"):
        field.clean("1, two")


@pytest.mark.parametrize("typed", ["nan", "1, inf", "1e999"])
def test_numbers_that_json_does_not_have_are_refused(typed):
    with pytest.raises(ValidationError, match="Write numbers"):
        fields.WordsField(item=float).clean(typed)


def test_line_ends_count_once():
    assert fields.TextField(max_length=3).clean("a\r\nb") == "a\nb"


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        ({"minimum": 0, "maximum": 10**6}, "From 0.00 to 10000.00 EUR."),
        ({"minimum": 1}, "At least 0.01 EUR."),
        ({"maximum": 9999}, "At most 99.99 EUR."),
        ({}, ""),
    ],
)
def test_money_is_said_to_have_the_contract_s_limits(limits, shown, monkeypatch):
    monkeypatch.setattr(fields, "amount_limits", lambda: limits)

    assert fields.money_range() == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", "–"),
        ([], "–"),
        (True, "Yes"),
        (False, "No"),
        (12345, "12,345"),
        (["a", 2], "a, 2"),
        ("text", "text"),
        (models.Money(amount_minor=123450, currency="EUR"), "€1,234.50"),
        ({"amount_minor": 100, "currency": "CHF"}, "CHF 1.00"),
        ({"net_weight": 12, "boxed": True}, "Net weight: 12, Boxed: Yes"),
        ([{"left": 1, "right": 2}, {"left": 3}], "Left: 1, Right: 2; Left: 3"),
        (["a, b", "c"], "a, b; c"),
        (models.Money(amount_minor=1500, currency="JPY"), "¥1,500"),
        (models.Money(amount_minor=5, currency="XAU"), "5 XAU (minor units)"),
    ],
)
def test_values_are_shown_for_people(value, shown):
    assert text.display(value) == shown


DAY, MOMENT = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    ("schema", "value", "shown"),
    [
        (DAY, "2026-12-01", "1 Dec 2026"),
        (DAY, "soon", "soon"),
        (DAY, "2026-13-01", "2026-13-01"),
        (DAY, None, "–"),
        ({"anyOf": [DAY, {"type": "null"}]}, "2026-12-01", "1 Dec 2026"),
        ({"type": ["string", "null"], "format": "date"}, "2026-12-01", "1 Dec 2026"),
        ({"type": "array", "items": DAY}, ["2026-12-01", "2027-01-02"], "1 Dec 2026, 2 Jan 2027"),
        ({"properties": {"due": DAY}}, {"due": "2026-12-01"}, "Due: 1 Dec 2026"),
        (MOMENT, "2026-12-01T08:30:00Z", "1 Dec 2026, 08:30"),
        ({"enum": ["in_stock"]}, "in_stock", "In stock"),
        ({"items": {"enum": ["low"]}}, ["low", "newer_value"], "Low, newer_value"),
        ({"type": "string"}, "2026-12-01", "2026-12-01"),
    ],
)
def test_a_text_has_the_form_of_its_schema_wherever_it_stands(schema, value, shown):
    assert text.display(value, schema) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-23T08:30:00Z", "23 Nov 2026, 08:30"),
        ("2026-11-23T08:30:00+02:00", "23 Nov 2026, 06:30"),
        ("soon", "soon"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00+05:00"),
        ("9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59-05:00"),
    ],
)
def test_moment_is_shown_in_utc(value, shown):
    assert text.moment(value) == shown


@pytest.mark.parametrize("kind", [int, float])
def test_limits_of_an_amount_may_be_written_as_1_0(monkeypatch, kind):
    limits = fields.amount_limits()
    for name, value in (("minimum", 100), ("maximum", 900)):
        monkeypatch.setitem(limits, name, kind(value))

    assert fields.MoneyField().clean(["5", "EUR"]) == {"amount_minor": 500, "currency": "EUR"}
    for typed in ("0.99", "9.01"):
        with pytest.raises(ValidationError):
            fields.MoneyField().clean([typed, "EUR"])
