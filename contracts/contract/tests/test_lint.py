"""Each house rule finds its breach, and nothing in a contract that keeps them."""

import copy
import json
from collections import Counter
from pathlib import Path

import pytest

from contract.lint.rules import RULES
from contract.lint.ruleset import lint
from contract.openapi.document import Document
from contract.openapi.grammar import EXTENSIONS, Walk
from contract.tests.building import EXAMPLE
from contract.tests.everything import everything, objects

PATH = Path("all.json")

PRODUCTS = ("paths", "/v1/products", "post")
CREATE = ("components", "schemas", "ProductCreate")
OBJECT = {"type": "object", "properties": {"a": {"type": "boolean"}}}


def put(*way, value):
    def change(data):
        for key in way[:-1]:
            data = data[key]
        data[way[-1]] = value

    return change


BREACHES = {
    "operation-id": put(*PRODUCTS, "operationId", value="makeProduct"),
    "operation-tag": put(*PRODUCTS, "tags", value=["a", "b"]),
    "operation-summary": put(*PRODUCTS, "summary", value=""),
    "path-name": put("paths", "/v1/myProducts", value={}),
    "parameter-name": put(
        *PRODUCTS, "parameters", value=[{"name": "pageSize", "in": "query", "schema": {"enum": [1]}}]
    ),
    "problem-errors": put(*PRODUCTS, "responses", "409", value={"description": "No.", "content": {"text/html": {}}}),
    "success": put(*PRODUCTS, "responses", value={}),
    "security": lambda data: data["paths"]["/v1/products"]["post"].pop("security"),
    "link-target": put(*PRODUCTS, "responses", "201", "links", value={"next": {"operationId": "read_nothing"}}),
    "runtime-expression": put(
        *PRODUCTS,
        "responses",
        "201",
        "links",
        value={"next": {"operationId": "list_products", "parameters": {"q": "$id"}}},
    ),
    "expression-source": put(
        *PRODUCTS,
        "responses",
        "201",
        "links",
        value={"next": {"operationId": "list_products", "parameters": {"q": "$response.header.X-None"}}},
    ),
    "schema-name": put("components", "schemas", "product_thing", value={"type": "boolean"}),
    "field-name": put(*CREATE, "properties", "unitPrice", value={"type": "boolean"}),
    "bounded-string": put(*CREATE, "properties", "sku", value={"type": "string", "examples": ["a"]}),
    "bounded-integer": put(*CREATE, "properties", "sku", value={"type": "integer", "minimum": 0, "examples": [1]}),
    "bounded-array": put(*CREATE, "properties", "sku", value={"type": "array", "items": {"type": "boolean"}}),
    "named-schema": put(*CREATE, "properties", "sku", value=OBJECT),
    "misplaced-keyword": put(*CREATE, "properties", "sku", value={"type": "boolean", "maxLength": 3}),
    "unknown-keyword": put(*CREATE, "properties", "sku", value={"type": "boolean", "maxLenght": 3}),
    "unknown-extension": put(*CREATE, "properties", "sku", value={"type": "boolean", "x-meaning": 1}),
    "beside-reference": put(
        *PRODUCTS, "responses", "201", "headers", value={"X": {"$ref": "#/components/headers/ETag", "required": True}}
    ),
    "example": put(*CREATE, "properties", "sku", value={"type": "string", "maxLength": 3}),
    "example-valid": put(*CREATE, "properties", "sku", value={"type": "string", "maxLength": 3, "examples": ["long"]}),
}


def example():
    return json.loads(EXAMPLE.read_text())


def test_a_contract_that_keeps_them_has_no_finding():
    assert lint(Document(example(), EXAMPLE)) == []


def test_each_rule_is_tried():
    assert {rule.name for rule in RULES} == set(BREACHES)


@pytest.mark.parametrize("name", sorted(BREACHES))
def test_a_breach_is_found_and_says_how_to_mend_it(name):
    data = example()
    BREACHES[name](data)
    findings = [finding for finding in lint(Document(data, EXAMPLE)) if finding.rule == name]
    assert findings
    assert all(finding.hint and finding.text for finding in findings)


EVERY = ("3.0", "3.1", "3.2")


@pytest.mark.parametrize("version", EVERY)
def test_an_unknown_extension_is_found_in_each_kind_of_object_unless_it_is_listed(version, tell):
    clean = everything(version)
    for way in list(objects(clean)):
        reach(clean, way).pop("x-own", None)
    kinds, silent = Counter(), []
    for place, kind, _ in Walk(clean, Document(clean, PATH).target).nodes():
        if kind == "requirement":  # Its keys are names of schemes.
            continue
        data = copy.deepcopy(clean)
        reach(data, place)["x-own"] = 1
        kinds[kind] += 1
        found = of_extensions(data)
        if len(found) != 1 or of_extensions({**data, "x-not-compared": ["x-own"]}):
            silent.append((place, kind))
    tell(f"extensions of {version}: {kinds.total()} objects of {len(kinds)} kinds, {len(silent)} silent")
    assert silent == []


def of_extensions(data):
    return [one for one in lint(Document(data, PATH)) if one.rule == "unknown-extension"]


def reach(data, way):
    for step in way:
        step = step.replace("~1", "/").replace("~0", "~") if isinstance(step, str) and step not in data else step
        data = data[step]
    return data


@pytest.mark.parametrize("name", sorted(EXTENSIONS))
def test_a_known_extension_is_found_where_it_has_no_meaning(name):
    data = everything("3.1")
    data["info"][name] = 1
    assert ("#/info/" + name) in {one.place for one in of_extensions(data)}


@pytest.mark.parametrize("name", ["x-own", "x-sunset"])
def test_an_extension_is_found_in_objects_that_lead_nowhere(name, tell):
    schema = {"type": "string", "xml": {name: 1}, "externalDocs": {"url": "/", name: 1}}
    answers = {"200": {"description": "Done.", "content": {"text/plain": {"schema": schema}}}, name: "2030-01-01"}
    flows = {"clientCredentials": {"tokenUrl": "/", "scopes": {}, name: 1}}
    extended = [{"url": "/", name: 1} for _ in range(3)]
    data = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1.0.0", "contact": {name: 1}, "license": {"name": "MIT", name: 1}},
        "externalDocs": extended[0],
        "tags": [{"name": "t", "externalDocs": extended[1]}],
        "paths": {"/a": {"get": {"responses": answers, "externalDocs": extended[2]}}},
        "components": {"securitySchemes": {"o": {"type": "oauth2", "flows": flows}}},
    }
    found = []
    while of_extensions(data):
        [one] = of_extensions(data)
        found.append(one.place)
        *way, last = one.place.removeprefix("#/").split("/")
        held = data
        for step in way:
            held = held[int(step) if isinstance(held, list) else step.replace("~1", "/")]
        del held[last]
    tell(f"extensions in plain objects: {len(found)} of 9 kinds")
    assert len(found) == 9
