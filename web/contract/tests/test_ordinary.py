"""Ordinary documents become a client that is sound Python, or are refused by name.

core/tests/test_wire.py sends them.
"""

import hashlib
import json
import os
import subprocess
import sys
from copy import deepcopy
from random import Random
from types import ModuleType

import msgspec
import pytest

from contract import cli
from contract.document import PATH, Document
from contract.generate import generate
from contract.styles import member
from contract.tests.ordinary import Ordinary

ROOT = PATH.parent
LONG, SHORT = 400, 12  # documents
TEXT = {"type": "string"}
SHAPE = {"$ref": "#/components/schemas/Shape"}
NESTED = {"type": "object", "properties": {"shape": SHAPE}}
LISTS = {"type": "array", "items": {"type": "array"}}
BINARY = {"type": "string", "format": "binary"}
UPLOAD = {"type": "object", "properties": {"photo": BINARY}}


def parameter(**changes):
    """Return what adds a required parameter to the operation."""

    def apply(raw):
        found = {"name": "odd", "in": "query", "required": True, "schema": TEXT} | changes
        operation(raw)["parameters"] = [{k: v for k, v in found.items() if v is not None}]

    return apply


def request(media, schema=None, **changes):
    """Return what gives the operation a body."""

    def apply(raw):
        content = {media: ({"schema": schema} if schema else {}) | changes}
        raw["paths"]["/things"]["post"] = operation(raw) | {"requestBody": {"content": content}}
        del raw["paths"]["/things"]["get"]

    return apply


def schema(**changes):
    """Return what adds a schema."""
    return lambda raw: raw["components"]["schemas"].update(Odd=changes)


def schemas(**changes):
    """Return what adds schemas."""
    return lambda raw: raw["components"]["schemas"].update(changes)


def operation(raw):
    return raw["paths"]["/things"]["get"]


def twin(**changes):
    """Return what adds an operation like the other one."""
    return lambda raw: raw["paths"].update({"/twins": {"get": operation(raw) | changes}})


def ids(*names):
    """Return what adds operations of these ids."""
    twins = {f"/{name}": {"get": {"operationId": name, "responses": {}}} for name in names}
    return lambda raw: raw["paths"].update(twins)


def upload_that_is_json_too(raw):
    raw["components"]["schemas"]["Upload"] = UPLOAD
    reference = {"schema": {"$ref": "#/components/schemas/Upload"}}
    both = {"application/json": reference}
    operation(raw)["responses"]["200"]["content"] = both
    raw["paths"]["/things"]["post"] = {
        "requestBody": {"content": {"multipart/form-data": reference}},
        "responses": {"204": {}},
    }


