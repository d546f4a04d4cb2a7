"""The mock of documents of other kinds than ours: their errors, forms, uploads, examples; pages of other origins."""

import json
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from contract.cli import main
from contract.mock.api import Api
from contract.mock.recording import Recording, load_scenario
from contract.mock.server import Faults, Mock, server
from contract.openapi.document import Document, DocumentError, load
from contract.tests.building import EXAMPLE
from contract.tests.calling import Caller
from contract.tests.everything import everything
from contract.tests.sampling import sample

ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
    "additionalProperties": False,
}
ERRORS = {"description": "Error.", "content": {"application/json": {"schema": ERROR}}}
TEXTS = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "sizes": {"type": "array", "items": {"type": "integer"}},
    },
}
BYTES = {"type": "string", "format": "binary"}
DONE = {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
EXAMPLES = {"empty": {"value": []}, "two": {"value": ["a", "b"]}}
LIST = {"type": "array", "items": {"type": "string"}}
OTHERS = {
    "openapi": "3.0.3",
    "info": {"title": "Others", "version": "7"},
    "servers": [{"url": "https://others.example/rest/{version}", "variables": {"version": {"default": "v2"}}}],
    "paths": {
        "/forms": {"post": {
            "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": TEXTS}}},
            "responses": {"200": DONE, "400": ERRORS},
        }},
        "/files": {"post": {
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": UPLOAD}}},
            "responses": {"201": DONE, "4XX": ERRORS},
        }},
        "/raw": {"put": {
            "requestBody": {"required": True, "content": {"image/*": {"schema": BYTES}}},
            "responses": {"204": {"description": "Stored."}, "default": ERRORS},
        }},
        "/letters": {"get": {
            "security": [{"key": []}],
            "responses": {
                "200": {"description": "All.", "content": {
                    "application/json": {"schema": LIST, "examples": EXAMPLES},
                    "text/csv": {"schema": {"type": "string"}, "example": "a,b\n"},
                }},
                "401": ERRORS,
                "404": {"description": "None."},
            },
        }},
        "/reports/{report-id}.json": {"get": {
            "parameters": [{"name": "report-id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": DONE},
        }},
    },
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
}  # fmt: skip


@contextmanager
def serving(mock):
    made = server(mock, 0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield caller(made.server_port)
    finally:
        made.shutdown()
        made.server_close()
        thread.join()


def caller(port):
    def call(method, path, body=None, **headers):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, told, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.read().decode(), answer.headers

    return call


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    with serving(Mock(Api(Document(OTHERS, tmp_path_factory.getbasetemp() / "others.json")))) as made:
        yield made


FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(("body", "status"), [
    (b"name=Ann&age=7", 200), (b"name=Ann", 200), (b"age=7", 400), (b"name=Ann&age=old", 400), (b"", 400),
])  # fmt: skip
def test_a_form_is_read_by_its_schema(call, body, status):
    assert call("POST", "/forms", body, **FORM)[0] == status


def test_an_error_is_the_one_that_the_document_describes(call):
    status, body, headers = call("POST", "/forms", b"age=7", **FORM)

    assert (status, headers["Content-Type"]) == (400, "application/json")
    assert json.loads(body) == {"code": 400, "message": "The request is not what the contract allows."}


PICTURE = ("file", '; filename="a.png"\r\nContent-Type: image/png', "\u00e9 bytes")


def multipart(*parts):
    made = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{text}\r\n' for name, more, text in parts
    )
    return (made + "--b--\r\n").encode()


@pytest.mark.parametrize(("parts", "status"), [
    ([PICTURE, ("sizes", "", "1"), ("sizes", "", "2")], 201),
    ([("file", "", "text")], 201),
    ([("sizes", "", "1")], 422),
    ([("file", "", "text"), ("sizes", "", "large")], 422),
])  # fmt: skip
def test_an_upload_is_read_by_its_schema(call, parts, status):
    assert call("POST", "/files", multipart(*parts), Content_Type="multipart/form-data; boundary=b")[0] == status


@pytest.mark.parametrize(("kind", "status"), [("image/png", 204), ("text/plain", 415)])
def test_a_body_of_any_bytes_is_taken_if_its_type_is_declared(call, kind, status):
    assert call("PUT", "/raw", b"\x89PNG\r\n\x00", Content_Type=kind)[0] == status


def test_a_body_without_a_boundary_is_refused(call):
    assert call("POST", "/files", b"file=1", Content_Type="multipart/form-data")[0] == 422


@pytest.mark.parametrize(("path", "status"), [
    ("/reports/7.json", 200), ("/reports/a%20b.json", 200), ("/rest/x/reports/7.json", 200), ("/reports/7", 404),
])  # fmt: skip
def test_a_path_is_found_with_odd_names_and_behind_the_path_of_a_server(call, path, status):
    assert call("GET", path)[0] == status


