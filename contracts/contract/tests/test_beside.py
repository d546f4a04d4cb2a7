"""What stands beside operations and schemas: servers, links, discriminators, encodings, promises about time."""

import copy
import datetime as dt
import json

import pytest

from contract.findings.finding import Verdict
from contract.tests.building import I, S, asks, breaks, document, found, obj, takes, tells

STOPS = (Verdict.WIRE, Verdict.UNPROVEN)


def served(*servers, **more):
    return document(more, servers=[one if isinstance(one, dict) else {"url": one} for one in servers])


class TestServers:
    def test_a_base_path_that_is_gone_breaks(self):
        [finding] = found(served("https://example.com/v1"), served("https://example.com/v2"))
        assert (finding.verdict, finding.rule) == (Verdict.WIRE, "base-path-removed")
        assert finding.witness.text == "POST /v1/things"

    def test_a_new_one_beside_it_breaks_nothing(self):
        assert found(served("/v1"), served("/v1", "/v2")) == []

    def test_a_host_is_a_matter_of_source(self):
        [finding] = found(served("https://a.example.com/v1"), served("https://b.example.com/v1"))
        assert (finding.verdict, finding.rule) == (Verdict.SOURCE, "server-removed")

    def test_variables_are_filled_in(self):
        def choice(*values):
            return {"url": "/{version}", "variables": {"version": {"default": values[0], "enum": list(values)}}}

        assert found(served(choice("v1", "v2")), served("/v1", "/v2")) == []
        assert breaks(served(choice("v1", "v2")), served(choice("v2"))) == ["base-path-removed"]

    def test_those_of_an_operation_count_first(self):
        assert found(served("/v1", servers=[{"url": "/own"}]), served("/v2", servers=[{"url": "/own"}])) == []

    def test_a_document_that_names_none_is_served_anywhere(self):
        assert found(document(), served("/v1")) == []


class TestLinks:
    def test_they_are_a_matter_of_source(self):
        def linked(links):
            return document({"responses": {"200": {"description": "Done.", "links": links}}})

        [finding] = found(linked({"next": {"operationId": "a"}}), linked({}))
        assert (finding.verdict, finding.rule) == (Verdict.SOURCE, "link-removed")
        [finding] = found(linked({"next": {"operationId": "a"}}), linked({"next": {"operationId": "b"}}))
        assert (finding.verdict, finding.rule) == (Verdict.SOURCE, "link-changed")
        [finding] = found(linked({}), linked({"next": {"operationId": "a"}}))
        assert finding.verdict is Verdict.COMPATIBLE


class TestDiscriminators:
    SCHEMAS = {name: {**obj(kind=S, name=S), "required": ["kind"]} for name in ("Cat", "Dog")}

    def pets(self, **hint):
        alternatives = [{"$ref": f"#/components/schemas/{name}"} for name in self.SCHEMAS]
        schema = {"anyOf": alternatives, "discriminator": {"propertyName": "kind", **hint}}
        return asks(schema, components={"schemas": self.SCHEMAS})

    def test_a_value_that_stands_for_nothing_any_more_is_said(self):
        [finding] = found(self.pets(mapping={"kitty": "Cat"}), self.pets())
        assert (finding.verdict, finding.rule) == (Verdict.SOURCE, "discriminator")
        assert "'kitty' no longer stands for Cat" in finding.text

    def test_a_value_that_stands_for_another_schema_is_said(self):
        [finding] = found(self.pets(mapping={"pet": "Cat"}), self.pets(mapping={"pet": "Dog"}))
        assert "stands for Dog, no more for Cat" in finding.text

    def test_a_name_and_its_reference_are_the_same(self):
        full = {"Cat": "#/components/schemas/Cat"}
        assert found(self.pets(mapping=full), self.pets()) == []
        assert found(self.pets(mapping={"Cat": "Cat"}), self.pets(mapping=full)) == []