# What has no client, and the words that name it.
REFUSED = {
    "swagger": (lambda raw: raw.update(swagger="2.0"), "Swagger 2.0"),
    "two operations of one id": (twin(), "the operationId 'find'"),
    "ids that are one name": (ids("a-b", "a.b", "a_2d_b"), "'a_2d_b'"),
    "another server": (
        lambda raw: [
            raw.update(servers=[{"url": "/"}]),
            operation(raw).update(servers=[{"url": "https://other.example"}]),
        ],
        "find: lives at 'https://other.example'",
    ),
    "a path without its parameter": (
        lambda raw: raw["paths"].update({"/things/{id}": raw["paths"].pop("/things")}),
        "find: the parameters of its path '/things/{id}'",
    ),
    "a parameter without its path": (parameter(**{"in": "path"}), "find: the parameters"),
    "a path with a query": (
        lambda raw: raw["paths"].update({"/things?a=b": raw["paths"].pop("/things")}),
        "find: the parameters of its path '/things?a=b'",
    ),
    "nested deepObject": (parameter(style="deepObject", schema=NESTED), "find: requires 'odd'"),
    "object of objects": (parameter(schema=NESTED), "find: requires 'odd'"),
    "list of lists": (
        parameter(schema=LISTS),
        "find: requires 'odd'",
    ),
    "parameter of XML": (
        parameter(schema=None, content={"application/xml": {}}),
        "find: requires 'odd' in query",
    ),
    "matrix": (parameter(**{"in": "path"}, style="matrix"), "find: requires 'odd' in path"),
    "list in a cookie": (
        parameter(**{"in": "cookie"}, schema={"type": "array", "items": TEXT}),
        "find: requires 'odd' in cookie",
    ),
    "exploded object in a header": (
        parameter(**{"in": "header"}, schema=SHAPE, explode=True),
        "find: requires 'odd' in header",
    ),
    "querystring": (parameter(**{"in": "querystring"}), "find: requires 'odd' in querystring"),
    "multipart that is no form": (request("multipart/mixed", SHAPE), "find: takes multipart/mixed"),
    "any image": (request("image/*"), "find: takes image/*"),
    "a form that is a list": (
        request("multipart/form-data", {"type": "array"}),
        "find: takes multipart/form-data that is no object",
    ),
    "a form of several shapes": (
        request("application/x-www-form-urlencoded", {"oneOf": [SHAPE, SHAPE]}),
        "that is no object with fields",
    ),
    "an object in a urlencoded form": (
        request("application/x-www-form-urlencoded", NESTED),
        "find: takes a form with 'shape'",
    ),
    "a list of lists in a form": (
        request(
            "multipart/form-data",
            {
                "type": "object",
                "properties": {"odd": {"type": "array", "items": {"type": "array"}}},
            },
        ),
        "find: takes a form with 'odd'",
    ),
    "headers of a part": (
        request(
            "multipart/form-data",
            UPLOAD,
            encoding={"photo": {"headers": {"X-Odd": {"required": True}}}},
        ),
        "find: requires headers in the form's 'photo'",
    ),
    "a body of nothing": (
        lambda raw: operation(raw).update(requestBody={"required": True}),
        "find: takes a body of no media type",
    ),
    "a file in JSON": (upload_that_is_json_too, "schema Upload has a file"),
    "a type of no language": (schema(type="file"), "schema Odd: no Python type for type 'file'"),
    "a pattern of properties": (schema(patternProperties={}), "schema Odd: no Python type for"),
    "another file": (
        schema(properties={"x": {"$ref": "other.yaml#/X"}}),
        "schema Odd: cannot be read: 'other.yaml#/X' is not in this document",
    ),
    "a reference to nothing": (
        schema(properties={"x": {"$ref": "#/components/schemas/Gone"}}),
        "schema Odd: cannot be read: '#/components/schemas/Gone' is not in this document",
    ),
    "a reference to itself": (
        schema(**{"$ref": "#/components/schemas/Odd"}),
        "schema Odd: cannot be read: '#/components/schemas/Odd' refers to itself",
    ),
    "all of itself": (schema(allOf=[{"$ref": "#/components/schemas/Odd"}]), "schema Odd: cannot"),
    "properties that are one name": (
        schema(type="object", properties={"a-b": TEXT, "a.b": TEXT, "a_2d_b": TEXT}),
        "schema Odd: ",
    ),
    "properties that are a list": (schema(type="object", properties=[]), "schema Odd: cannot be"),
    "schemas that are one name": (schemas(**{"a-b": TEXT, "a.b": TEXT, "a_2d_b": TEXT}), "'a-b'"),
    "no answers": (lambda raw: operation(raw).update(responses={"200": []}), "cannot be read"),
}


