"""Alternatives of a union that look alike.

Objects are open, so that a value of one alternative often fits another one too. A schema cannot tell them apart, but
programs do. So where a union changed, each alternative is compared with its counterpart: the one of the same name or
the same text, else a new one. If only another alternative accepts its values, the change is unproven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract.openapi.direction import Direction
from contract.openapi.document import DocumentError
from contract.schema.gap import Comparison, Edge
from contract.schema.prover import Prover
from contract.schema.shape import Alternative, Shape
from contract.schema.view import Side


@dataclass(frozen=True)
class Counterparts:
    """The writer's alternative, and those of the reader's that may stand for it."""

    own: Alternative
    choices: list[Any]

    def include(self, choice: Any) -> bool:
        """Whether this very alternative of the reader is one of them."""
        return any(choice is one for one in self.choices)


def counterparts(prover: Prover, shape: Shape, choices: list[Any]) -> Counterparts | None:
    """The writer's alternative, and those of the reader's that may stand for it; None where any may."""
    for own in shape.taken if "object" in shape.types else ():
        ours = [node for node in own.union if prover.writer.view(node) != {"type": "null"}]
        pairs = [(node, choice) for node in ours for choice in choices if _alike(prover, node, choice)]
        if len(ours) < 2 or not pairs:
            continue
        found = [choice for node, choice in pairs if node is own.node]
        if found:
            return Counterparts(own, found)
        known = [choice for _, choice in pairs]
        found = [one for one in choices if all(one is not other for other in known) and _fresh(prover, own.node, one)]
        return Counterparts(own, found) if found or not _harmless(prover, own) else None
    return None


def _alike(prover: Prover, node: Any, choice: Any) -> bool:
    name = name_of(prover.writer, node)
    return name == name_of(prover.reader, choice) and (bool(name) or prover.same.equal(node, choice))


def _fresh(prover: Prover, node: Any, choice: Any) -> bool:
    """Whether an alternative may be a renamed one: the two names are not both known to one document."""
    name = name_of(prover.reader, choice)
    if not name or not name_of(prover.writer, node):
        return True
    try:
        prover.writer.document.lookup(name)
    except DocumentError:
        return True
    return False


def _harmless(prover: Prover, own: Alternative) -> bool:
    """Whether it does not matter: clients accept a response that fits any alternative of an `anyOf`."""
    return prover.reader.direction is Direction.RESPONSE and not own.exclusive


def mistaken(
    prover: Prover, shape: Shape, trials: list[Comparison], own: Counterparts, comparison: Comparison
) -> Any:  # fmt: skip
    """Note that only a wrong alternative accepts a shape; returns that alternative."""
    other = next(trial for trial in trials if trial.holds())
    same = [trial for trial in trials if own.include(trial.reader)]
    if len(same) == 1:
        comparison.edges.append(Edge(("same", ""), shape, same[0]))
    else:
        mistake = {
            "alternatives": [_short(prover.reader, trial.reader) for trial in trials],
            "sent": _short(prover.writer, own.own.node),
            "taken_for": _short(prover.reader, other.reader),
        }
        comparison.gap("alternative", mistake, tuple)
    return other.reader


def name_of(side: Side, node: Any) -> str:
    """What a schema that is nothing but a reference refers to; empty for any other."""
    view = side.view(node)
    return str(view["$ref"]) if set(view) == {"$ref"} else ""


def _short(side: Side, node: Any) -> str:
    view = side.view(node)
    fields = ", ".join(view.get("properties", ()))
    return name_of(side, node).rpartition("/")[2] or (f"{{{fields}}}" if fields else str(view.get("type", "any value")))
