"""Everything of an operation that is not a schema of a body."""

import copy

import pytest

from contract.findings.finding import Verdict
from contract.openapi.document import DocumentError
from contract.tests.building import I, S, asks, breaks, document, found, obj, takes

JSON = "application/json"


def param(name="q", location="query", **more):
    return {"name": name, "in": location, "schema": S, **more}


def with_params(*params, item=()):
    made = document({"parameters": list(params)})
    if item:
        made.data["paths"]["/things"]["parameters"] = list(item)
    return made


def answers(**responses):
    return document({"responses": {name.lstrip("_"): value for name, value in responses.items()}})


def body(*media_types, required=True, schema=S):
    content = {name: {"schema": schema} for name in media_types}
    return document({"requestBody": {"required": required, "content": content}})


class TestOperations:
    def test_removing_one_breaks(self):
        old = document()
        new = copy.deepcopy(old)
        del new.data["paths"]["/things"]["post"]
        assert breaks(old, new) == ["operation-removed"]
        assert breaks(new, old) == []

    def test_a_renamed_path_parameter_is_the_same_path(self):
        old, new = document(), document()
        old.data["paths"] = {"/a/{x}": old.data["paths"]["/things"]}
        new.data["paths"] = {"/a/{y}": new.data["paths"]["/things"]}
        assert found(old, new) == []

    def test_an_operation_id_is_a_matter_of_source(self):
        changes = found(document({"operationId": "a"}), document({"operationId": "b"}))
        assert [finding.verdict for finding in changes] == [Verdict.SOURCE]

    def test_a_tag_is_a_matter_of_source(self):
        changes = found(document({"tags": ["a"]}), document({"tags": ["b"]}))
        assert [finding.verdict for finding in changes] == [Verdict.SOURCE]

    def test_a_path_item_may_be_a_reference(self):
        old, new = document(), document()
        for made in (old, new):
            made.data["components"] = {"pathItems": {"Things": made.data["paths"]["/things"]}}
            made.data["paths"] = {"/things": {"$ref": "#/components/pathItems/Things"}}
        new.data["components"]["pathItems"]["Things"]["post"]["parameters"] = [param(required=True)]
        assert breaks(old, new) == ["parameter-required"]

    def test_a_reference_that_leads_nowhere_cannot_be_judged(self):
        with pytest.raises(DocumentError, match="Nowhere cannot be resolved"):
            found(asks({"$ref": "#/components/schemas/Nowhere"}), asks(S))


class TestParameters:
    def test_a_new_required_one_breaks(self):
        assert breaks(with_params(), with_params(param(required=True))) == ["parameter-required"]

    def test_a_new_optional_one_breaks_nothing(self):
        assert breaks(with_params(), with_params(param())) == []

    def test_required_breaks_and_optional_does_not(self):
        assert breaks(with_params(param()), with_params(param(required=True))) == ["parameter-required"]
        assert breaks(with_params(param(required=True)), with_params(param())) == []

    def test_removing_a_query_parameter_breaks(self):
        assert breaks(with_params(param()), with_params()) == ["parameter-removed"]

    def test_a_removed_header_is_ignored_by_servers(self):
        assert breaks(with_params(param("X-A", "header")), with_params()) == []

    def test_one_whose_end_was_announced_may_go_when_it_has_come(self):
        past, future = ({"deprecated": True, "x-sunset": day} for day in ("2020-01-01", "2999-01-01"))
        assert breaks(with_params(param(**past)), with_params()) == []
        assert breaks(with_params(param(deprecated=True)), with_params()) == ["parameter-removed"]
        for location in ("query", "header"):
            assert breaks(with_params(param(location=location, **future)), with_params()) == ["parameter-removed"]

    def test_names_of_headers_ignore_case(self):
        old, new = (
            with_params(param("X-A", "header", required=True)),
            with_params(param("x-a", "header", required=True)),
        )
        assert found(old, new) == []

    def test_moving_one_breaks(self):
        old, new = with_params(param(required=True)), with_params(param(location="header", required=True))
        assert breaks(old, new) == ["parameter-removed", "parameter-required"]

    def test_those_of_the_path_count_for_each_operation(self):
        assert breaks(with_params(), with_params(item=[param(required=True)])) == ["parameter-required"]
        assert found(with_params(param()), with_params(item=[param()])) == []

    def test_an_operation_overrides_its_path(self):
        old = with_params(param(schema=I), item=[param(schema=S)])
        assert found(old, with_params(param(schema=I))) == []

    @pytest.mark.parametrize("schema", [I, {"type": "boolean"}, {"type": "number"}, {"enum": [1, 2]}])
    def test_a_string_takes_whatever_is_written(self, schema):
        assert breaks(takes(schema), takes(S)) == []
        assert breaks(takes(S), takes(schema))

    def test_numbers_in_quotes_are_numbers_in_a_url(self):
        assert breaks(takes({"enum": ["1", "2"]}), takes(I)) == []

    def test_an_array_takes_a_single_value(self):
        assert breaks(takes(S), takes({"type": "array", "items": S})) == []
        assert breaks(takes({"type": "array", "items": S}), takes(S)) == ["type"]

    def test_another_style_breaks_arrays_only(self):
        many = {"type": "array", "items": S}
        assert breaks(takes(many), takes(many, explode=False)) == ["style"]
        assert breaks(takes(many, style="pipeDelimited"), takes(many, style="spaceDelimited")) == ["style"]
        assert breaks(takes(S), takes(S, explode=False)) == []

    def test_a_witness_is_a_request(self):
        [finding] = found(takes({**I, "minimum": 0}), takes({**I, "minimum": 1}), Verdict.WIRE)
        assert finding.witness.text == "POST /things with q=0"

    def test_empty_values_that_are_refused_now_break(self):
        assert breaks(takes(S, allowEmptyValue=True), takes(S)) == ["allowEmptyValue"]

    def test_one_that_becomes_json_breaks(self):
        old, new = takes(obj(a=S)), with_params({"name": "q", "in": "query", "content": {JSON: {"schema": obj(a=S)}}})
        assert breaks(old, new) == ["style"]

    def test_defaults_break_nothing(self):
        assert breaks(takes({**S, "default": "a"}), takes({**S, "default": "b"})) == []


