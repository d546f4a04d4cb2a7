"""What comes of comparing two schemas: gaps, and the way to them. Loops in schemas become loops here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from contract.schema.given import Given
from contract.schema.shape import Nodes, Shape

Step = tuple[str, Any]  # ("property", name), ("item", index), ("name", ""), ("same", "")


class TooMuch(StrEnum):
    """Why a schema was not compared to its end; stands in the place of what a keyword says."""

    DEPTH = "is nested too deep to be compared"
    ALTERNATIVES = "has too many alternatives to be compared"


@dataclass(eq=False)
class Gap:
    """Something that the reader demands and the writer does not keep to.

    `value` is what the reader's keyword says; `fields` are those that the demand is about, if it is about some.
    It holds for objects that have all fields of a set in `given`, or for all. `about`: the fields that decide it.
    """

    rule: str
    value: Any
    candidates: Callable[[], Iterable[Any]]
    fields: tuple[str, ...] = ()
    # A doubtful gap (alternatives that may overlap) is dropped if nothing proves it.
    doubtful: bool = False
    given: Given = ()
    about: frozenset[str] = frozenset()
    # A matter of policy: it counts even where no value can show it.
    policy: bool = False

    @cached_property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What makes two gaps of one comparison the same."""
        return self.rule, json.dumps(self.value, sort_keys=True, default=str), self.fields


def either(one: Given, other: Given) -> Given:
    """For which objects one of two demands holds."""
    return tuple(dict.fromkeys((*one, *other))) if one and other else ()


def both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The fields that decide two demands; empty when one of them is about the object as a whole."""
    return one | other if one and other else frozenset()


@dataclass(frozen=True, eq=False)
class Inner:
    """What both sides say of a value within another one."""

    writer: Nodes
    reader: Any


@dataclass(eq=False)
class Edge:
    """From a value to a value within it; `shape` is what the outer one is made from."""

    step: Step
    shape: Shape
    to: Comparison
    # An alternative that was chosen as the nearest one: its gaps count together.
    chosen: bool = False
    # What is within counts as a matter of policy.
    policy: bool = False


@dataclass(eq=False)
class Comparison:
    """A writer's schemas against a reader's schema."""

    writer: Nodes
    reader: Any
    gaps: list[Gap] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    shared: list[tuple[str, Any, Any]] = field(default_factory=list)
    done: bool = False
    verdict: bool | None = None
    # For which objects the demands hold that are being compared.
    given: Given = ()
    about: frozenset[str] = frozenset()

    def gap(self, rule: str, value: Any, candidates: Callable[[], Iterable[Any]], *fields: str) -> None:
        """Note a gap, once for each rule, value and field; a doubtful one of the same key does not stand for it."""
        gap = Gap(rule, value, candidates, fields, given=self.given, about=self.about)
        for known in self.gaps:
            if known.key == gap.key and not known.doubtful:
                known.given, known.about = either(known.given, gap.given), both(known.about, gap.about)
                return
        self.gaps.append(gap)

    @contextmanager
    def where(self, given: Given, about: frozenset[str] = frozenset()) -> Iterator[None]:
        """Note that what is compared meanwhile holds for some objects only."""
        before = self.given, self.about
        self.given, self.about = given or self.given, about or self.about
        yield
        self.given, self.about = before

    def reachable(self) -> Iterator[Comparison]:
        """This and everything that it rests on, each once."""
        seen = {id(self)}
        stack = [self]
        while stack:
            current = stack.pop()
            yield current
            for edge in current.edges:
                if id(edge.to) not in seen:
                    seen.add(id(edge.to))
                    stack.append(edge.to)

    def holds(self) -> bool:
        """Whether nothing that this rests on has a gap; what is still being compared counts as holding."""
        if self.verdict is None:
            certain = True
            for comparison in self.reachable():
                if comparison.verdict is False or any(not gap.doubtful for gap in comparison.gaps):
                    self.verdict = False
                    return False
                certain = certain and comparison.done
            if not certain:
                return True
            self.verdict = True
        return self.verdict
