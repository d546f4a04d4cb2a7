"""A difference between two documents is named by its place, and shows what differs."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from app import contract
from tests.documents import SHOWN, differences

SOME = 8  # without --long, each eighth of the contract's values


def operation(**schema: Any) -> dict[str, Any]:
    parameters = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", **schema}},
        {"name": "limit", "in": "header", "schema": {"type": "string"}},
    ]
    return {"parameters": parameters, "required": ["a", "b"]}


@pytest.mark.parametrize(("change", "line"), [
    (lambda d: d["parameters"][0]["schema"].update(maximum=50),
     "#/parameters/limit (query)/schema/maximum: pinned 100, served 50"),
    (lambda d: d["parameters"][0]["schema"].pop("maximum"),
     "#/parameters/limit (query)/schema/maximum: only pinned: 100"),
    (lambda d: d["parameters"].pop(1),
     '#/parameters/limit (header): only pinned: {"name": "limit", "in": "header", "schema": '
     '{"type": "string"}}'),
    (lambda d: d["parameters"].reverse(), "#/parameters: in another order: pinned "),
    (lambda d: d["required"].append("c"), '#/required/"c": only served: "c"'),
    (lambda d: d.update(required=["b", "a"]),
     '#/required: in another order: pinned ["a", "b"], served ["b", "a"]'),
    (lambda d: d.update(deprecated=None), "#/deprecated: only served: null"),
    (lambda d: d["parameters"][0]["schema"].update(maximum=100.0),
     "#/parameters/limit (query)/schema/maximum: pinned 100, served 100.0"),
])  # fmt: skip
def test_it_is_named_by_parameter_field_and_value(change, line):
    pinned, served = operation(maximum=100), operation(maximum=100)
    change(served)

    [found] = differences(served, pinned)

    assert found.startswith(line)


def test_of_long_texts_the_end_that_differs_is_shown():
    same = "word " * 200

    [line] = differences({"d": same + "one"}, {"d": same + "another"})

    assert 'another"' in line
    assert 'one"' in line
    assert len(line) < 3 * SHOWN


def leaves(node: Any, *place: Any) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, *place, key)
    else:
        yield place


def test_every_value_of_the_contract_is_told_from_another(long, record_property):
    pinned = contract.pinned()
    served, places = copy.deepcopy(pinned), list(leaves(pinned))[:: 1 if long else SOME]
    for *place, last in places:
        node = served
        for key in place:
            node = node[key]
        before, node[last] = node[last], "another"

        lines = differences(served, pinned)
        node[last] = before

        assert lines, place
        for line in lines:
            pair = line.partition(": pinned ")[2].split(", served ")
            assert len(pair) != 2 or pair[0] != pair[1], line
        assert any("another" in line for line in lines), json.dumps(lines)
    record_property("values of the contract, each told from another", len(places))
