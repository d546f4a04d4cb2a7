"""Unions whose alternatives look alike: objects are open, so that one fits where another was meant."""

import pytest

from contract.findings.finding import Verdict
from contract.tests.building import S, asks, breaks, found, obj, tells

LIKE = {"Cat": obj(name=S), "Dog": obj(name=S, breed=S), "Rabbit": obj(name=S)}
STOPS = (Verdict.WIRE, Verdict.UNPROVEN)


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def union(keyword, *names):
    return {keyword: [ref(name) for name in names]}


def pets(make, schema, schemas=None):
    return make(schema, components={"schemas": schemas or LIKE})


class TestAlternativesThatLookAlike:
    @pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
    def test_one_that_requests_may_no_longer_be_stays_unproven(self, keyword):
        old, new = (pets(asks, union(keyword, *names)) for names in (("Cat", "Dog", "Rabbit"), ("Cat", "Dog")))
        [finding] = found(old, new, *STOPS)
        assert (finding.verdict, finding.rule) == (Verdict.UNPROVEN, "alternative")
        assert "Rabbit would be taken for" in finding.text
        assert breaks(new, old) in ([], ["oneOf"])

    def test_one_exchanged_for_another_known_one_stays_unproven(self):
        old, new = pets(asks, union("anyOf", "Dog", "Cat")), pets(asks, union("anyOf", "Dog", "Rabbit"))
        assert breaks(old, new) == ["alternative"]

    def test_one_that_responses_may_newly_be_stays_unproven_where_exactly_one_holds(self):
        for keyword, expected in (("oneOf", ["alternative"]), ("anyOf", [])):
            old, new = (pets(tells, union(keyword, *names)) for names in (("Cat", "Dog"), ("Cat", "Dog", "Rabbit")))
            assert breaks(old, new) == expected

    def test_one_that_asks_for_more_stays_unproven_although_another_takes_its_values(self):
        more = {**LIKE, "Rabbit": {**obj(name=S), "required": ["name"]}}
        old, new = (pets(asks, union("anyOf", "Dog", "Rabbit"), schemas) for schemas in (LIKE, more))
        [finding] = found(old, new, *STOPS)
        assert (finding.verdict, finding.rule, finding.field) == (Verdict.UNPROVEN, "required", "name")

    def test_a_renamed_one_breaks_nothing(self):
        hare = {"Cat": LIKE["Cat"], "Dog": LIKE["Dog"], "Hare": LIKE["Rabbit"]}
        for make in (asks, tells):
            old = pets(make, union("anyOf", "Cat", "Dog", "Rabbit"))
            assert breaks(old, pets(make, union("anyOf", "Cat", "Dog", "Hare"), hare)) == []

    def test_one_written_out_breaks_nothing(self):
        written = {"anyOf": [ref("Cat"), ref("Dog"), LIKE["Rabbit"]]}
        for make in (asks, tells):
            named = pets(make, union("anyOf", "Cat", "Dog", "Rabbit"))
            assert breaks(named, pets(make, written)) == []
            assert breaks(pets(make, written), named) == []

    def test_order_is_no_difference(self):
        for make in (asks, tells):
            old, new = (pets(make, union("anyOf", *names)) for names in (("Cat", "Dog"), ("Dog", "Cat")))
            assert found(old, new) == []

    def test_scalars_have_no_identity(self):
        assert breaks(asks({"anyOf": [{**S, "maxLength": 3}, S]}), asks({"anyOf": [S]})) == []


class TestNullAmongAlternatives:
    def test_a_null_that_one_alternative_lost_breaks(self):
        old, new = (
            asks(union("oneOf", "Cat", "Dog"), "3.0.3", components={"schemas": {**LIKE, "Dog": dog}})
            for dog in ({**LIKE["Dog"], "nullable": True}, LIKE["Dog"])
        )
        [finding] = found(old, new, *STOPS)
        assert (finding.verdict, finding.witness.text) == (Verdict.WIRE, "null")
        assert breaks(new, old) == []

    def test_a_null_that_two_alternatives_took_was_never_allowed(self):
        both = {name: {**schema, "nullable": True} for name, schema in LIKE.items()}
        old = asks(union("oneOf", "Cat", "Dog"), "3.0.3", components={"schemas": both})
        new = asks(union("oneOf", "Cat", "Dog"), "3.0.3", components={"schemas": LIKE})
        assert all(finding.verdict is not Verdict.WIRE for finding in found(old, new))


class TestContradictions:
    def test_limits_that_allow_no_value_prove_nothing(self):
        impossible = {"type": "integer", "const": "a"}
        assert breaks(tells(S), tells(impossible)) == ["contradiction"]
        assert breaks(asks(impossible), asks(S)) == ["contradiction"]
        assert found(tells(impossible), tells(impossible)) == []

    def test_a_limit_that_no_listed_value_reaches_stays_unproven_when_it_tightens(self):
        listed = {"enum": ["a", "bb"], "maxLength": 9}
        assert breaks(asks(listed), asks({**listed, "maxLength": 8})) == ["maxLength"]
        assert breaks(asks({**listed, "maxLength": 8}), asks(listed)) == []
        assert breaks(asks({"enum": ["a", "bb"]}), asks(listed)) == []


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize("is_list", [False, True])
def test_a_required_field_that_is_gone_from_an_alternative_is_one_finding(keyword, is_list):
    def told(*names):
        part = {**obj(**dict.fromkeys(names, S), n={keyword: [S, {"type": "null"}]}), "required": list(names)}
        held = obj(a={keyword: [part, {"type": "null"}]})
        return tells({"type": "array", "items": held} if is_list else held)

    [finding] = found(told("x", "y", "z"), told("x", "z"), *STOPS, Verdict.SOURCE)
    assert (finding.rule, finding.path[-1]) == ("required", "y")
