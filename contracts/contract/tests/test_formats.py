"""What a format implies: dropping one loosens, with the limits and the pattern that its values keep to anyway.

Each format, loosened in each way, at each place, in requests and in answers.
"""

import math

import pytest

from contract.findings.finding import Verdict
from contract.schema.formats import FORMATS
from contract.schema.languages import lengths
from contract.tests.building import S, asks, breaks, found, obj, takes, tells
from contract.tests.sampling import sample

OPEN = r"^[^\u0000]*$"  # what most requests want of any text
CODES = {**S, "pattern": "^[A-Z]{2,3}$"}
A = {"type": "array"}
NUMBER = {"type": "number"}
# Where a value is.
PLACES = {
    "itself": lambda schema: schema,
    "field": lambda schema: obj(a=schema),
    "required field": lambda schema: {**obj(a=schema), "required": ["a"]},
    "or null": lambda schema: obj(a={"anyOf": [schema, {"type": "null"}]}),
    "item": lambda schema: {**A, "items": schema},
    "value of a map": lambda schema: {"type": "object", "additionalProperties": schema},
    "part of allOf": lambda schema: {"allOf": [schema, {"title": "A"}]},
}


def plain(name):
    """A value of the format's type, without the format."""
    if FORMATS[name].kind == "string":
        return S
    return {"type": "integer"} if name.startswith("int") else NUMBER


def looser(name):
    """Each way to loosen a format, and whether a client that read it cannot tell the difference."""
    known, bare = FORMATS[name], plain(name)
    yield "dropped", bare
    yield "or a list of it", {"anyOf": [{**bare, "format": name}, {**A, "items": bare}]}
    for wider in known.within:
        yield f"{wider} instead", {**(bare if known.kind == "string" else NUMBER), "format": wider}
    if known.kind == "number":
        yield "any number", NUMBER
        yield "bounds instead", {**bare, "minimum": known.bounds[0], "maximum": known.bounds[1]}
    if known.pattern:
        low, high = lengths(known.pattern)
        most = {} if high is math.inf else {"maxLength": high}
        yield "lengths instead", {**bare, "minLength": low, **most}
        yield "wider lengths instead", {**bare, **({"maxLength": high + 9} if most else {})}
        yield "pattern instead", {**bare, "pattern": known.pattern}
        if name not in ("hostname", "json-pointer"):  # Too long to be compared; texts with a NUL.
            yield "any text instead", {**bare, "pattern": OPEN}


CASES = [(name, how, schema, place) for name in FORMATS for how, schema in looser(name) for place in PLACES]


@pytest.fixture
def tried(long):
    return sample(CASES, lambda case: case[:2], 1, long)


def test_loosening_breaks_no_request(tried, tell):
    wrong = []
    for name, how, schema, place in tried:
        old, new = PLACES[place]({**plain(name), "format": name}), PLACES[place](schema)
        if rules := breaks(asks(old), asks(new)):
            wrong.append((name, how, place, rules))
        if place == "itself" and "list" not in how and (rules := breaks(takes(old), takes(new))):
            wrong.append((name, how, "query", rules))
    tell(f"formats loosened in requests: {len(tried)} cases, {len(wrong)} called breaking")
    assert wrong == []


def test_tightening_breaks_no_answer(tried, tell):
    wrong = []
    for name, how, schema, place in tried:
        old, new = PLACES[place](schema), PLACES[place]({**plain(name), "format": name})
        if rules := breaks(tells(old), tells(new)):
            wrong.append((name, how, place, rules))
    tell(f"formats tightened in answers: {len(tried)} cases, {len(wrong)} called breaking")
    assert wrong == []


def test_loosened_text_stops_an_answer(tried):
    for name, how, schema, place in tried:
        if FORMATS[name].kind == "string" and "wider" not in how:
            old, new = PLACES[place]({**S, "format": name}), PLACES[place](schema)
            assert breaks(tells(old), tells(new)), (name, how, place)


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if known.pattern])
def test_every_value_of_a_format_keeps_to_what_it_implies(name):
    known = FORMATS[name]
    low, high = lengths(known.pattern)
    assert all(known.check(value) and low <= len(value) <= high for value in known.values)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({**S, "format": "uuid"}, {**S, "maxLength": 35}),
        ({**S, "format": "uuid"}, {**S, "minLength": 37}),
        ({**S, "format": "uuid"}, {**S, "pattern": "^[0-9a-f-]*$"}),
        ({**S, "format": "date"}, {**S, "pattern": "^2"}),
        ({"type": "integer", "format": "int32"}, {"type": "integer", "maximum": 2**31 - 2}),
        (CODES, {**S, "maxLength": 2}),
        (CODES, {**S, "minLength": 3}),
    ],
)
def test_what_is_not_implied_breaks_a_request(old, new):
    assert breaks(asks(old), asks(new))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[A-Z]{2,3}$", (2, 3)),
        ("^(a|bcd)$", (1, 3)),
        ("^a$|^bb$", (1, math.inf)),
        ("^a|b$", (1, math.inf)),
        ("[A-Z]{2}", (2, math.inf)),
        ("^a*$", (0, math.inf)),
        ("^(?=.{5}).{1,9}$", (1, 9)),
        ("^", (0, math.inf)),
        ("[", (0, math.inf)),
    ],
)
def test_lengths_of_a_pattern(pattern, expected):
    assert lengths(pattern) == expected


def test_lengths_that_a_pattern_implies_are_no_difference():
    said = {**CODES, "minLength": 2, "maxLength": 3}
    assert breaks(asks(CODES), asks(said)) == []
    assert breaks(asks(said), asks(CODES)) == []
    assert found(tells(said), tells(CODES), Verdict.WIRE, Verdict.UNPROVEN) == []
