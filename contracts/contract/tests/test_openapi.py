"""Who may call, which way things travel, and what only OpenAPI says."""

import pytest

from contract.findings.finding import Verdict
from contract.tests.building import I, S, asks, breaks, document, found, obj, takes, tells

JSON = "application/json"


class TestSecurity:
    SCHEMES = {"components": {"securitySchemes": {"a": {"type": "http", "scheme": "bearer"}, "b": {
        "type": "http", "scheme": "Bearer"}, "key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}}  # fmt: skip

    def needs(self, *ways, **more):
        return document({"security": list(ways)}, **self.SCHEMES, **more)

    def test_a_new_scope_breaks(self):
        assert breaks(self.needs({"a": []}), self.needs({"a": ["read"]})) == ["security"]
        assert breaks(self.needs({"a": ["read"]}), self.needs({"a": []})) == []

    def test_closing_a_door_breaks(self):
        assert breaks(document(**self.SCHEMES), self.needs({"a": []})) == ["security"]
        assert breaks(self.needs({"a": []}), document(**self.SCHEMES)) == []

    def test_one_more_way_in_breaks_nothing(self):
        assert breaks(self.needs({"a": []}), self.needs({"a": []}, {"key": []})) == []
        assert breaks(self.needs({"a": []}, {"key": []}), self.needs({"a": []})) == ["security"]

    def test_a_second_key_breaks(self):
        assert breaks(self.needs({"a": []}), self.needs({"a": [], "key": []})) == ["security"]

    def test_a_scheme_is_what_it_does_not_what_it_is_called(self):
        assert found(self.needs({"a": []}), self.needs({"b": []})) == []

    def test_the_global_requirement_counts(self):
        assert breaks(document(**self.SCHEMES), document(**self.SCHEMES, security=[{"a": []}])) == ["security"]


class TestDirections:
    def test_a_webhook_travels_the_other_way(self):
        def hook(schema):
            data = {"post": {"requestBody": {"content": {JSON: {"schema": schema}}}, "responses": {}}}
            return document(webhooks={"sold": data})

        old, new = hook(obj(a=S)), hook({**obj(a=S), "required": ["a"]})
        assert breaks(old, new) == []
        assert breaks(new, old) == ["required"]
        assert breaks(old, document()) == ["operation-removed"]

    def test_a_callback_travels_the_other_way(self):
        def calls(schema):
            data = {"post": {"requestBody": {"content": {JSON: {"schema": schema}}}, "responses": {}}}
            return document({"callbacks": {"done": {"{$request.body#/url}": data}}})

        assert breaks(calls({**S, "maxLength": 3}), calls(S)) == ["maxLength"]
        assert breaks(calls(S), document()) == ["callback-removed"]


class TestOpenApiWords:
    def test_nullable_is_a_type_list(self):
        old, new = asks({**S, "nullable": True}, "3.0.3"), asks({"type": ["string", "null"]})
        assert found(old, new) == []
        assert breaks(asks({**S, "nullable": True}, "3.0.3"), asks(S, "3.0.3")) == ["type"]

    def test_boolean_bounds_are_numeric_ones(self):
        assert found(asks({**I, "minimum": 1, "exclusiveMinimum": True}, "3.0.3"), asks({**I, "minimum": 2})) == []

    def test_what_is_read_only_is_not_sent(self):
        old = {**obj(id={**I, "readOnly": True}, a=S), "required": ["id", "a"]}
        new = {**obj(id={**I, "readOnly": True, "minimum": 5}, a=S), "required": ["a"]}
        assert breaks(asks(old), asks(new)) == []
        assert breaks(tells(old), tells(new)) == ["required"]

    def test_what_is_write_only_is_not_answered(self):
        old = {**obj(secret={**S, "writeOnly": True}), "required": ["secret"]}
        assert breaks(tells(old), tells(obj())) == []
        assert breaks(asks(obj()), asks(old)) == ["required"]

    def test_read_only_is_advice(self):
        hidden, shown = ({**obj(id={**I, **more}), "required": ["id"]} for more in ({"readOnly": True}, {}))
        [finding] = found(asks(hidden), asks(shown))
        assert (finding.verdict, finding.rule) == (Verdict.SOURCE, "read-only")

    def test_clients_cope_with_values_of_extensible_enums_only(self):
        assert breaks(tells({"enum": ["a"]}), tells({"enum": ["a", "b"]})) == ["enum"]
        assert breaks(tells({"enum": ["a"], "x-extensible-enum": True}), tells({"enum": ["a", "b"]})) == []
        assert breaks(tells({"enum": ["a"], "x-extensible-enum": True}), tells(I)) == ["type"]

    def test_a_discriminated_union_may_gain_a_kind_in_requests(self):
        cat, dog, bird = ({**obj(kind={"const": kind}, name=S), "required": ["kind"]} for kind in ("c", "d", "b"))
        two, three = {"oneOf": [cat, dog]}, {"oneOf": [bird, cat, dog]}
        assert breaks(asks(two), asks(three)) == []
        assert breaks(asks(three), asks(two))
        assert breaks(tells(two), tells(three))

    def test_a_new_optional_field_breaks_nothing(self):
        assert breaks(asks(obj(a=S)), asks(obj(a=S, b=I))) == []
        assert breaks(tells(obj(a=S)), tells(obj(a=S, b=I))) == []

    def test_a_removed_optional_field_is_a_matter_of_source(self):
        [finding] = found(tells(obj(a=S, b=I)), tells(obj(a=S)))
        assert (finding.verdict, finding.field) == (Verdict.SOURCE, "b")

    def test_what_no_validator_knows_stays_unproven(self):
        [finding] = found(asks(S), asks({**S, "format": "iban"}), Verdict.WIRE, Verdict.UNPROVEN)
        assert finding.verdict is Verdict.UNPROVEN
        assert breaks(asks({**S, "format": "iban"}), asks(S)) == []

    def test_a_keyword_that_cannot_be_read_stays_unproven(self):
        [finding] = found(asks(S), asks({**S, "maxLength": "9"}))
        assert (finding.verdict, finding.rule) == (Verdict.UNPROVEN, "unreadable")
        assert found(asks({**S, "maxLength": "9"}), asks({**S, "maxLength": "9"})) == []

    def test_a_keyword_without_effect_stays_unproven_when_it_tightens(self):
        [finding] = found(asks({**S, "maximum": 9}), asks({**S, "maximum": 8}), Verdict.WIRE, Verdict.UNPROVEN)
        assert (finding.verdict, finding.rule) == (Verdict.UNPROVEN, "maximum")
        assert breaks(asks({**S, "maximum": 8}), asks({**S, "maximum": 9})) == []

    def test_a_difference_in_a_shared_schema_is_told_once(self):
        def shop(limit):
            made = tells(
                {"$ref": "#/components/schemas/Name"}, components={"schemas": {"Name": {**S, "maxLength": limit}}}
            )
            made.data["paths"]["/more"] = made.data["paths"]["/things"]
            return made

        [finding] = found(shop(3), shop(4))
        assert finding.operations == ["POST /things", "POST /more"]


class TestPromises:
    PAST, FUTURE = "2000-01-01", "9999-01-01"

    def ends(self, **more):
        return document({"deprecated": True, **more})

    def nothing(self):
        made = document()
        made.data["paths"] = {}
        return made

    def test_an_announced_end_may_come(self):
        assert breaks(self.ends(**{"x-sunset": self.PAST}), self.nothing()) == []

    def test_an_end_before_its_day_breaks(self):
        assert breaks(self.ends(**{"x-sunset": self.FUTURE}), self.nothing()) == ["operation-removed"]

    def test_an_announced_end_may_be_withdrawn(self):
        [finding] = found(self.ends(**{"x-sunset": self.FUTURE}), self.ends())
        assert (finding.verdict, finding.rule) == (Verdict.COMPATIBLE, "sunset")

    def test_a_promise_cannot_become_unreadable(self):
        assert breaks(self.ends(**{"x-sunset": self.FUTURE}), self.ends(**{"x-sunset": "soon"})) == ["sunset"]

    def test_what_was_never_promised_may_change(self):
        assert breaks(document({"x-stability-level": "alpha"}), self.nothing()) == []
        assert breaks(document({"x-stability-level": "stable"}), document({"x-stability-level": "beta"})) == [
            "stability"
        ]


def money(digits, values=("EUR", "USD")):
    return {**S, "enum": list(values), **({"x-minor-digits": digits} if digits else {})}


# Before, after, and whether it breaks requests, responses. A currency that was not there before breaks nobody by it.
DIGITS = (
    ("the same in another order", money({"EUR": 2, "USD": 2}), money({"USD": 2, "EUR": 2}), False, False),
    ("others for one", money({"EUR": 2, "USD": 2}), money({"EUR": 3, "USD": 2}), True, True),
    ("none for one any more", money({"EUR": 2, "USD": 2}), money({"USD": 2}), False, True),
    ("none at all any more", money({"EUR": 2, "USD": 2}), money({}), False, True),
    ("said for the first time", money({}), money({"EUR": 2, "USD": 2}), False, False),
    ("said for one more", money({"EUR": 2}), money({"EUR": 2, "USD": 2}), False, False),
    ("another in a reference", {"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}, True, True),
    ("others in a nullable one", {"anyOf": [money({"EUR": 2}), {"type": "null"}]},
     {"anyOf": [money({"EUR": 3}), {"type": "null"}]}, True, True),
)  # fmt: skip
HELD = {"schemas": {"A": money({"EUR": 2}), "B": money({"EUR": 0})}}


# A parameter has no components beside it here.
TRIED = [(case, way) for way in (asks, tells, takes) for case in DIGITS if way is not takes or "$ref" not in case[1]]


@pytest.mark.parametrize(("case", "way"), TRIED, ids=[f"{case[0]}, {way.__name__}" for case, way in TRIED])
def test_minor_digits_say_what_an_amount_means(case, way):
    _, old, new, asked, told = case
    one, other = (way(node) if way is takes else way(obj(a=node), components=HELD) for node in (old, new))
    expected = told if way is tells else asked
    assert breaks(one, other) == (["x-minor-digits"] if expected else [])


@pytest.mark.parametrize(
    ("way", "old", "new", "rules"),
    [
        (asks, {}, {"readOnly": True}, ["field-removed"]),
        (asks, {"readOnly": True}, {}, ["field-added"]),
        (tells, {}, {"writeOnly": True}, ["field-removed"]),
        (tells, {"writeOnly": True}, {}, ["field-added"]),
        (asks, {}, {"writeOnly": True}, []),
        (tells, {}, {"readOnly": True}, []),
    ],
)
def test_a_field_that_is_hidden_is_gone_on_that_side(way, old, new, rules):
    one, other = (way(obj(a=S, b={**S, **more})) for more in (old, new))
    assert [finding.rule for finding in found(one, other)] == rules