def test_credentials_are_those_of_the_scheme(call):
    assert call("GET", "/letters", Authorization="Bearer any")[0] == 401
    assert call("GET", "/letters", X_Key="any")[0] == 200


@pytest.mark.parametrize(("wish", "status", "body"), [
    ("example=empty", 200, "[]"),
    ('example="two"', 200, '["a", "b"]'),
    ("code=200, example=two", 200, '["a", "b"]'),
    ("respond-async, code=401", 401, '"message": "The mock was asked for this status."'),
    ("code=404", 404, ""),
    ("code=409", 400, "409 is not declared for GET /letters; there is 200, 401, 404."),
    ("code=999", 400, "is not declared"),
    ("example=three", 400, "There is no example three here; there are empty, two."),
    ("wait=10", 200, "[]"),
])  # fmt: skip
def test_a_request_may_wish_for_what_is_declared(call, wish, status, body):
    answered, text, headers = call("GET", "/letters", Prefer=wish, X_Key="any")

    assert (answered, body in text) == (status, True)
    assert ("Preference-Applied" in headers) == (status != 400 and "wait" not in wish)


def test_the_media_type_is_the_one_that_is_asked_for(call):
    assert call("GET", "/letters", Accept="text/csv", X_Key="any")[1:2] == ("a,b\n",)


def test_a_page_of_another_origin_may_call(call):
    origin = "http://127.0.0.1:5173"
    status, _, headers = call("OPTIONS", "/letters", Origin=origin, Access_Control_Request_Method="GET",
                              Access_Control_Request_Headers="x-key,if-match")  # fmt: skip
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, origin)
    assert headers["Access-Control-Allow-Methods"] == "GET"
    assert headers["Access-Control-Allow-Headers"] == "x-key,if-match"

    for path in ("/letters", "/nothing"):  # an error can be read, too
        _, _, headers = call("GET", path, Origin=origin)
        assert headers["Access-Control-Allow-Origin"] == origin
        assert "ETag" in headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in call("GET", "/letters")[2]


def test_a_head_is_as_a_get_and_another_method_is_named(call):
    assert call("HEAD", "/reports/7.json")[:2] == (200, "")
    status, _, headers = call("DELETE", "/reports/7.json")
    assert (status, headers["Allow"]) == (405, "GET")


def test_a_body_in_chunks_is_read(call):
    status, _, _ = call("POST", "/forms", iter([b"name=", b"Ann"]), **FORM)
    assert status == 200


def test_what_was_recorded_is_answered_again(tmp_path):
    har = tmp_path / "shop.har"
    api = Api(load(EXAMPLE), seeds=0)
    headers = {"Authorization": "Bearer secret", "Content_Type": "application/json"}
    body = b'{"name": "Kitchen"}'
    with serving(Mock(api, recording=Recording(har))) as call:
        first = call("GET", "/v1/categories?limit=2", **headers)[1]
        made = call("POST", "/v1/categories", body, **headers)
        second = call("GET", "/v1/categories?limit=2", **headers)[1]
    assert "secret" not in har.read_text()

    with serving(Mock(Api(load(EXAMPLE), seeds=0), scenario=load_scenario(har))) as call:
        assert [call("GET", "/v1/categories?limit=2")[1] for _ in range(3)] == [first, second, second]
        again = call("POST", "/v1/categories", b'{ "name" : "Kitchen" }')
        assert (again[:2], again[2]["ETag"]) == (made[:2], made[2]["ETag"])
        assert call("POST", "/v1/categories", b'{"name": "Garden"}', **headers)[0] == 201


@pytest.mark.parametrize("text", ["", "{", "[]", '{"log": {"entries": []}}', '{"log": {"entries": [{"request": 1}]}}'])
def test_a_scenario_that_cannot_be_read_is_said_in_one_line(tmp_path, capsys, text):
    har = tmp_path / "a.har"
    har.write_text(text)
    with pytest.raises(DocumentError):
        load_scenario(har)
    assert main(["mock", str(EXAMPLE), "--replay", str(har), "--port", "0"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_share_that_fails_is_the_one_that_was_asked_for():
    mock = Mock(Api(load(EXAMPLE)), Faults(fail_rate=0.25))
    failed = sum(mock.faults.due() == 503 for _ in range(4000))
    assert 800 < failed < 1200


def test_every_operation_is_answered_as_it_is_declared(tmp_path, long, tell):
    documents = [
        load(EXAMPLE),
        Document(OTHERS, tmp_path / "others.json"),
        *(Document(everything(version), tmp_path / "all.json") for version in ("3.0", "3.1", "3.2")),
    ]
    tried, wrong = 0, []
    for document in documents:
        caller = Caller(document)
        for operation in sample(document.operations(), lambda one: one.method, 4, long):
            tried += 1
            wrong += caller.wrong(operation)
    tell(
        f"mock: {tried} operations of {len(documents)} documents called, {len(wrong)} answered otherwise than declared"
    )
    assert wrong == []
