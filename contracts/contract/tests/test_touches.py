"""Whatever place an edit touches, a finding says so: in every operation, and on each way within one."""

import copy
import datetime as dt
import json
from collections import Counter

import pytest

from contract.compare import compare
from contract.openapi.document import Document
from contract.openapi.place import format_path
from contract.output.data import as_json
from contract.release.announced import take_out
from contract.tests.building import EXAMPLE, I, S, asks, document, obj, tells
from contract.tests.mutations import at, schema_mutants
from contract.tests.operation_mutations import operation_mutants
from contract.tests.sampling import sample

MONEY = {"$ref": "#/components/schemas/Money"}
# Edits of a whole document's order or of a path's spelling touch no place.
NOWHERE = frozenset({"object: order of fields", "object: order of required", "path: added"})
NULL = {"type": "null"}


@pytest.fixture(scope="module")
def contract():
    """The example, with a second way to one schema, with one inside an alternative, and one that contains itself."""
    data = json.loads(EXAMPLE.read_text())
    schemas = data["components"]["schemas"]
    schemas["Product"]["properties"] |= {"list_price": MONEY, "old_price": {"anyOf": [MONEY, NULL]}}
    schemas["Category"]["properties"]["children"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Category"},
    }
    return Document(data, EXAMPLE)


def ways(contract, node, path="", above=()):
    """Each schema node below one, with the path to its field; references are followed."""
    if not isinstance(node, dict):
        return
    if "$ref" in node:
        node = contract.lookup(node["$ref"])
    if id(node) in above:
        return
    yield id(node), path
    for step, inner in below(node):
        yield from ways(contract, inner, f"{path}{step}".removeprefix("."), (*above, id(node)))


def below(node):
    """The schemas in a schema, each with the step to it."""
    yield from ((f".{name}", inner) for name, inner in node.get("properties", {}).items())
    yield from ((step, node[key]) for key, step in (("items", "[]"), ("additionalProperties", ".*")) if key in node)
    yield from (("", inner) for key in ("allOf", "anyOf", "oneOf") for inner in node.get(key, ()))


def places(contract):
    """The places of each schema node: an operation, a part of it, a field."""
    found = {}
    for one in contract.operations():
        data = one.data
        parts = [(f"{raw['in']} parameter {raw['name']}", raw) for raw in data.get("parameters", ())]
        parts += [("request body", data["requestBody"])] if "requestBody" in data else []
        for status, response in data["responses"].items():
            parts += [(f"{status} response", response)]
            headers = response.get("headers", {})
            parts += [(f"{status} response, header {name.lower()}", header) for name, header in headers.items()]
        for where, part in parts:
            entries = list(part.get("content", {}).values()) or [part]
            for entry in entries:
                for node, path in ways(contract, entry.get("schema", {})):
                    found.setdefault(node, set()).add((data["operationId"], where, path))
    return found


def told(findings):
    """Every place that findings touch; a part without its media type."""
    return {
        (touch.operation_id, touch.place.whole().where, touch.field)
        for finding in findings
        for touch in finding.touches
    }


def is_told(place, touched):
    """Whether a field is named, or one directly in it: a required field is named by itself."""
    operation, where, path = place
    return place in touched or any(
        (one, part) == (operation, where) and field.rpartition(".")[0] == path for one, part, field in touched
    )


def test_whatever_place_an_edit_of_a_schema_touches_is_told(contract, tell, long):
    counts, silent, known = Counter(), [], places(contract)
    numbered = [(index, kind.name) for index, (kind, _, _) in enumerate(schema_mutants(contract))]
    chosen = {index for index, _ in sample(numbered, lambda one: one[1], 1, long)}
    for index, (kind, site, data) in enumerate(schema_mutants(contract)):
        if index not in chosen or kind.name in NOWHERE:
            continue
        findings = compare(contract, Document(data, EXAMPLE))
        touched = told(findings)
        counts["edits"] += 1
        silent += [
            (kind.name, one.text)
            for one in findings
            if format_path(one.path).removesuffix("unlisted").rstrip(".") not in one.text
        ]
        for place in known.get(id(at(contract.data, site.way)), ()):
            counts["places"] += 1
            if not is_told(place, touched):
                silent.append((kind.name, site.place, place))
    tell(f"touches of schemas: {counts['edits']} edits, {counts['places']} places, {len(silent)} silent")
    assert silent == []


def parts(old, new):
    """The parts of an operation that differ."""
    for name in ("summary", "description", "tags", "operationId", "deprecated"):
        if old.get(name) != new.get(name):
            yield ""
    if old.get("security") != new.get("security"):
        yield "security"
    if old.get("requestBody") != new.get("requestBody"):
        yield "request body"
    one, two = (
        {f"{raw['in']} parameter {raw['name']}": raw for raw in node.get("parameters", ())} for node in (old, new)
    )
    yield from (where for where in one | two if one.get(where) != two.get(where))
    for status in old["responses"] | new["responses"]:
        before, after = (node["responses"].get(status) for node in (old, new))
        if before != after:
            yield f"{status} response"