class TestBodies:
    def test_one_that_must_be_sent_now_breaks(self):
        assert breaks(document(), body(JSON)) == ["body-required"]
        assert breaks(body(JSON, required=False), body(JSON)) == ["body-required"]
        assert breaks(document(), body(JSON, required=False)) == []

    def test_removing_one_breaks(self):
        assert breaks(body(JSON), document()) == ["body-removed"]

    def test_removing_a_media_type_breaks(self):
        assert breaks(body(JSON, "text/csv"), body(JSON)) == ["media-type-removed"]
        assert breaks(body(JSON), body(JSON, "text/csv")) == []

    def test_a_range_takes_in_its_types(self):
        assert breaks(body("image/png"), body("image/*")) == []
        assert breaks(body("image/*"), body("image/png")) == ["media-type-removed"]

    def test_a_schema_where_none_was_breaks(self):
        old = document({"requestBody": {"required": True, "content": {JSON: {}}}})
        assert breaks(old, body(JSON)) == ["type"]


class TestResponses:
    OK = {"description": "Done."}

    def test_removing_a_success_breaks_and_an_error_does_not(self):
        old = answers(_200=self.OK, _404=self.OK)
        assert breaks(old, answers(_404=self.OK)) == ["status-removed"]
        assert breaks(old, answers(_200=self.OK)) == []

    def test_a_range_covers_a_status(self):
        assert breaks(answers(_200=self.OK), answers(_2XX=self.OK)) == []
        assert breaks(answers(_2XX=self.OK), answers(_200=self.OK)) == []

    def test_a_new_status_is_held_to_the_default(self):
        default = {"description": "Error.", "content": {JSON: {"schema": S}}}
        other = {"description": "Error.", "content": {JSON: {"schema": I}}}
        assert breaks(answers(default=default), answers(default=default, _404=other)) == ["type"]
        assert breaks(answers(default=default), answers(default=default, _404=default)) == []

    def test_removing_a_media_type_breaks(self):
        old = answers(_200={**self.OK, "content": {JSON: {}, "text/csv": {}}})
        new = answers(_200={**self.OK, "content": {JSON: {}}})
        assert breaks(old, new) == ["media-type-removed"]
        assert breaks(new, old) == []

    def test_a_required_header_must_stay(self):
        def header(**more):
            return answers(_200={**self.OK, "headers": {"ETag": {"schema": S, **more}}})

        assert breaks(header(required=True), answers(_200=self.OK)) == ["header-removed"]
        assert breaks(header(required=True), header()) == ["header-optional"]
        assert breaks(header(), answers(_200=self.OK)) == []
        assert breaks(header(schema=I), header(schema=S)) == ["type"]
        assert breaks(header(schema=S), header(schema=I)) == []

    def test_a_response_may_be_a_reference(self):
        reference = {"$ref": "#/components/responses/Done"}
        old = document({"responses": {"200": reference}}, components={"responses": {"Done": self.OK}})
        assert found(old, answers(_200=self.OK)) == []
