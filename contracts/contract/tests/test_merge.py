"""The merge of two drafts: both sides' edits are in it, or the place of a conflict is named."""

import copy
import json
import random
from typing import Any

import pytest

from contract.release.merge import three_way
from contract.tests.building import shop

MISSING = "missing"
NAMES = ["weight", "barcode", "colour", "sku", "a/b", "~x"]
VALUES: list[Any] = [0, 1, True, None, "text", {}, [], {"type": "integer"}, ["a", "b"], [1, 1]]


def base():
    """A document with every kind of member: objects, names, named objects, other lists, texts."""
    made = shop()
    made["components"]["schemas"]["Depot"] = {"type": "object", "properties": {}, "required": ["name", "sku"]}
    made["paths"]["/v1/products"]["get"]["parameters"] = [
        {"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 9}},
        {"name": "q", "in": "header", "schema": {"enum": ["a", "b", "c"]}},
        {"$ref": "#/components/parameters/Limit"},
    ]
    return made


def edit(data: Any, chance: random.Random) -> None:
    """Change, add or delete one member at a random place."""
    node = data
    while True:
        below = list(node.values()) if isinstance(node, dict) else list(node)
        deeper = [one for one in below if isinstance(one, (dict, list)) and one]
        if not deeper or chance.random() < 0.3:
            break
        node = chance.choice(deeper)
    if isinstance(node, dict):
        edit_object(node, chance)
    else:
        edit_list(node, chance)


def edit_object(node: dict[str, Any], chance: random.Random) -> None:
    name = chance.choice([*node, *NAMES])
    if name in node and chance.random() < 0.4:
        del node[name]
    else:
        node[name] = copy.deepcopy(chance.choice(VALUES))


def edit_list(node: list[Any], chance: random.Random) -> None:
    if chance.random() < 0.3:
        node.pop(chance.randrange(len(node)))
    elif isinstance(node[0], str):
        node.append(chance.choice(NAMES))
    elif isinstance(node[0], dict) and {"name", "$ref"} & node[0].keys():
        node.append({"name": chance.choice(NAMES), "in": "query", "x": chance.choice([1, 2])})
    else:
        node.append({"bearer": [chance.choice(NAMES)]})


def leaves(node: Any, place: str = "") -> dict[str, str]:
    """Each value by its place; what has a name in a list has its place by that name."""
    if isinstance(node, dict):
        found = {place: "{}"}
        for key, value in node.items():
            found |= leaves(value, f"{place}/{key}")
        return found
    keys = [name_of(one) for one in node] if isinstance(node, list) else [None]
    if None not in keys and len(set(keys)) == len(keys):
        found = {place: "[named]"}
        for key, value in zip(keys, node, strict=True):
            found |= leaves(value, f"{place}/{key}")
        return found
    return {place: json.dumps(node, sort_keys=True)}


def name_of(item: Any) -> str | None:
    """`$ref`, or `in` and `name` of a parameter, or the `name` of a tag; a text is its own name."""
    if not isinstance(item, dict):
        return item if isinstance(item, str) else None
    parts = [item[key] for key in ("$ref", "in", "name") if key in item]
    named = {"$ref", "name"} & item.keys() and all(isinstance(one, str) for one in parts)
    return " ".join(parts) if named else None


def at(document: Any, place: str) -> str:
    return json.dumps({k: v for k, v in leaves(document).items() if f"{k}/".startswith(f"{place}/")})


def check(before: Any, mine: Any, theirs: Any) -> bool:
    """Whether the merge has a conflict; fails if anything is lost or a conflict is none."""
    merged, conflicts = three_way(before, mine, theirs)
    other, others = three_way(before, theirs, mine)
    assert sorted(conflicts) == sorted(others), "the order matters"
    old, here, there = leaves(before), leaves(mine), leaves(theirs)
    wanted, both = {}, []
    for place in {*old, *here, *there}:
        b, m, t = (one.get(place, MISSING) for one in (old, here, there))
        wanted[place] = t if m in (t, b) else m
        if m not in (t, b) and t != b:
            both.append(place)
    if not conflicts:
        assert not both, "a conflict was not named"
        expected = {place: value for place, value in wanted.items() if value != MISSING}
        assert leaves(merged) == leaves(other) == expected, "a change was lost"
    for place in both:
        assert any(f"{place}/".startswith(f"{one.rstrip('/')}/") for one in conflicts), place
    for place in conflicts:
        sides = {at(one, place.rstrip("/")) for one in (before, mine, theirs)}
        assert len(sides) == 3, f"{place} is no conflict"
    return bool(conflicts)


def test_two_random_sets_of_edits_are_both_there_or_their_conflict_is_named(long, tell):
    chance = random.Random(1)
    count, conflicts = 10_000 if long else 100, 0
    for _ in range(count):
        before = base()
        mine, theirs = copy.deepcopy(before), copy.deepcopy(before)
        for side in (mine, theirs):
            for _ in range(chance.randint(1, 4)):
                edit(side, chance)
        conflicts += check(before, mine, theirs)

    assert 0.03 * count < conflicts < 0.6 * count
    tell(f"merges: {count} pairs of random sets of edits, {conflicts} with a conflict that is named")


@pytest.mark.parametrize("value", VALUES)
def test_what_both_changed_alike_is_no_conflict(value: Any):
    before = base()
    mine, theirs = copy.deepcopy(before), copy.deepcopy(before)
    for side in (mine, theirs):
        side["info"]["x-new"] = copy.deepcopy(value)

    assert three_way(before, mine, theirs) == (mine, [])