def test_whatever_part_an_edit_of_an_operation_touches_is_told(contract, tell, long):
    counts, silent = Counter(), []
    mutants = [one for one in operation_mutants(contract) if one[0] not in NOWHERE]
    for kind, name, _, data in sample(mutants, lambda one: one[0], 1, long):
        touched = told(compare(contract, Document(data, EXAMPLE)))
        old = {one.name: one.data for one in contract.operations()}
        new = {one.name: one.data for one in Document(data, EXAMPLE).operations()}
        for operation in old:
            before, after = old[operation], new.get(operation)
            for where in [""] if after is None else dict.fromkeys(parts(before, after)):
                counts[kind] += 1
                own = {part for one, part, _ in touched if one == before["operationId"]}
                if not any(part == where or part.startswith(f"{where}, ") for part in own):
                    silent.append((kind, name, where, own))
    tell(f"touches of operations: {len(counts)} kinds, {counts.total()} parts, {len(silent)} silent")
    assert silent == []


def touches(findings, rule):
    return sorted((touch.place.where, touch.field) for one in findings if one.rule == rule for touch in one.touches)


def test_json_names_each_place(contract):
    data = copy.deepcopy(contract.data)
    del data["components"]["schemas"]["Money"]["properties"]["amount_minor"]["maximum"]
    found = json.loads(as_json(compare(contract, Document(data, EXAMPLE))))["findings"]
    [finding] = [one for one in found if one["rule"] == "maximum" and one["direction"] == "response"]
    fields = {one["field"] for one in finding["touches"] if one["operation_id"] == "list_products"}
    assert fields == {"items[].price.amount_minor", "items[].list_price.amount_minor", "items[].old_price.amount_minor"}
    assert {one["operation_id"] for one in finding["touches"]} >= {"read_product", "update_product", "create_product"}


def test_a_schema_that_contains_itself_is_named_with_all_below_it():
    def tree(kind):
        return {
            "schemas": {
                "Tree": obj(name=kind, children={"type": "array", "items": {"$ref": "#/components/schemas/Tree"}})
            }
        }

    top = {"$ref": "#/components/schemas/Tree"}
    found = compare(tells(top, components=tree(S)), tells(top, components=tree(I)))
    assert touches(found, "type") == [("200 response", "children[]"), ("200 response", "name")]


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize("way", [asks, tells])
def test_a_finding_inside_of_a_nullable_alternative_names_the_rule_there(keyword, way):
    short, long = ({keyword: [{**S, "maxLength": size}, NULL]} for size in (10, 20))
    old, new = (long, short) if way is asks else (short, long)
    stops = [one for one in compare(way(obj(a=old)), way(obj(a=new))) if one.stops]
    assert [(one.rule, one.field) for one in stops] == [("maxLength", "a")]


@pytest.mark.parametrize("rule", ["field-added", "field-removed"])
def test_an_added_and_a_removed_field_name_each_place(rule):
    small, large = obj(x=S), obj(x=S, y=S)
    old, new = (small, large) if rule == "field-added" else (large, small)

    def made(inner):
        held = {"schemas": {"Inner": inner}}
        reference = {"$ref": "#/components/schemas/Inner"}
        return tells(
            obj(a=reference, b={"type": "array", "items": reference}, c={"anyOf": [reference, NULL]}), components=held
        )

    assert [field for _, field in touches(compare(made(old), made(new)), rule)] == ["a.y", "b[].y", "c.y"]


def test_servers_name_every_operation():
    old, new = (document(servers=[{"url": f"https://example.com/{name}"}]) for name in "ab")
    old.data["paths"]["/more"] = new.data["paths"]["/more"] = {"get": {"responses": {"204": {"description": "Done."}}}}
    [finding] = [one for one in compare(old, new) if one.rule == "base-path-removed"]
    assert [touch.operation_id for touch in finding.touches] == ["POST /things", "GET /more"]


def test_a_removal_in_time_names_each_place():
    ended = {**S, "deprecated": True, "x-sunset": "2020-01-01"}
    price = {"$ref": "#/components/schemas/Money"}

    def made(money):
        held = obj(price=price, list_price=price, lines={"type": "array", "items": obj(price=price)})
        return tells(held, components={"schemas": {"Money": money}})

    old, new = made(obj(amount=I, note=ended)), made(obj(amount=I))
    [removal] = take_out([("1.0.0", old)], new, dt.date(2026, 1, 1))
    fields = {touch.field for touch in removal.finding.touches}
    assert fields == {"price.note", "list_price.note", "lines[].price.note"}