@pytest.fixture
def raw():
    shape = {"type": "object", "properties": {"x": TEXT}}
    answer = {"description": "Found.", "content": {"application/json": {"schema": SHAPE}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ordinary", "version": "1.0.0"},
        "paths": {"/things": {"get": {"operationId": "find", "responses": {"200": answer}}}},
        "components": {"schemas": {"Shape": shape}},
    }


@pytest.fixture
def pinned_release(tmp_path, monkeypatch, raw):
    """Return what pins a changed release over the document; it returns what the run wrote."""
    root, releases = tmp_path / "web", tmp_path / "contracts" / "releases"
    releases.mkdir(parents=True)
    root.mkdir()
    (root / "contract.json").write_text(json.dumps(raw))
    for name, value in (
        ("ROOT", root),
        ("PATH", root / "contract.json"),
        ("CLIENT", root / "client"),
    ):
        monkeypatch.setattr(cli, name, value)
    assert cli.main(["generate"]) == 0

    def pin(change):
        changed = deepcopy(raw)
        change(changed)
        changed["info"]["version"] = "1.1.0"
        content = json.dumps(changed).encode()
        (releases / "1.1.0.json").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        (releases / "SHA256SUMS").write_text(f"{digest}  1.1.0.json\n")
        return cli.main(["pin", "1.1.0"])

    return root, pin


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_clients_pass_mypy_and_ruff(tmp_path, record_property, pytestconfig):
    count = LONG if pytestconfig.getoption("long") else SHORT
    for seed in range(count):
        folder = tmp_path / f"client{seed}"
        folder.mkdir()
        for name, text in generate(Document(Ordinary(seed).raw)).items():
            text = text.replace("from client import", f"from client{seed} import")
            (folder / name).write_text(text)
    rules = ["--isolated", "--no-cache", "--select=E9,F,B,PLE,W", "--quiet"]
    mypy = [
        "--strict",
        "--no-error-summary",
        "--follow-imports=silent",
        f"--cache-dir={tmp_path / 'cache'}",
    ]
    for command in (["mypy", *mypy, "."], ["ruff", "check", *rules, "."]):
        run = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            env={**os.environ, "MYPYPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    record_property("clients of ordinary documents, checked by mypy --strict and ruff", count)


@pytest.mark.parametrize("change", REFUSED, ids=str)
def test_what_has_no_client_is_refused_by_name(pinned_release, capsys, change, record_property):
    root, pin = pinned_release
    apply, words = REFUSED[change]
    before = contents(root)
    capsys.readouterr()

    assert pin(apply) == 2

    written, said = capsys.readouterr()
    assert (written, said.count("\n")) == ("", 1)
    assert words in said
    assert contents(root) == before
    record_property("kinds of documents that are refused by name", 1)


JUNK: tuple[object, ...] = (
    None, True, False, -1, 1.5, "", "x", 'a"b\\\n{}', [], {}, [None], ["object", "null"], "object",
    {"$ref": "#/nowhere"}, {"$ref": "#/components/schemas/Tree"}, {"type": "string"}, "class",
)  # fmt: skip
KEYS = ("class", "a-b", 'q"u\\o', "\n", "type", "$ref", "__x", "nullable", "{x}", "enum", "allOf")


def damaged(raw, random):
    """Return a document with some of its parts gone, renamed, or of another kind."""
    raw = deepcopy(raw)
    for _ in range(random.randint(1, 3)):
        places = [(node, key) for node in nodes(raw) for key in keys_of(node)]
        node, key = random.choice(places)
        match random.choice(("delete", "replace", "rename")):
            case "delete":
                del node[key]
            case "rename" if isinstance(node, dict):
                node[random.choice(KEYS)] = node.pop(key)
            case _:
                node[key] = deepcopy(random.choice(JUNK))
    return raw


def nodes(node):
    if isinstance(node, dict | list):
        yield node
        for value in list(node.values()) if isinstance(node, dict) else node:
            yield from nodes(value)


def keys_of(node):
    return list(node) if isinstance(node, dict) else range(len(node))


def test_damaged_documents_have_a_client_or_are_refused(monkeypatch, record_property, pytestconfig):
    outcomes = {"generated": 0, "refused": 0}
    for seed in range(10_000 if pytestconfig.getoption("long") else 100):
        raw = damaged(Ordinary(seed % 20, operations=3).raw, Random(seed))
        try:
            files = generate(Document(raw))
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            outcomes["refused"] += 1  # These are what cli.main makes one line of.
            continue
        outcomes["generated"] += 1
        package = ModuleType("damaged")
        monkeypatch.setitem(sys.modules, "damaged", package)
        for name in ("models", "operations"):
            module = ModuleType(f"damaged.{name}")
            monkeypatch.setitem(sys.modules, module.__name__, module)
            text = files[f"{name}.py"].replace("from client import", "from damaged import")
            exec(compile(text, module.__name__, "exec"), vars(module))
            setattr(package, name, module)
        for struct in vars(package.models).values():
            if isinstance(struct, type(msgspec.Struct)) and struct is not msgspec.Struct:
                msgspec.json.Decoder(struct)
    assert all(outcomes.values())
    for outcome, count in outcomes.items():
        record_property(f"damaged documents, {outcome}", count)


def test_name_that_is_taken_is_spelled_whatever_the_order(raw):
    names = ("a-b", "a.b", "a_b")
    for ids in (names, names[::-1]):
        paths = {f"/{id}": {"get": operation(raw) | {"operationId": id}} for id in ids}
        operations = Document(raw | {"paths": paths}).operations

        assert {each.id: name for name, each in operations.items()} == {
            "a-b": "a_2d_b",
            "a.b": "a_2e_b",
            "a_b": "a_b",
        }


def test_every_method_has_a_function(raw):
    raw["paths"]["/things"]["query"] = operation(raw) | {"operationId": "ask"}
    more = {"COPY": operation(raw) | {"operationId": "copy"}}
    raw["paths"]["/things"]["additionalOperations"] = more  # OpenAPI 3.2

    found = Document(raw).operations

    assert {n: found[n].method for n in ("ask", "copy")} == {"ask": "QUERY", "copy": "COPY"}


def test_document_without_paths_has_an_empty_client(raw):
    del raw["paths"]

    assert "def " not in generate(Document(raw))["operations.py"]


def test_body_of_anything_is_any(raw):
    request("application/json", schema=True)(raw)

    assert "    body: Any" in generate(Document(raw))["operations.py"]


def test_parameter_of_an_operation_replaces_that_of_its_path(raw):
    item = raw["paths"]["/things"]
    item["parameters"] = [{"name": "x", "in": "query", "required": True, "schema": TEXT}]
    operation(raw)["parameters"] = [{"name": "x", "in": "query", "schema": {"type": "integer"}}]

    text = generate(Document(raw))["operations.py"]

    assert "    x: int | None = None,\n" in text
    assert text.count("    x: ") == 1


@pytest.mark.parametrize("one_way", ["readOnly", "writeOnly"])
def test_property_of_one_direction_is_not_needed_in_the_other(raw, one_way):
    schema = {"type": "object", "properties": {"x": TEXT, "one": TEXT | {one_way: True}}}
    raw["components"]["schemas"]["Shape"] = schema | {"required": ["x", "one"]}

    assert ("one: str\n" in generate(Document(raw))["models.py"]) is (one_way == "readOnly")
    body = {"content": {"application/json": {"schema": SHAPE}}}
    raw["paths"]["/things"]["post"] = {"requestBody": body, "responses": {"204": {}}}
    assert "one: str | UnsetType = UNSET\n" in generate(Document(raw))["models.py"]


def test_no_order_of_references_breaks_an_import(raw, monkeypatch):
    def ref(name):
        return {"$ref": f"#/components/schemas/{name}"}

    found = {
        "Late": {"type": "array", "items": ref("Early")},
        "Early": {"type": "array", "items": ref("Node")},
        "Loop": {"anyOf": [TEXT, {"type": "array", "items": ref("Loop")}]},
        "Node": {"type": "object", "properties": {"Text": ref("Text"), "next": ref("Node")}},
        "Text": {"type": "string", "enum": ["a\nb", '"""']},
    }
    names = list(found)
    for order in (names, names[::-1]):
        raw["components"]["schemas"] = {name: found[name] for name in order} | {"Shape": TEXT}
        module = ModuleType("ordered")
        monkeypatch.setitem(sys.modules, "ordered", module)
        exec(compile(generate(Document(raw))["models.py"], "models", "exec"), vars(module))

        read = msgspec.json.decode(b'[[{"Text": "b", "next": {}}]]', type=module.Late)
        assert read[0][0].Text_ == member(read[0][0], "Text") == "b"
