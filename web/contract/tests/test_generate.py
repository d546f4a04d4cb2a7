import sys
from difflib import unified_diff
from math import inf, nan
from types import ModuleType

import msgspec
import pytest

from client import operations
from contract import cli
from contract.annotations import Types
from contract.call import Call, Text, segment
from contract.document import Document, pinned
from contract.generate import generate
from contract.media import URLENCODED, encode, read
from contract.multipart import MULTIPART, File
from contract.names import Unsupported
from contract.styles import JSON, cookie, header, query_pairs
from contract.tests.examples import complete
from tests.widgets.client import contract
from tests.widgets.client import models as widgets


def document(schemas=None, paths=None):
    raw = {
        "info": {"version": "9.9.9"},
        "paths": paths or {},
        "components": {"schemas": schemas or {}},
    }
    return Document(raw)


def getting(parameters):
    """Return the paths of one operation with these parameters."""
    spec = {"operationId": "find", "parameters": parameters, "responses": {"204": {}}}
    return {"/things": {"get": spec}}


A, B, NUMBER = ({"$ref": f"#/components/schemas/{name}"} for name in ("A", "B", "Number"))
TEXT = {"type": "string"}
SCHEMAS = {
    "A": {"type": "object", "properties": {"id": TEXT}},
    "B": {"type": ["object", "null"], "properties": {"id": TEXT}},
    "Number": {"type": "integer", "enum": [1, 2]},
}
# How a list of "a" and "b,c &" is written (OpenAPI 3.1, "Style Values").
WRITTEN = [
    ({}, "tag=a&tag=b%2Cc%20%26"),
    ({"style": "form"}, "tag=a&tag=b%2Cc%20%26"),
    ({"explode": True}, "tag=a&tag=b%2Cc%20%26"),
    ({"explode": False}, "tag=a,b%2Cc%20%26"),
    ({"style": "pipeDelimited"}, "tag=a%7Cb%2Cc%20%26"),
    ({"style": "pipeDelimited", "explode": True}, "tag=a&tag=b%2Cc%20%26"),
]
SHAPE = {"$ref": "#/components/schemas/Shape"}
NESTED = {"$ref": "#/components/schemas/Nested"}
UNWRITTEN = [
    {"style": "deepObject", "schema": NESTED},
    {"schema": NESTED},
    {"schema": {"type": "array", "items": SHAPE}},
    {"schema": {"anyOf": [NESTED, {"type": "null"}]}},
    {"style": "matrix", "schema": {"type": "string"}},
    {"content": {"application/xml": {"schema": SHAPE}}},
    {"in": "header", "schema": SHAPE, "explode": True},
    {"in": "cookie", "schema": SHAPE},
    {"in": "cookie", "schema": {"type": "array", "items": {"type": "string"}}},
]


@pytest.fixture
def module(monkeypatch):
    """Return what runs generated code as a module and returns its names."""

    def run(text):
        made = ModuleType("generated")
        monkeypatch.setitem(sys.modules, "generated", made)
        exec(compile(text, "generated", "exec"), vars(made))
        return vars(made)

    return run


class TestClient:
    def test_is_what_would_be_generated_from_the_pin(self):
        for name, text in generate(pinned()).items():
            committed = (cli.CLIENT / name).read_text().splitlines()
            lines = list(
                unified_diff(committed, text.splitlines(), name, "contract.json", "", "", 0)
            )
            if lines:
                found = "\n".join(lines[:60])
                pytest.fail(f"run scripts/contract generate\n{found}", pytrace=False)

    def test_has_every_operation(self):
        assert {name for name in dir(operations) if name in pinned().operations} == set(
            pinned().operations
        )

    def test_left_out_differs_from_null(self):
        encode = msgspec.json.encode

        assert encode(widgets.WidgetUpdate()) == b"{}"
        assert encode(widgets.WidgetUpdate(box_id=None)) == b'{"box_id":null}'

    def test_long_text_and_numbers_beyond_the_pin_are_read(self):
        beyond = {"id": "x" * 99, "name": "n" * 999, "version": 0, "created_at": "soon"}
        widget = complete(contract, contract.schemas["Widget"], beyond)

        assert msgspec.convert(widget, widgets.Widget).name == "n" * 999

    def test_path_segment_is_quoted(self):
        assert segment("a/b ü") == "a%2Fb%20%C3%BC"