class TestForms:
    def test_another_encoding_is_said(self):
        def form(**entry):
            content = {"multipart/form-data": {"schema": obj(a=S), **entry}}
            return document({"requestBody": {"content": content}})

        [finding] = found(form(), form(encoding={"a": {"contentType": "image/png"}}))
        assert (finding.verdict, finding.rule) == (Verdict.UNPROVEN, "encoding")

    def test_another_name_in_xml_is_said(self):
        def xml(media_type, name):
            content = {media_type: {"schema": obj(a={**S, "xml": {"name": name}})}}
            return document({"requestBody": {"content": content}})

        [finding] = found(xml("application/xml", "a"), xml("application/xml", "b"))
        assert (finding.verdict, finding.rule) == (Verdict.UNPROVEN, "xml")
        assert found(xml("application/json", "a"), xml("application/json", "b")) == []


class TestTypesInUrls:
    def test_one_that_was_told_apart_from_texts_stays_unproven(self):
        assert breaks(takes({"type": ["number", "string"]}), takes({"type": ["integer", "string"]})) == ["type"]
        assert breaks(takes({"type": ["integer", "string"]}), takes({"type": ["number", "string"]})) == []
        assert breaks(takes(I), takes(S)) == []


class TestTime:
    def deprecated(self, **more):
        return document({"deprecated": True, **more})

    def test_an_end_that_is_already_over_gives_no_notice(self):
        assert breaks(document(), self.deprecated(**{"x-sunset": "2022-08-10"})) == ["sunset"]

    def test_an_end_to_come_breaks_nothing(self):
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        assert breaks(document(), self.deprecated(**{"x-sunset": str(tomorrow)})) == []

    def test_what_is_no_full_date_announces_nothing(self):
        for text in ("2020-01-01T00:00:00Z", "20200101", "2020-W01-1", "2020-01", "2020-01-01 ", 20200101, None):
            gone = {"/gone": {"get": {"deprecated": True, "x-sunset": text, "responses": {}}}}
            kept = document().data["paths"]
            assert breaks(document(paths={**kept, **gone}), document()) == ["operation-removed"], text

    def test_a_moment_that_is_written_already_may_be_corrected(self):
        old, new = (self.deprecated(**{"x-sunset": text}) for text in ("2999-01-01T00:00:00Z", "2999-01-01"))
        assert breaks(old, new) == []
        assert breaks(document(), old) == ["sunset"]

    def test_a_stability_that_is_no_text_is_said(self):
        assert breaks(document(), document({"x-stability-level": ["stable"]})) == ["stability"]


class TestKeywordsWithoutEffect:
    def test_one_that_comes_or_goes_stays_unproven(self):
        assert breaks(asks(S), asks({**S, "minItems": 3})) == ["minItems"]
        assert breaks(tells({**S, "minItems": 3}), tells(S)) == ["minItems"]
        assert breaks(asks({**S, "minItems": 3}), asks(S)) == []

    def test_bounds_of_numbers_say_nothing_of_their_text(self):
        assert breaks(takes({**I, "minimum": 1}), takes({**S, "minimum": 1})) == []


def test_what_is_alike_is_alike_in_copies():
    old = served("/v1", **{"x-sunset": "2022-08-10"})
    assert found(old, copy.deepcopy(old)) == []


@pytest.mark.parametrize("wrap", ["{}", "[{}]", '{{"a": {}}}'])
@pytest.mark.parametrize("pair", [("1", "true"), ("0", "false")], ids=str)
def test_a_number_is_no_boolean_wherever_it_stands(pair, wrap):
    one, other = (json.loads(wrap.format(text)) for text in pair)
    rule = "type" if wrap == "{}" else "enum"
    for old, new in ((one, other), (other, one)):
        assert breaks(asks({"const": old}), asks({"const": new})) == [rule]
        assert breaks(asks({"enum": [old, "a"]}), asks({"enum": [new, "a"]})) == [rule]
    assert breaks(asks({"enum": [[one, other]]}), asks({"enum": [[one, other]], "uniqueItems": True})) == []
