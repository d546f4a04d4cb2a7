"""Shapes of documents that no mutation makes: whether a change of them stops, and whom it hurts."""

import copy

import pytest

from contract.compare import compare
from contract.consumers.harm import effect, matters
from contract.consumers.usage import Usage
from contract.tests.building import I, S, asks, document, obj, tells

JSON = "application/json"
NULL = {"type": "null"}


def needs(*names, **properties):
    return {**obj(**properties), "required": list(names)}


def beside(values, **properties):
    return {**obj(id=S, **properties), "additionalProperties": values}


def chain(leaf):
    """An object of three parts, each in the next one."""
    return {"allOf": [{"allOf": [leaf, obj(b=S)]}, obj(a=S)]}


def pets(*alternatives):
    return obj(x=S, pet={"oneOf": list(alternatives), "discriminator": {"propertyName": "kind"}})


CAT, DOG = (needs("kind", "name", kind={"const": kind}, name=S, **{part: I}) for kind, part in (("cat", "paw"), ("dog", "bark")))  # fmt: skip
EEL = needs("kind", kind={"const": "eel"})
PAWLESS = {**CAT, "properties": {**CAT["properties"], "paw": S}}
A, AB, P = needs("a", a=S, b=S), obj(a=S, b=S), needs("p", p=S, q=S)
MANY = [f"v{number}" for number in range(2000)]
# Each answer before and after; what is read so that it breaks, and so that it does not.
ANSWERS = {
    "const: another text": (needs("a", a={"const": "x"}), needs("a", a={"const": "y"}), [], ["a"]),
    "const: another type": (needs("a", a={"const": "x"}), needs("a", a={"const": 5}), ["a"], ["b"]),
    "const: a type more": (needs("a", a={"const": "x"}), needs("a", a={"enum": ["x", 5]}), ["a"], ["b"]),
    "enum: a text and a type more": (obj(a={"enum": ["x"]}), obj(a={"enum": ["x", "y", 5]}), ["a"], ["b"]),
    "enum: null": (obj(a={"enum": ["x"]}), obj(a={"enum": ["x", None]}), ["a"], ["b"]),
    "enum: any value": (obj(a={"enum": ["x"]}), obj(a={}), ["a"], ["b"]),
    "enum: any text": (obj(a={"enum": ["x"]}), obj(a=S), [], ["a"]),
    "enum: a long one grows": (obj(a={"enum": MANY[1:]}), obj(a={"enum": MANY}), [], ["a"]),
    "allOf: a type": (chain(obj(c=S, d=S)), chain(obj(c=I, d=S)), ["c"], ["a", "b", "d"]),
    "allOf: no longer required": (chain(needs("c", c=S)), chain(obj(c=S)), ["c"], ["a", "b"]),
    "oneOf: one more": (pets(CAT, DOG), pets(CAT, DOG, EEL), ["pet.name"], ["x"]),
    "oneOf: within one": (pets(CAT, DOG), pets(PAWLESS, DOG), ["pet.paw"], ["pet.name", "pet.bark", "x"]),
    "anyOf: may be null": (obj(a=A, x=S), obj(a={"anyOf": [A, NULL]}, x=S), ["a.a", "a.b"], ["x"]),
    "a map: its values": (obj(m=beside(S), x=S), obj(m=beside(I), x=S), ["m", "m.y", "m.*"], ["m.id", "x"]),
    "a map: within its values": (beside(P), beside(obj(p=S, q=S)), ["y.p", "*.p"], ["id", "y.q"]),
    "a map of maps": (beside(beside(S)), beside(beside(I)), ["y.z", "y.*"], ["id", "y.id"]),
    "patternProperties": ({**obj(id=S), "patternProperties": {"^x": S}}, {**obj(id=S), "patternProperties": {"^x": I}}, ["xy"], ["id"]),
    "unevaluatedProperties": ({"allOf": [AB], "unevaluatedProperties": S}, {"allOf": [AB], "unevaluatedProperties": I}, ["y"], ["a", "b"]),
    "prefixItems": ({"type": "array", "prefixItems": [P], "minItems": 1}, {"type": "array", "prefixItems": [obj(p=S, q=S)], "minItems": 1}, ["[].p"], ["[].q"]),
    "dependentRequired": ({**obj(a=S, b=S, c=S), "dependentRequired": {"a": ["b"]}}, obj(a=S, b=S, c=S), ["b"], ["a", "c"]),
    "a list of lists": ({"type": "array", "items": {"type": "array", "items": P}}, {"type": "array", "items": {"type": "array", "items": obj(p=S, q=S)}}, ["[][].p"], ["[][].q"]),
    "format: a day is a moment": (obj(a={**S, "format": "date"}), obj(a={**S, "format": "date-time"}), ["a"], ["b"]),
    "a text": (S, I, ["."], []),
}  # fmt: skip
# Each body before and after; what is sent so that it breaks, and so that it does not.
BODIES = {
    "$ref siblings": (obj(a=S, b=S), obj(a={"allOf": [S], "maxLength": 5}, b=S), [["a"], ["a", "b"]], [["b"]]),
    "allOf: required": (chain(obj(c=S)), chain(needs("c", c=S)), [["a"], ["a", "c?"]], [["a", "c"], ["c"]]),
    "oneOf: required in one": (pets(CAT, DOG), pets({**CAT, "required": ["kind", "name", "paw"]}, DOG), [["pet.kind", "pet.name"]], [["pet.paw", "pet.kind"], ["x"]]),
    "not": (AB, obj(a={**S, "not": {"const": "x"}}, b=S), [["a"]], [["b"]]),
    "propertyNames": (obj(m=beside(S), x=S), obj(m={**beside(S), "propertyNames": {"maxLength": 3}}, x=S), [["m"], ["m.y"]], [["x"]]),
    "a map: its values": (beside(S), beside(I), [["y"]], [["id"]]),
    "closed": (AB, {**obj(a=S), "additionalProperties": False}, [["b"]], [["a"]]),
    "enum: a long one shrinks": (obj(a={"enum": MANY}), obj(a={"enum": MANY[1:]}), [["a"]], [["b"]]),
}  # fmt: skip


