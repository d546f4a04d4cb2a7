"""A usage names what its release declares, or it is refused: a misspelt name would be harmless to every break."""

import json

import pytest

from contract.cli import main
from contract.consumers.declared import undeclared
from contract.release.store import ReleaseStore, dump
from contract.tests.building import I, S, document, obj

JSON = "application/json"
PARTS = {"schemas": {"Part": obj(size=I, parts={"type": "array", "items": {"$ref": "#/components/schemas/Part"}})}}
PART = {"$ref": "#/components/schemas/Part"}
# A schema, the paths that it declares, and paths that it does not.
SCHEMAS = {
    "an object": (obj(a=S), ["a", "."], ["b", "[]", "a.b", "A"]),
    "a list": ({"type": "array", "items": obj(a=S)}, ["[]", "[].a", "."], ["a", "[].b", "[][]"]),
    "a field of a list": (obj(a={"type": "array", "items": obj(b=S)}), ["a", "a[]", "a[].b"], ["a.b", "a[].c", "a[]b"]),
    "a tuple": ({"type": "array", "prefixItems": [obj(a=S), I]}, ["[].a"], ["[].b"]),
    "a free list": (obj(a={"type": "array"}), ["a[].b"], ["a.b"]),
    "a free object": (obj(a={"type": "object"}), ["a.b", "a.b.c"], ["a[]"]),
    "any value": (obj(a=True), ["a.b", "a[].b"], ["b"]),
    "a map": (obj(a={"type": "object", "additionalProperties": obj(b=S)}), ["a.x.b", "a.*.b"], ["a.x.c", "a.*.c"]),
    "a map beside fields": ({**obj(a=S), "additionalProperties": obj(b=S)}, ["a", "x.b"], ["a.b", "x.c"]),
    "fields of any name": (obj(a=obj(b=S)), ["a.*", "*.b"], ["*.c"]),
    "names by pattern": ({"type": "object", "patternProperties": {"^x": I}}, ["x1", "*"], ["y"]),
    "an open object with fields": ({**obj(a=S), "additionalProperties": True}, ["b"], []),
    "a closed object": ({"type": "object", "additionalProperties": False}, ["."], ["a"]),
    "a reference": (PART, ["size", "parts[].parts[].parts[].size"], ["parts.size"]),
    "a reference with more": ({**PART, **obj(a=S)}, ["size", "a"], ["b"]),
    "parts": ({"allOf": [{"allOf": [PART, obj(a=S)]}, obj(b=S)]}, ["size", "a", "b"], ["c"]),
    "alternatives": ({"oneOf": [PART, {"type": "null"}, obj(a=S)]}, ["size", "a"], ["b"]),
    "a condition": ({**obj(k=S), "if": obj(k={"const": "x"}), "then": obj(a=S), "else": obj(b=S)}, ["a", "b"], ["c"]),
    "a text": (S, ["."], ["a", "[]"]),
    "a name with a dot": (obj(**{"a.b": obj(c=S)}), ["a.b", "a.b.c"], ["a", "a.c"]),
}  # fmt: skip


def told(contract, use, **more):
    return list(undeclared(contract, {"operations": {"POST /things": use}, **more}))


@pytest.mark.parametrize("part", ["body", "reads", "refusals"])
def test_each_path_that_a_schema_does_not_declare_is_refused(part, tell):
    wrong, count = [], 0
    for name, (schema, declared, others) in SCHEMAS.items():
        content = {"content": {JSON: {"schema": schema}}}
        answers = {"200": {"description": "Done.", **content}, "4XX": {"description": "Refused.", **content}}
        contract = document({"requestBody": content, "responses": answers}, components=PARTS)
        for path in [*declared, *others]:
            use = {"body": [f"{path}?"]} if part == "body" else {"reads": {"200": [path]}} if part == "reads" else {}
            found = told(contract, use, refusals=[path] if part == "refusals" else [])
            count += 1
            if len(found) != (path in others):
                wrong.append((name, path, found))
    tell(f"names of a usage in {part}: {len(SCHEMAS)} kinds of schema, {count} paths, {len(wrong)} judged wrong")
    assert wrong == []


PARAMETERS = [{"name": name, "in": where, "schema": S} for name, where in (("q", "query"), ("X-Trace", "header"))]
STATUSES = {"2XX": {"description": "Done."}, "default": {"description": "Else."}}


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ({"query": ["q?"], "header": ["x-trace", "authorization"]}, []),
        ({"query": ["q[]"]}, ["/operations/POST /things/query: 'q[]' is no query parameter"]),
        ({"query": ["x-trace"]}, ["/operations/POST /things/query: 'x-trace' is no query parameter"]),
        ({"path": ["id"]}, ["/operations/POST /things/path: 'id' is no path parameter"]),
        ({"body": ["a"]}, ["/operations/POST /things/body: 'a' is no field of the request body"]),
        ({"reads": {"201": [], "2XX": []}}, []),
    ],
)
def test_parameters_and_statuses_are_those_of_the_operation(use, expected):
    assert told(document({"parameters": PARAMETERS, "responses": STATUSES}), use) == expected


def test_a_status_that_is_not_declared_is_refused():
    assert told(document(), {"reads": {"200": ["a"]}}) == ["/operations/POST /things/reads: 200 is no status"]


def test_webhooks_and_callbacks_are_operations():
    done = {"post": {"operationId": "done", "responses": {"204": {"description": "Done."}}}}
    contract = document({"callbacks": {"later": {"{$request.body#/url}": done}}}, webhooks={"news": done})
    named = {"operations": {"done": {}, "DONE": {}}}
    assert list(undeclared(contract, named)) == ["/operations/DONE is no operation"]


def test_a_usage_with_a_misspelt_name_is_not_stored(tmp_path, capsys):
    store = ReleaseStore(tmp_path)
    (tmp_path / "releases").mkdir()
    answer = {"description": "Done.", "content": {JSON: {"schema": obj(items={"type": "array", "items": obj(a=S)})}}}
    store.path((1, 0, 0)).write_text(dump(document({"responses": {"200": answer}}).data))
    store.record(store.path((1, 0, 0)))
    operations = {"POST /things": {"reads": {"200": ["items.a", "item[].a"]}}}
    usage = {"usage": 1, "consumer": "web", "api": "Test", "contract": "1.0.0", "operations": operations}
    (tmp_path / "usage.json").write_text(json.dumps(usage))
    words = ["--root", str(tmp_path), "consumer", "add", str(tmp_path / "usage.json"), "--version", "1.0"]
    assert main(words) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("'items.a' is no field of the answer of release 1.0.0 (and 1 more)")
    assert not (tmp_path / "consumers").exists()
