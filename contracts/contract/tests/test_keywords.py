"""Every keyword, in both directions."""

import pytest

from contract.findings.finding import Verdict
from contract.openapi.direction import Direction
from contract.tests.building import S, asks, breaks, found, obj, second, tells
from contract.tests.corpus import COMPONENTS, EQUAL, NARROWED, REQUESTS_ONLY

MORE = {"components": COMPONENTS}
named = pytest.mark.parametrize(("wide", "narrow"), [pytest.param(*case[1:], id=case[0]) for case in NARROWED])
half = pytest.mark.parametrize(("wide", "narrow"), [pytest.param(*case[1:], id=case[0]) for case in REQUESTS_ONLY])
equal = pytest.mark.parametrize(("one", "other"), [pytest.param(*case[1:], id=case[0]) for case in EQUAL])


def proven(findings, writer, reader, direction):
    """Every witness, held to the second validator."""
    assert findings
    for finding in findings:
        assert finding.verdict is Verdict.WIRE, finding.text
        assert second(writer[0], direction, False, writer[1]).is_valid(finding.witness.value)
        assert not second(reader[0], direction, True, reader[1]).is_valid(finding.witness.value)


@named
def test_narrowing_breaks_requests_and_a_witness_proves_it(wide, narrow):
    old, new = asks(wide, **MORE), asks(narrow, **MORE)
    stops = [finding for finding in found(old, new) if finding.stops]
    proven(stops, (old, wide), (new, narrow), Direction.REQUEST)


@named
def test_widening_breaks_responses_and_a_witness_proves_it(wide, narrow):
    old, new = tells(narrow, **MORE), tells(wide, **MORE)
    stops = [finding for finding in found(old, new) if finding.stops]
    proven(stops, (new, wide), (old, narrow), Direction.RESPONSE)


@named
def test_widening_breaks_no_request(wide, narrow):
    assert breaks(asks(narrow, **MORE), asks(wide, **MORE)) == []


@named
def test_narrowing_breaks_no_response(wide, narrow):
    assert breaks(tells(wide, **MORE), tells(narrow, **MORE)) == []


@half
def test_what_only_servers_insist_on_breaks_requests(wide, narrow):
    assert breaks(asks(wide), asks(narrow))


@half
def test_what_only_servers_insist_on_breaks_nothing_else(wide, narrow):
    assert breaks(asks(narrow), asks(wide)) == []
    assert breaks(tells(wide), tells(narrow)) == []
    assert breaks(tells(narrow), tells(wide)) == []


@equal
def test_another_way_to_say_the_same_breaks_nothing(one, other):
    for first, last in ((one, other), (other, one)):
        assert breaks(asks(first, **MORE), asks(last, **MORE)) == []
        assert breaks(tells(first, **MORE), tells(last, **MORE)) == []


@pytest.mark.parametrize("keyword", ["items", "patternProperties", "prefixItems", "contains", "maximum"])
def test_a_keyword_of_another_type_beside_the_names_of_fields_stops(keyword):
    value = {"items": S, "contains": S, "prefixItems": [S], "maximum": 5}.get(keyword, {"b": {"type": "integer"}})
    old = {**obj(a=S, b=S), "propertyNames": {"enum": ["a", "b"]}}
    new = {**old, "propertyNames": {"enum": ["a", "b"], keyword: value}}
    assert breaks(asks(old), asks(new))
    assert breaks(asks(new), asks(old)) == []
