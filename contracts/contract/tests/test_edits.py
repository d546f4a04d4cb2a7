"""One edit is one finding, whatever operations meet it, and its sentence names what was edited."""

import copy
from pathlib import Path

import pytest

from contract.compare import compare
from contract.findings.edits import joined
from contract.openapi.document import Document
from contract.output.data import as_json
from contract.output.words import line, places
from contract.tests.building import I, S, asks, obj, tells

OPERATIONS = 6
NAMES = [f"/{letter}" for letter in "abcdef"]
CARD, BANK, CASH = (obj(kind={"enum": [kind]}) | {"required": ["kind"]} for kind in ("card", "bank", "cash"))
NULL = {"type": "null"}


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def made(field, required, schemas, sent, inline, version):
    """Operations that all send or answer a list of orders, and an order has a field of this schema."""
    order = {**obj(id=S, **({} if field is None else {"field": field})), "required": ["id", *required]}
    body = {"content": {"application/json": {"schema": {"type": "array", "items": order if inline else ref("Order")}}}}
    done = {"description": "Done."}
    operation = {"requestBody": {**body, "required": True}} if sent else {}
    operation["responses"] = {"200": done if sent else {**done, **body}}
    more = {} if inline else {"Order": order}
    data = {"openapi": version, "info": {"title": "T", "version": "1"}, "components": {"schemas": {**schemas, **more}},
            "paths": {name: {"post": operation} for name in NAMES}}  # fmt: skip
    return Document(copy.deepcopy(data), Path("test.json"))


def told(old, new, sent, inline, schemas=None, version="3.1.0"):
    sides = [one if isinstance(one, tuple) else (one, []) for one in (old, new)]
    documents = [made(field, required, schemas or {}, sent, inline, version) for field, required in sides]
    findings = compare(*documents)
    return [one for one in joined(findings) if one.stops], [one for one in findings if one.stops]


PETS = {name: {**obj(**{key: S}), "required": [key]} for name, key in (("Cat", "lives"), ("Dog", "breed"))}
UNION = {"Card": CARD, "Bank": BANK, "Cash": CASH}
# Which way it travels, the old and the new field, and the sentence after the field. A pair: whether it is required.
KINDS = {
    "null comes": ("answered", S, {"type": ["string", "null"]}, "may now be null"),
    "null goes": ("sent", {"type": ["string", "null"]}, S, "may no longer be null"),
    "a type changes": ("sent", S, I, "was a string, is an integer"),
    "a type comes": ("answered", I, {"type": ["integer", "array"]}, "may now be an array"),
    "a value comes": ("answered", {"enum": ["EUR"]}, {"enum": ["EUR", "KWD"]}, ": value `KWD` is new"),
    "a value goes": ("sent", {"enum": ["EUR", "KWD"]}, {"enum": ["EUR"]}, ": value `KWD` is no longer accepted"),
    "a constant changes": ("sent", {"const": "a"}, {"const": "b"}, ": value `a` is no longer accepted; value `b` is new"),
    "an alternative comes": ("answered", {"oneOf": [ref("Card"), ref("Bank")]}, {"oneOf": [*map(ref, UNION)]}, ": alternative `Cash` is new"),
    "an alternative goes": ("sent", {"oneOf": [*map(ref, UNION)]}, {"oneOf": [ref("Card"), ref("Bank")]}, ": alternative `Cash` was removed"),
    "a plain alternative comes": ("answered", {"oneOf": [ref("Cat"), NULL]}, {"oneOf": [ref("Cat"), ref("Dog"), NULL]}, ": alternative `Dog` is new"),
    "a field becomes required": ("sent", S, (S, ["field"]), "is now required"),
    "a required field comes": ("sent", None, (S, ["field"]), "is new and required"),
    "a field is no longer required": ("answered", (S, ["field"]), S, "is no longer required: it may be absent"),
    "a required field goes": ("answered", (S, ["field"]), None, "was removed"),
    "a limit comes": ("sent", S, {**S, "maxLength": 3}, "must now be at most 3 characters long"),
    "a limit tightens": ("sent", {**S, "maxLength": 9}, {**S, "maxLength": 3}, "must now be at most 3 characters long (it was 9)"),
    "a limit loosens": ("answered", {**I, "maximum": 3}, {**I, "maximum": 9}, "is no longer guaranteed to be at most 3 (it is 9)"),
    "an object closes": ("sent", obj(a=S), {**obj(a=S), "additionalProperties": False}, "may no longer have fields that are not declared"),
}  # fmt: skip


@pytest.mark.parametrize("inline", [False, True], ids=["named", "inline"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_is_one_finding_that_names_it(kind, inline):
    way, old, new, words = KINDS[kind]
    [finding], findings = told(old, new, way == "sent", inline, {**UNION, **PETS})
    where = ("request body: []" if way == "sent" else "200 response: []") if inline else "Order"
    assert line(finding) == f"{where}.field{'' if words[0] == ':' else ' '}{words}"
    assert finding.operations == [f"POST {name}" for name in NAMES]
    assert "and 2 more" in places(finding)
    assert len(findings) <= OPERATIONS
    assert line(finding) in as_json([finding])


def test_edits_are_counted(tell):
    tell(f"edits: {len(KINDS)} kinds, named and inline, each one finding for {OPERATIONS} operations")


def test_nullable_of_3_0_is_told_as_null():
    [finding], _ = told(S, {**S, "nullable": True}, False, False, version="3.0.3")
    assert line(finding) == "Order.field may now be null"


def test_an_edit_of_a_schema_that_several_fields_use_is_one_finding():
    old, new = ({"Money": {**obj(currency={"enum": [*values]}), "required": ["currency"]}} for values in ("A", "AB"))
    schema = obj(price=ref("Money"), tax=ref("Money"))
    one, two = (tells(schema, components={"schemas": schemas}) for schemas in (old, new))
    [finding] = [one for one in joined(compare(one, two)) if one.stops]
    assert line(finding) == "Money.currency: value `B` is new"


def test_edits_of_two_schemas_are_two_findings():
    old, new = ({name: obj(a={**S, "maxLength": most}) for name in ("One", "Two")} for most in (9, 3))
    schema = obj(one=ref("One"), two=ref("Two"))
    findings = compare(*(asks(schema, components={"schemas": schemas}) for schemas in (old, new)))
    assert sorted(line(one) for one in joined(findings) if one.stops) == [
        f"{name}.a must now be at most 3 characters long (it was 9)" for name in ("One", "Two")
    ]


def test_operations_that_are_removed_are_findings_of_their_own():
    old = made(S, [], {}, True, True, "3.1.0")
    new = copy.deepcopy(old.data)
    del new["paths"]["/a"], new["paths"]["/b"]
    findings = [one for one in joined(compare(old, Document(new, Path("b.json")))) if one.stops]
    assert [line(one) for one in findings] == ["POST /a: was removed", "POST /b: was removed"]