class TestGenerator:
    def test_answer_s_optional_field_takes_its_default(self, module):
        properties = {
            "detail": TEXT | {"default": ""},
            "errors": {"type": "array", "items": TEXT, "default": []},
            "current": {"type": "object", "default": {}},
        }
        answer = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Answer"}}}}
        paths = {"/things": {"get": {"operationId": "find", "responses": {"200": answer}}}}
        schemas = {"Answer": {"type": "object", "properties": properties}}
        answer = module(generate(document(schemas, paths))["models.py"])["Answer"]

        read = msgspec.convert({}, answer)

        assert (read.detail, read.errors, read.current) == ("", [], {})

    @pytest.mark.parametrize(
        ("schema", "annotation"),
        [
            ({"type": "string", "format": "date-time"}, "str"),
            ({"type": ["integer", "null"]}, "int | None"),
            ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "float | None"),
            ({"oneOf": [A, B]}, "Any"),
            ({"allOf": [A]}, "A"),
            ({"allOf": [A], "nullable": True}, "A | None"),
            ({"allOf": [A, {"properties": {"x": True}}]}, "dict[str, Any]"),
            ({"allOf": [{"type": "string"}, {"maxLength": 5}]}, "str"),
            ({"anyOf": [A, {"type": "null"}]}, "A | None"),
            (B, "B | None"),
            (NUMBER, "Number"),
            ({"anyOf": [NUMBER, A]}, "Number | A"),
            ({"anyOf": [{"type": "array", "items": NUMBER}, A]}, "Any"),
            ({"type": "integer", "nullable": True}, "int | None"),
            ({"type": "object", "additionalProperties": A}, "dict[str, A]"),
            ({"type": "object", "additionalProperties": False}, "dict[str, Any]"),
            ({"type": "array", "items": {"type": "array", "items": A}}, "list[list[A]]"),
            ({"type": "array", "prefixItems": [A], "items": NUMBER}, "list[Any]"),
            ({"enum": [1, 2]}, "int"),
            ({"enum": ["a", None]}, "str | None"),
            ({"const": True}, "bool"),
            ({"const": {"a": 1}}, "Any"),
            ({"maxLength": 3}, "Any"),
            (True, "Any"),
            ({"$ref": "#/components/schemas/A/properties/id"}, "str"),
            ({"type": "array", "items": {"type": "boolean"}}, "list[bool]"),
            ({"type": "array"}, "list[Any]"),
            ({"type": "object"}, "dict[str, Any]"),
            ({"enum": ["a"]}, "str"),
            ({"description": "Anything."}, "Any"),
        ],
        ids=str,
    )
    def test_schema_becomes_a_type(self, schema, annotation):
        assert Types(document(SCHEMAS)).of(schema) == annotation

    def test_what_has_no_type_is_said(self):
        with pytest.raises(Unsupported, match="patternProperties"):
            Types(document()).of({"patternProperties": {}})

    def test_optional_fields_of_answers_and_requests(self, module):
        thing = {
            "type": "object",
            "description": "A thing. " * 20,
            "properties": {
                "id": {"type": "string"},
                "size": {"type": "integer", "default": 3},
                "tags": {"type": "array", "items": {"type": "string"}, "default": []},
                "note": {"type": "string"},
            },
            "required": ["id"],
        }
        names = module(generate(document({"Thing": thing}))["models.py"])

        made = msgspec.convert({"id": "1"}, names["Thing"])
        assert (made.size, made.tags, made.note) == (3, [], msgspec.UNSET)

    def test_shared_and_referred_parameters_and_headers(self, module):
        key = {"name": "idempotency-key", "in": "header", "schema": {"type": "string"}}
        item = {
            "parameters": [
                {"name": "thing-id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "post": {
                "operationId": "create_part",
                "summary": "Create a part.",
                "parameters": [key],
                "responses": {"204": {}},
            },
        }
        text = generate(document(paths={"/things/{thing-id}/parts": item}))["operations.py"]

        call = module(text)["create_part"](thing_id="a/b", idempotency_key="k")
        assert (call.path, call.answer, call.repeatable) == (
            "/things/a%2Fb/parts",
            type(None),
            True,
        )

    @pytest.mark.parametrize(("style", "sent"), WRITTEN)
    def test_list_is_written_as_its_style_says(self, module, style, sent):
        schema = {"type": "array", "items": {"type": "string"}}
        listed = {"name": "tag", "in": "query", "schema": schema} | style
        text = generate(document(paths=getting([listed])))["operations.py"]
        find = module(text)["find"]

        assert find(tag=["a", "b,c &"]).target == f"/things?{sent}"
        assert find(tag=[]).target == find().target == "/things"

    @pytest.mark.parametrize(
        ("value", "sent"),
        [(True, "true"), (False, "false"), (0, "0"), (0.5, "0.5"), ("a b", "a%20b")],
    )
    def test_value_is_written_as_json_has_it(self, value, sent):
        call: Call[object] = Call(
            "find", "GET", "/things", object, query={"x": value}, headers={"X": value}
        )

        assert call.target == f"/things?x={sent}"
        assert segment(value) == sent
        assert call.sent_headers == {"X": sent.replace("%20", " ")}

    @pytest.mark.parametrize("required", [True, False])
    @pytest.mark.parametrize("parameter", UNWRITTEN)
    def test_parameter_that_cannot_be_sent_is_left_out_or_refused(
        self, module, parameter, required
    ):
        paths = getting([{"name": "odd", "in": "query", "required": required} | parameter])
        nested = {"type": "object", "properties": {"shape": SHAPE}}
        schemas = {"Shape": {"type": "object", "properties": {"x": TEXT}}, "Nested": nested}
        if required:
            with pytest.raises(Unsupported, match="find: requires 'odd'"):
                generate(document(schemas, paths))
        else:
            text = generate(document(schemas, paths))["operations.py"]
            assert module(text)["find"]().target == "/things"

    @pytest.mark.parametrize(
        ("style", "other", "is_refused"),
        [
            ({}, "x", True),
            ({}, "odd", False),  # the object's own name is not sent
            ({"style": "deepObject"}, "odd[x]", True),
            ({"style": "deepObject"}, "x", False),
            ({"explode": False}, "x", False),
        ],
    )
    @pytest.mark.parametrize("union", [None, "anyOf", "oneOf", "allOf"])
    @pytest.mark.parametrize("is_object", [True, False])
    def test_member_of_the_name_of_another_parameter_is_refused(
        self, style, other, is_refused, union, is_object
    ):
        shape = {"$ref": "#/components/schemas/Shape"}
        parameters = [
            {"name": "odd", "in": "query", "schema": {union: [shape]} if union else shape} | style,
            {"name": other, "in": "query", "schema": TEXT},
        ]
        if is_object:  # two objects with members of one name
            parameters[1]["schema"] = {"type": "object", "properties": {other: TEXT}}
        if other == "odd":
            parameters[1]["name"] = "other"
        schemas = {"Shape": {"type": "object", "properties": {"x": TEXT}}}
        if is_refused:
            with pytest.raises(Unsupported, match=r"find: 'odd' and .* both send"):
                generate(document(schemas, getting(parameters)))
        else:
            generate(document(schemas, getting(parameters)))

    @pytest.mark.parametrize("other", [{"x": 1}, {"y[x]": 1}])
    def test_name_that_is_sent_twice_is_refused(self, other):
        style = {"y": "deepObject"} if "y[x]" in other else {}
        values = {"y": {"x": 2}} | other
        call: Call[object] = Call("find", "GET", "/things", object, query=values, styles=style)

        with pytest.raises(ValueError, match="is written twice"):
            assert call.target
        with pytest.raises(ValueError, match="is written twice"):
            encode(values, URLENCODED, style)


class TestValue:
    """A value that a server would read as another one is refused when it is sent."""

    @pytest.mark.parametrize(
        "write",
        [
            lambda: segment(""),
            lambda: segment([]),
            lambda: segment(None),
            lambda: segment([["a"]]),
            lambda: list(query_pairs("x", ["a b", "c"], "spaceDelimited")),
            lambda: list(query_pairs("x", ["a|b", "c"], "pipeDelimited")),
            lambda: list(query_pairs("x", {"y": {"z": 1}}, "deepObject")),
            lambda: list(query_pairs("x", {"y": ["z"]})),
            lambda: list(query_pairs("x", b"bytes")),
            lambda: header(["a,b", "c"]),
            lambda: cookie("x", "a; b=c"),
            lambda: cookie("x", "ü"),
            lambda: encode({"x": None}, URLENCODED, {}),
            lambda: encode({"x": None}, MULTIPART, {}),
            lambda: encode({"x": {"y": {}}}, URLENCODED, {}),
            lambda: encode({"x": b"no file"}, MULTIPART, {}),
            lambda: encode({"x": File(b"", media="a/b\r\nc: d")}, MULTIPART, {}),
            lambda: encode("no form", MULTIPART, {}),
            lambda: encode(5, "text/plain", {}),
            lambda: header(" a"),
            lambda: header(["a ", "b"]),
            lambda: header("a\r\nb: c"),
            lambda: header("a\0"),
            lambda: list(query_pairs("x", nan)),
            lambda: list(query_pairs("x", {"y": -inf}, JSON)),
            lambda: segment(inf),
            lambda: encode({"x": [None, {"y": (nan,)}]}, JSON, {}),
            lambda: encode({"x": nan}, URLENCODED, {}),
            lambda: encode({"x": {"y": nan}}, MULTIPART, {}),
            lambda: encode("ü", "text/plain; charset=us-ascii", {}),
            lambda: encode("a", "text/plain; charset=odd", {}),
        ],
        ids=range(31),
    )
    def test_is_refused(self, write):
        with pytest.raises(ValueError, match=r"\w"):
            write()

    @pytest.mark.parametrize(
        ("body", "media", "content"),
        [
            ("ü", "text/csv", "ü".encode()),
            ("ü", "text/csv; charset=latin-1", b"\xfc"),
            ("ü", "text/csv; Charset=UTF-16BE", b"\x00\xfc"),
            ({"x": None}, "application/merge-patch+json; charset=utf-8", b'{"x":null}'),
            ("x", "application/json; charset=utf-16be", b'\x00"\x00x\x00"'),
        ],
    )
    def test_text_is_written_as_its_media_type_says(self, body, media, content):
        sent, said = encode(body, media, {})

        assert sent == content
        assert said.startswith(media)

    @pytest.mark.parametrize("dots", [".", ".."])
    def test_dots_are_no_step_in_a_path(self, dots):
        assert segment(dots) == "%2E" * len(dots)

    @pytest.mark.parametrize(
        ("kind", "content_type", "content", "text"),
        [
            (Text, "text/csv", "ü".encode(), "ü"),
            (Text, "TEXT/CSV; charset=latin-1", b"\xfc", "ü"),
            (Text, "", b"a", "a"),
            (bytes, "text/csv", b"\xfc", b"\xfc"),
            (Text, "text/html", b"<p>", "the answer is text/html, not text/csv"),
            (Text, "text/csv", b"\xfc", "invalid start byte"),
            (Text, "text/csv; charset=odd", b"a", "charset is 'odd'"),
        ],
        ids=range(7),
    )
    def test_text_is_read_as_the_answer_says(self, kind, content_type, content, text):
        try:
            assert read(kind, "text/csv", content_type, content) == text
        except ValueError as error:
            assert text in str(error)  # noqa: PT017
