"""Whether no value of a writer's shape can be one of a reader's schema."""

from __future__ import annotations

from typing import Any

from contract.openapi.values import among
from contract.schema.kinds import atoms
from contract.schema.names import sends
from contract.schema.prover import Prover
from contract.schema.shape import Nodes, Shape, TooManyBranchesError, shapes
from contract.schema.view import json_type

_DEPTH = 4


def disjoint(prover: Prover, shape: Shape, node: Any, depth: int = 0) -> bool:
    """True when it is certain; False also when it is not known."""
    try:
        others = shapes(prover.reader, (node,))
    except TooManyBranchesError:
        return False
    return all(_apart(prover, shape, other, depth) for other in others)


def _apart(prover: Prover, shape: Shape, other: Shape, depth: int) -> bool:
    if not shape.types & other.types:
        return True
    if other.enums:
        return not any(_within(shape, value) for value in other.enums[0])
    if shape.enums and any(_excluded(other, value) for value in shape.enums[0]):
        return all(_excluded(other, value) for value in shape.enums[0])
    if _numbers_apart(shape, other) or _sizes_apart(shape, other):
        return True
    only_objects = shape.types <= {"object"} or other.types <= {"object"}
    return only_objects and depth < _DEPTH and _fields_apart(prover, shape, other, depth)


def _within(shape: Shape, value: Any) -> bool:
    """Whether a value might be in a shape; only lists of values are looked at."""
    if not atoms(json_type(value)) & shape.types:
        return False
    return all(among(value, values) for values in shape.enums)


def _excluded(other: Shape, value: Any) -> bool:
    return not atoms(json_type(value)) & other.types


def _numbers_apart(shape: Shape, other: Shape) -> bool:
    if not shape.types <= {"integer", "fraction"}:
        return False
    return _above(shape, other) or _above(other, shape)


def _above(one: Shape, other: Shape) -> bool:
    if one.low is None or other.high is None:
        return False
    return one.low[0] > other.high[0] or (one.low[0] == other.high[0] and (one.low[1] or other.high[1]))


def _sizes_apart(shape: Shape, other: Shape) -> bool:
    for kind, noun in (("string", "Length"), ("array", "Items"), ("object", "Properties")):
        if shape.types <= {kind}:
            for one, two in ((shape, other), (other, shape)):
                if one.sizes.get(f"min{noun}", 0) > two.sizes.get(f"max{noun}", float("inf")):
                    return True
    return False


def _fields_apart(prover: Prover, shape: Shape, other: Shape, depth: int) -> bool:
    if shape.properties and any(sends(prover.writer, shape, name) is None for name in other.required):
        return True
    for name in shape.required:
        theirs = other.member(name)
        ours = sends(prover.writer, shape, name)
        if theirs and ours and _members_apart(prover, ours, theirs, depth):
            return True
    return False


def _members_apart(prover: Prover, ours: Nodes, theirs: Nodes, depth: int) -> bool:
    try:
        branches = shapes(prover.writer, ours)
    except TooManyBranchesError:
        return False
    return all(any(disjoint(prover, branch, node, depth + 1) for node in theirs) for branch in branches)
