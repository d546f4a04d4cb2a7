"""Whether one schema contains another, by identities that hold of any schema, and by values that refute it."""

import random
from collections import Counter

import pytest

from contract.findings.finding import Verdict
from contract.openapi.direction import Direction
from contract.tests.building import asks, found, second
from contract.tests.sampling import SEED, sample
from contract.tests.schemas import MORE, SCHEMAS

VALUES = [
    None, True, False, 0, 1, 2, 3, 4, 2.5, -1, "", "a", "aa", "AA", "2026-01-31", [], [1], [True], [1, 1], [1, 2, 3],
    ["a"], ["a", 1], ["a", "a"], ["a", True], [0, False], {}, {"a": 1}, {"a": "x"}, {"a": [1]}, {"a": None},
    {"a": {"a": None}}, {"b": 1}, {"a": 1, "b": 2}, {"a": "x", "c": 1}, {"ab": 1}, {"a": 1, "b": 2, "c": 3},
]  # fmt: skip


def identities(x, y):
    """Pairs of which the first is within the second, whatever the two schemas are."""
    both, either, nothing, any_ = {"allOf": [x, y]}, {"anyOf": [x, y]}, {"allOf": [x, no(x)]}, {"anyOf": [no(x), x]}
    return {
        "X within allOf [X]": (x, {"allOf": [x]}),
        "X within X or Y": (x, either),
        "X and Y within X": (both, x),
        "X and not X within false": (nothing, False),
        "X and not X within Y": (nothing, y),
        "true within X or not X": (True, any_),
        "Y within X or not X": (y, any_),
        "true within one of X, not X": (True, {"oneOf": [x, no(x)]}),
        "X within not not X": (x, no(no(x))),
        "not not X within X": (no(no(x)), x),
        "false within X": (False, x),
        "X within true": (x, True),
        "de Morgan: or": (no(either), {"allOf": [no(x), no(y)]}),
        "de Morgan: or, back": ({"allOf": [no(x), no(y)]}, no(either)),
        "de Morgan: and": (no(both), {"anyOf": [no(x), no(y)]}),
        "de Morgan: and, back": ({"anyOf": [no(x), no(y)]}, no(both)),
        "if as or": ({"if": x, "then": y}, {"anyOf": [no(x), y]}),
        "or as if": ({"anyOf": [no(x), y]}, {"if": x, "then": y}),
        "if X then X else false": ({"if": x, "then": x, "else": False}, x),
    }


def no(schema):
    return {"not": schema}


# A demand that cannot be judged is met by nothing that is not known to meet it.
OPAQUE = {"unknown format"}


def judged(old, new):
    findings = [one for one in found(asks(old, **MORE), asks(new, **MORE)) if one.stops]
    if not findings:
        return "holds"
    return "broken" if any(one.verdict is Verdict.WIRE for one in findings) else "unproven"


def test_what_holds_of_any_schema_is_proven(tell, long):
    chance = random.Random(SEED)
    pairs = [(name, chance.choice(list(SCHEMAS))) for name in SCHEMAS]
    cases = [(kind, x, y, two) for x, y in pairs for kind, two in identities(SCHEMAS[x], SCHEMAS[y]).items()]
    cases = sample(cases, lambda case: case[0], 2, long)
    # Two limits that contradict each other are a mistake, which is never proven to be harmless.
    cases = [case for case in cases if case[0] != "X and Y within X" or have_a_value(case[1], case[2])]
    other = [(kind, x, y, verdict) for kind, x, y, two in cases if (verdict := judged(*two)) != "holds"]
    tell(f"containment: {len(cases)} pairs that hold, {len(other)} not proven")
    assert other == []


def have_a_value(*names):
    takers = [second(asks(SCHEMAS[name], **MORE), Direction.REQUEST, True, SCHEMAS[name]) for name in names]
    return any(all(taker.is_valid(value) for taker in takers) for value in VALUES)


def test_no_value_that_is_refused_is_within(tell, long):
    takers = {name: second(asks(schema, **MORE), Direction.REQUEST, True, schema) for name, schema in SCHEMAS.items()}
    counts, wrong = Counter(), []
    cases = [(name, value) for name in SCHEMAS for value in VALUES]
    for name, value in sample(cases, lambda case: case[0], 1, long):
        taken = takers[name].is_valid(value)
        verdict = judged({"const": value}, SCHEMAS[name])
        expected = {"holds", "unproven"} if name in OPAQUE else {"holds"} if taken else {"broken"}
        counts[verdict] += 1
        if verdict not in expected:
            wrong.append((name, value, verdict))
    tell(f"containment: single values, {dict(counts)}, {len(wrong)} wrong")
    assert wrong == []


def test_what_a_value_refutes_does_not_hold(tell, long):
    takers = {name: second(asks(schema, **MORE), Direction.REQUEST, True, schema) for name, schema in SCHEMAS.items()}
    taken = {name: [taker.is_valid(value) for value in VALUES] for name, taker in takers.items()}
    cases = [
        (x, y) for x in SCHEMAS for y in SCHEMAS if any(a and not b for a, b in zip(taken[x], taken[y], strict=True))
    ]
    counts, wrong = Counter(), []
    for x, y in sample(cases, lambda case: case[0], 1, long):
        verdict = judged(SCHEMAS[x], SCHEMAS[y])
        counts[verdict] += 1
        if verdict == "holds":
            wrong.append((x, y))
    tell(f"containment: refuted by a value, {dict(counts)}, of which {len(wrong)} by a field that is not declared")
    assert [pair for pair in wrong if not undeclared(*pair)] == []


def undeclared(x, y):
    """Whether only a field refutes that the writer's schema does not name."""
    fields = {"a", "b", "c", "ab"}
    named = {name for name in fields if f"'{name}'" in str(SCHEMAS[x])}
    writer = second(asks(SCHEMAS[x], **MORE), Direction.REQUEST, False, SCHEMAS[x])
    reader = second(asks(SCHEMAS[y], **MORE), Direction.REQUEST, True, SCHEMAS[y])
    refuted = [value for value in VALUES if writer.is_valid(value) and not reader.is_valid(value)]
    return all(isinstance(value, dict) and value.keys() - named for value in refuted)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ([1], [True]), ({"a": 0}, {"a": False})])
def test_a_number_is_no_truth_value(one, other):
    for keyword in ("const", "enum"):
        first, last = ({keyword: [value] if keyword == "enum" else value} for value in (one, other))
        assert judged(first, last) == judged(last, first) == "broken"
        assert judged({"anyOf": [first, last]}, first) == "broken"
    pair = {"const": [one, other]}
    assert judged(pair, {"uniqueItems": True}) == "holds"
