"""The same text in OpenAPI 3.0 and 3.1: what only one of them knows is not called the same."""

import pytest

from contract.tests.building import S, asks, breaks, tells

MODERN = {
    "const": {**S, "const": "a"},
    "patternProperties": {"type": "object", "patternProperties": {"^x-": S}},
    "propertyNames": {"type": "object", "propertyNames": {"maxLength": 3}},
    "prefixItems": {"type": "array", "items": {}, "prefixItems": [S]},
    "contains": {"type": "array", "items": {}, "contains": S},
    "if": {**S, "if": {"minLength": 3}, "then": {"pattern": "^a"}},
}


@pytest.mark.parametrize("versions", [("3.0.3", "3.1.0"), ("3.2.0", "3.0.3")])
@pytest.mark.parametrize("make", [asks, tells])
def test_a_keyword_that_begins_or_ceases_to_mean_something_stops(make, versions):
    old, new = versions
    for keyword, schema in MODERN.items():
        assert "dialect" in breaks(make(schema, old), make(schema, new)), keyword
        assert "dialect" not in breaks(make(schema, old), make(schema, old))


@pytest.mark.parametrize("versions", [("3.0.3", "3.1.0"), ("3.0.3", "3.2.0"), ("3.1.0", "3.0.3")])
def test_nullable_is_of_3_0_alone(versions):
    schema = {**S, "nullable": True}
    assert breaks(asks(schema, versions[0]), asks(schema, versions[1])) == ["dialect"]


def test_what_is_migrated_is_the_same():
    modern = {"type": ["string", "null"]}
    assert breaks(asks({**S, "nullable": True}, "3.0.3"), asks(modern)) == []
    assert breaks(asks({**S, "nullable": True}, "3.0.3"), asks({**modern, "nullable": True})) == []
