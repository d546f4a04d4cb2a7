"""Random pairs of schemas: what is called compatible has no counterexample, what is called broken is."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from contract.findings.finding import Verdict
from contract.openapi.direction import Direction
from contract.tests.building import asks, found, second

# Every object declares the same names, so that each name is known to both sides or to neither.
NAMES = ("a", "b", "c")
SMALL = st.integers(0, 4)


def keyword(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(st.just({}), values.map(lambda value: {name: value}))


def merged(kind: str, *parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {"type": kind} | {k: v for part in found for k, v in part.items()})


STRINGS = merged(
    "string",
    keyword("minLength", st.integers(0, 2)),
    keyword("maxLength", st.integers(1, 4)),
    keyword("pattern", st.sampled_from(["^a", "b$", "^[ab]+$", "^[a-c]*$", "c"])),
    keyword("enum", st.lists(st.sampled_from(["a", "b", "ab", "abc"]), min_size=1, max_size=3, unique=True)),
)
NUMBERS = st.sampled_from(["integer", "number"]).flatmap(
    lambda kind: merged(
        kind,
        keyword("minimum", st.integers(-2, 2)),
        keyword("maximum", SMALL),
        keyword("exclusiveMinimum", st.integers(-2, 2)),
        keyword("exclusiveMaximum", SMALL),
        keyword("multipleOf", st.sampled_from([1, 2, 3, 0.5])),
    )
)
PLAIN = st.one_of(
    STRINGS,
    NUMBERS,
    st.sampled_from(
        [
            {},
            {"type": "null"},
            {"type": "boolean"},
            {"type": ["string", "null"]},
            {"const": 1},
            {"enum": [1, "a", None]},
        ]
    ),
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return merged(
        "object",
        st.fixed_dictionaries(dict.fromkeys(NAMES, inner)).map(lambda found: {"properties": found}),
        keyword("required", st.lists(st.sampled_from(NAMES), min_size=1, unique=True)),
        keyword("additionalProperties", st.one_of(st.just(False), inner)),
        keyword("minProperties", SMALL),
        keyword("maxProperties", SMALL),
        keyword("dependentRequired", st.sampled_from([{"a": ["b"]}, {"b": ["a", "c"]}])),
        keyword("dependentSchemas", st.sampled_from([{"a": {"required": ["c"]}}])),
    )


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return merged(
        "array",
        keyword("items", inner),
        keyword("prefixItems", st.lists(inner, min_size=1, max_size=2)),
        keyword("minItems", st.integers(0, 2)),
        keyword("maxItems", st.integers(1, 3)),
        keyword("uniqueItems", st.booleans()),
        keyword("contains", inner),
    )


def unions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda found: {"anyOf": found}),
        several.map(lambda found: {"oneOf": found}),
        several.map(lambda found: {"allOf": found}),
        inner.map(lambda found: {"not": found}),
        st.tuples(inner, inner, inner).map(lambda three: {"if": three[0], "then": three[1], "else": three[2]}),
    )


SCHEMAS = st.recursive(PLAIN, lambda inner: st.one_of(objects(inner), arrays(inner), unions(inner)), max_leaves=6)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-3, 6), st.sampled_from([0.5, -0.5, 1.5]), st.text("abc", max_size=5)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from([*NAMES, "unlisted"]), inner, max_size=4)
    ),
    max_leaves=6,
)
COUNTS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _counted(tell):
    yield
    tell(f"random schemas: {', '.join(f'{count} {what}' for what, count in COUNTS.items())}")


def related(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Two schemas of which one often contains the other."""
    pair = st.tuples(schemas, schemas)
    return st.one_of(
        pair,
        pair.map(lambda two: (two[0], {"anyOf": [two[1], two[0]]})),
        pair.map(lambda two: ({"allOf": [two[0], two[1]]}, two[0])),
        pair.map(lambda two: ({"anyOf": [two[0]]}, {"oneOf": [two[0], two[1]]})),
    )


@given(related(SCHEMAS), st.lists(VALUES, min_size=30, max_size=60))
@example(({"type": "integer"}, {"type": "number"}), [1, 1.0, 0.5])
def test_what_is_compatible_has_no_counterexample(pair, values):
    COUNTS["pairs looked through for a counterexample"] += 1
    old, new = asks(pair[0]), asks(pair[1])
    assume(not any(finding.stops for finding in found(old, new)))
    writer = second(old, Direction.REQUEST, False, pair[0])
    reader = second(new, Direction.REQUEST, True, pair[1])
    refused = [value for value in values if writer.is_valid(value) and not reader.is_valid(value)]
    assert refused == []


@given(related(SCHEMAS))
def test_every_witness_holds_before_a_second_validator(pair):
    old, new = asks(pair[0]), asks(pair[1])
    writer = second(old, Direction.REQUEST, False, pair[0])
    reader = second(new, Direction.REQUEST, True, pair[1])
    for finding in found(old, new, Verdict.WIRE):
        COUNTS["witnesses judged again"] += 1
        assert writer.is_valid(finding.witness.value), finding
        assert not reader.is_valid(finding.witness.value), finding


@given(SCHEMAS)
def test_a_schema_is_compatible_with_a_copy_of_itself(schema):
    COUNTS["copies"] += 1
    wrapped = {"allOf": [{"anyOf": [schema]}]}
    assert [finding for finding in found(asks(schema), asks(wrapped)) if finding.verdict is Verdict.WIRE] == []