def harms(old, new, use):
    """What a change does to a consumer of the one operation."""
    usage = Usage("web", "1.3", "1.0.0", {"POST /things": use}, tuple(use.get("refusals", ())))
    return [harm for one in compare(old, new) if matters(one) for harm in effect(one, usage).harms]


def test_each_shape_of_an_answer_hurts_those_who_read_what_changed(tell):
    wrong, count = [], 0
    for name, (old, new, hurt, harmless) in ANSWERS.items():
        assert any(one.stops for one in compare(tells(old), tells(new))), name
        for path in [*hurt, *harmless]:
            count += 1
            if bool(harms(tells(old), tells(new), {"reads": {"200": [path]}})) != (path in hurt):
                wrong.append((name, path))
    tell(f"shapes of answers: {len(ANSWERS)} changes, {count} readers, {len(wrong)} judged wrong")
    assert wrong == []


def test_each_shape_of_a_body_hurts_those_who_send_what_changed(tell):
    wrong, count = [], 0
    for name, (old, new, hurt, harmless) in BODIES.items():
        assert any(one.stops for one in compare(asks(old), asks(new))), name
        for paths in [*hurt, *harmless]:
            count += 1
            if bool(harms(asks(old), asks(new), {"body": paths})) != (paths in hurt):
                wrong.append((name, paths))
    tell(f"shapes of bodies: {len(BODIES)} changes, {count} writers, {len(wrong)} judged wrong")
    assert wrong == []


def answer(status, schema, media_type=JSON):
    return {"responses": {status: {"description": "Done.", "content": {media_type: {"schema": schema}}}}}


def header(media_type):
    made = answer("200", S)
    made["responses"]["200"]["headers"] = {"X-Filter": {"required": True, "content": {media_type: {"schema": S}}}}
    return made


def query(**more):
    return {"parameters": [{"name": "q", "in": "query", **more}]}


def body(media_type):
    return {"requestBody": {"content": {media_type: {"schema": {}}}}}


def as_text(media_type):
    return query(content={media_type: {"schema": S}})


# Each operation before and after; usages that break, and usages that do not.
OPERATIONS = {
    "default for a success": (answer("default", A), answer("default", AB), [{"reads": {"200": ["a"]}}, {"refusals": ["a"]}], [{"reads": {"200": ["b"]}}]),
    "a range to a status": (answer("2XX", A), answer("200", AB), [{"reads": {"2XX": ["a"]}}, {"reads": {"200": ["a"]}}], [{"reads": {"200": ["b"]}}]),
    "refusals of a range": (answer("4XX", A), answer("404", AB), [{"refusals": ["a"]}], [{"refusals": ["b"]}]),
    "a text of another media type": (answer("200", S, "text/csv"), answer("200", S, "text/plain"), [{"reads": {"200": ["."]}}, {}], []),
    "XML no more": (answer("200", A, "application/xml"), answer("200", A), [{"reads": {"200": ["a"]}}], [{}]),
    "a file of another media type": (body("image/png"), body("image/gif"), [{"body": ["."]}, {}], []),
    "a parameter as JSON": (query(schema=S), as_text(JSON), [{"query": ["q?"]}], [{"query": ["x"]}]),
    "a parameter as another media type": (as_text(JSON), as_text("text/plain"), [{"query": ["q?"]}], [{"query": ["x"]}]),
    "a header as another media type": (header(JSON), header("text/plain"), [{}], []),
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_shape_of_an_operation_hurts_those_who_use_what_changed(name):
    old, new, hurt, harmless = (copy.deepcopy(one) for one in OPERATIONS[name])
    old, new = document(old), document(new)
    assert any(one.stops for one in compare(old, new))
    assert [bool(harms(old, new, use)) for use in [*hurt, *harmless]] == [True] * len(hurt) + [False] * len(harmless)


@pytest.mark.parametrize("special", ["application/json; charset=utf-8", "application/vnd.shop+json"])
def test_a_parameter_in_a_media_type_that_is_written_alike_is_compatible(special):
    for old, new in ((JSON, special), (special, JSON)):
        assert not any(one.stops for one in compare(document(as_text(old)), document(as_text(new))))
