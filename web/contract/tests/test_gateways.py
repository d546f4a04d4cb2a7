"""What a UI sends is read from its gateways, however they call operations."""

import pytest

from contract.document import Document
from contract.gateways import answers, sent, unread

THING = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "size": {"$ref": "#/components/schemas/Size"}},
}
RAW = {
    "info": {"version": "1.0.0"},
    "components": {"schemas": {"Thing": THING, "Size": {"properties": {"width": {}}}}},
    "paths": {
        "/things": {
            "get": {
                "operationId": "list_things",
                "parameters": [
                    *(
                        {"name": name, "in": "query", "schema": {}}
                        for name in ("q", "From", "limit")
                    ),
                    {"name": "If-None-Match", "in": "header", "schema": {}},
                ],
                "responses": {},
            },
        },
        "/things/{thing-id}": {
            "parameters": [{"name": "thing-id", "in": "path", "required": True, "schema": {}}],
            "patch": {
                "operationId": "update_thing",
                "parameters": [{"name": "if-match", "in": "header", "schema": {}}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    }
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                        }
                    },
                    "404": {"content": {"application/json": {"schema": THING}}},
                },
            },
        },
    },
}
DOCUMENT = Document(RAW)
LIST = {"query": {"q", "From"}, "path": set(), "header": set(), "body": set()}
EVERY = LIST | {"query": {"q", "From", "limit"}, "header": {"if-none-match"}}
UPDATE = {
    "query": set(),
    "path": {"thing-id"},
    "header": {"if-match"},
    "body": {"id", "size", "size.width"},
}
FROM = "from client import operations\n"


@pytest.fixture
def read(tmp_path):
    def read(source):
        file = tmp_path / "gateway.py"
        file.write_text(source)
        return sent([file], DOCUMENT)

    return read


@pytest.mark.parametrize(
    "call",
    [
        f"{FROM}api.send(operations.list_things(q='a', from_=b))",
        "from client import operations as api_calls\nsend(api_calls.list_things(q='a', from_=b))",
        "from client.operations import list_things\nsend(list_things(q='a', from_=b))",
        "from client.operations import list_things as many\nmany(q='a'), many(from_=b)",
        f"{FROM}things = ResourceGateway(list=operations.list_things)",
        f"{FROM}class Things(ResourceGateway): ...\nthings = Things(list=operations.list_things)",
    ],
)
def test_parameters_are_those_that_are_given(read, call):
    assert read(call) == {"list_things": LIST}


@pytest.mark.parametrize(
    "call",
    [
        f"{FROM}api.send(operations.list_things(**values))",
        f"{FROM}each_page(operations.list_things)",
        f"{FROM}call = operations.list_things",
        f"{FROM}read_all(calls={{'things': operations.list_things}})",
    ],
)
def test_every_parameter_counts_where_the_source_does_not_tell(read, call):
    assert read(call) == {"list_things": EVERY}


@pytest.mark.parametrize(
    "call",
    [
        f"{FROM}api.send(operations.update_thing(thing_id=id, if_match=etag, body=body))",
        f"{FROM}things = ResourceGateway(update=operations.update_thing)",
    ],
)
def test_body_has_the_fields_of_its_schema(read, call):
    assert read(call) == {"update_thing": UPDATE}


DEPRECATED = {"deprecated": True}


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    "prop",
    [
        {"type": "string"} | DEPRECATED,
        {"type": "array", "items": {"properties": {"width": {}}}} | DEPRECATED,
        {"$ref": "#/components/schemas/Size"} | DEPRECATED,
        {"anyOf": [{"$ref": "#/components/schemas/Size"} | DEPRECATED, {"type": "null"}]},
        {"allOf": [{"$ref": "#/components/schemas/Size"} | DEPRECATED]},
    ],
    ids=["text", "list", "object", "or null", "allOf"],
)
def test_deprecated_field_is_sent_where_it_is_required(read, monkeypatch, prop, required):
    monkeypatch.setitem(THING["properties"], "size", prop)
    monkeypatch.setitem(THING, "required", ["size"] if required else [])

    found = read(f"{FROM}things = ResourceGateway(update=operations.update_thing)")

    assert ("size" in found["update_thing"]["body"]) == required
    assert "id" in found["update_thing"]["body"]


def test_deprecated_parameter_counts_where_the_source_names_it(read, monkeypatch):
    q = DOCUMENT.operations["list_things"].parameters[0]
    monkeypatch.setitem(q, "deprecated", True)

    things = f"{FROM}things = ResourceGateway(list=operations.list_things)"
    assert read(things)["list_things"]["query"] == {"From"}
    assert read(f"{FROM}operations.list_things(q=a)")["list_things"]["query"] == {"q"}
    assert "q" in read(f"{FROM}each_page(operations.list_things)")["list_things"]["query"]


def test_what_is_no_operation_of_the_contract_is_left_out(read):
    assert read(f"{FROM}operations.read_nothing(), other.list_things(q='a')") == {}


def test_every_field_of_a_success_counts_as_read():
    assert answers(DOCUMENT.operations["update_thing"], DOCUMENT) == {"200": ["id", "size"]}


def test_answer_that_is_only_sent_for_is_not_read(tmp_path):
    file = tmp_path / "gateway.py"
    file.write_text(f"{FROM}api.send_once(operations.list_things()).status")

    assert unread([file]) == {"list_things"}
