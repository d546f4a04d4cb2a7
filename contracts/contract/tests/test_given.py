"""Demands on some objects only: who sends or reads nothing of them is not told to break.

Each kind of demand, each way to use the object, at the top and within, in requests and in answers. What breaks a sender
is told by a validator: it gets each body that the sender may send.
"""

from itertools import combinations, product

import pytest
from jsonschema import Draft202012Validator

from contract.compare import compare
from contract.consumers.harm import effect, matters
from contract.consumers.usage import Usage
from contract.tests.building import S, asks, obj, tells

NAMES = ("kind", "legacy", "number", "title")
THING = obj(**dict.fromkeys(NAMES, S))
CARD = {"properties": {"kind": {"const": "card"}}}
SHORT = {"properties": {"number": {"maxLength": 2}}}
VALUES = ("card", "x")
# What is demanded, and the fields that decide it.
DEMANDS = {
    "dependentRequired": ({"dependentRequired": {"kind": ["number"]}}, "number"),
    "two dependentRequired": ({"dependentRequired": {"kind": ["number"], "legacy": ["number"]}}, "number"),
    "dependentSchemas": ({"dependentSchemas": {"kind": {"required": ["number"]}}}, "number"),
    "two dependentSchemas": (
        {"dependentSchemas": {"kind": {"required": ["number"]}, "legacy": {"required": ["number"]}}}, "number"),
    "dependentSchemas, and required": (
        {"dependentSchemas": {"kind": {"required": ["number"]}}, "required": ["number"]}, "number"),
    "dependentSchemas with values": ({"dependentSchemas": {"kind": SHORT}}, ""),
    "if then": ({"if": {"required": ["kind"]}, "then": {"required": ["number"]}}, "kind number"),
    "if a value then": ({"if": {**CARD, "required": ["kind"]}, "then": {"required": ["number"]}}, "kind number"),
    "if a value or none then": ({"if": CARD, "then": {"required": ["number"]}}, "kind number"),
    "if then values": ({"if": {"required": ["kind"]}, "then": SHORT}, "kind number"),
    "if either then": (
        {"if": {"anyOf": [{"required": ["kind"]}, {"required": ["legacy"]}]}, "then": {"required": ["number"]}},
        "kind legacy number"),
    "if then else": (
        {"if": {"required": ["kind"]}, "then": {"required": ["number"]}, "else": {"required": ["legacy"]}}, ""),
    "not": ({"not": {"required": ["legacy"]}}, "legacy"),
    "not both": ({"not": {"required": ["legacy", "kind"]}}, "legacy kind"),
    "not either": ({"not": {"anyOf": [{"required": ["legacy"]}, {"required": ["kind"]}]}}, "legacy kind"),
    "not parts": ({"not": {"allOf": [{"required": ["legacy"]}, {"required": ["kind"]}]}}, "legacy kind"),
    "not a value": ({"not": {**CARD, "required": ["kind"]}}, "kind"),
    "not a value or none": ({"not": CARD}, "kind"),
    "not of any name": ({"not": {"minProperties": 3}}, ""),
}  # fmt: skip
# A field is sent always, at times, or never.
USES = [
    [f"{name}{mark}" for name, mark in zip(NAMES, marks, strict=True) if mark is not None]
    for marks in product(("", "?", None), repeat=len(NAMES))
]
PLACES = {"top": ("", lambda schema: schema), "within": ("in.", lambda schema: obj(**{"in": schema}))}
# What these ask of those whom they are about is not looked into: who meets it is told, too.
ROUGH = frozenset(
    {name for name in DEMANDS if name.startswith("if")} | {"dependentSchemas with values", "not of any name"}
)


def judged(make, old, new, use):
    documents = [make(old), make(new)]
    for document in documents:
        document.data["paths"]["/things"]["post"]["operationId"] = "make"
    usage = Usage("web", "1.3", "1.0.0", {"make": use})
    return any(effect(finding, usage).harms for finding in compare(*documents) if matters(finding))


def bodies(use):
    always = [name for name in use if not name.endswith("?")]
    rest = [name[:-1] for name in use if name.endswith("?")]
    for chosen in (part for count in range(len(rest) + 1) for part in combinations(rest, count)):
        names = [*always, *chosen]
        yield from (dict(zip(names, values, strict=True)) for values in product(VALUES, repeat=len(names)))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("demand", DEMANDS)
def test_who_sends_what_is_refused_is_told(demand, place, long, tell):
    before, around = PLACES[place]
    validator = Draft202012Validator({**THING, **DEMANDS[demand][0]})
    missed, alarms, used = [], [], [use for use in USES if use][:: 1 if long else 5]
    for use in used:
        fails = any(not validator.is_valid(body) for body in bodies(use))
        sent = {"body": [f"{before}{name}" for name in use]}
        told = judged(asks, around(THING), around({**THING, **DEMANDS[demand][0]}), sent)
        if told is not fails:
            (missed if fails else alarms).append(use)
    assert missed == []
    assert demand in ROUGH or alarms == []
    about = set(DEMANDS[demand][1].split())
    assert not about or all(about & {name.removesuffix("?") for name in use} for use in alarms)
    tell(f"demands on some objects, {demand}, {place}: {len(used)} senders, {len(alarms)} told without need")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("demand", [name for name, (_, about) in DEMANDS.items() if about])
def test_who_reads_nothing_of_it_is_not_told(demand, place):
    (before, around), (schema, about) = PLACES[place], DEMANDS[demand]
    for name in NAMES:
        reads = {"reads": {"200": [f"{before}{name}"]}}
        assert judged(tells, around({**THING, **schema}), around(THING), reads) is (name in about.split())
