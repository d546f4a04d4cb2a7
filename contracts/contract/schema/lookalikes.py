"""Alternatives of a union that are known by name, where one looks like another.

Objects are open, so that what is sent as one alternative often fits another one too. A schema cannot tell them apart,
but programs do: they were written for a Rabbit, not for whatever has no field that a Cat must not have. So each named
alternative is held against the one of the same name. That another one takes it is no proof, and no break either:
it stays unproven.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.document import DocumentError
from contract.schema.gap import Comparison, Edge
from contract.schema.shape import Alternative, Shape, name_of
from contract.schema.view import Direction

if TYPE_CHECKING:
    from contract.schema.prove import Prover


def known_as(prover: Prover, shape: Shape, choices: list[Any]) -> Alternative | None:
    """The alternative of the writer's union that this shape is, if the reader's union is the same one, changed."""
    names = {name_of(prover.reader, choice) for choice in choices} - {""}
    if "object" not in shape.types:
        return None
    own = next((one for one in shape.taken if one.beside & names), None)
    if own is None or own.name in names or own.exclusive or prover.reader.direction is Direction.REQUEST:
        return own
    # A client that reads an `anyOf` copes with whatever fits one of what it knows.
    return None


def stands_for(prover: Prover, own: Alternative, choice: Any) -> bool:
    """Whether a reader's alternative may be the same as the writer's: of its name, of none, or of a new one."""
    name = name_of(prover.reader, choice)
    return name in ("", own.name) or not _exists(prover, name)


def _exists(prover: Prover, name: str) -> bool:
    try:
        prover.writer.document.lookup(name)
    except DocumentError:
        return False
    return True


def mistaken(
    prover: Prover, shape: Shape, own: Alternative, trials: list[Comparison], comparison: Comparison
) -> Any:  # fmt: skip
    """Note that only an alternative of another name takes a shape; returns that one."""
    other = next(trial for trial in trials if trial.holds())
    same = next((trial for trial in trials if name_of(prover.reader, trial.reader) == own.name), None)
    if same is not None:
        comparison.edges.append(Edge(("same", ""), shape, same))
    else:
        known = ", ".join(_short(name_of(prover.reader, trial.reader)) or "another" for trial in trials)
        taken_for = _short(name_of(prover.reader, other.reader))
        comparison.gap("alternative", f"one of {known}: {_short(own.name)} would be taken for {taken_for}", tuple)
    return other.reader


def _short(name: str) -> str:
    return name.rpartition("/")[2]
