"""One node in both documents, and what is found about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from contract.compare.report import Report
from contract.findings.finding import Finding, Touch, Verdict, Witness
from contract.findings.sentences import request
from contract.openapi.direction import Direction
from contract.openapi.document import Operation
from contract.openapi.place import Part, Place
from contract.schema.gap import Comparison
from contract.schema.prover import Prover

T = TypeVar("T")
# Parts that are not sent by themselves, so that their differences have no direction.
_STILL = frozenset({Part.DOCUMENT, Part.OPERATION, Part.SERVERS, Part.SECURITY, Part.LINK, Part.CALLBACK})


@dataclass(frozen=True)
class Pair(Generic[T]):
    """The same node in the old and the new document."""

    old: T
    new: T


@dataclass(frozen=True)
class Change:
    """One node in both documents (None where one has none), its place, and which way it travels.

    Findings go into the report.
    """

    report: Report
    direction: Direction
    place: Place
    old: Any = None
    new: Any = None

    @property
    def prover(self) -> Prover:
        """How schemas compare in this direction."""
        return self.report.provers[self.direction]

    @property
    def is_request(self) -> bool:
        """Whether old clients write it and the new server reads it; else the new server writes and old clients read."""
        return self.direction is Direction.REQUEST

    @property
    def written(self) -> Any:
        """The writer's node."""
        return self.old if self.is_request else self.new

    @property
    def read(self) -> Any:
        """The reader's node."""
        return self.new if self.is_request else self.old

    def at(self, part: Part, name: str = "", location: str = "", status: str = "") -> Change:
        """The same nodes at another part of the operation."""
        return replace(self, place=self.place.at(part, name, location, status))

    def of(self, old: Any, new: Any) -> Change:
        """Other nodes at the same place."""
        return replace(self, old=old, new=new)

    def answering(self) -> Change:
        """The same nodes in the opposite direction."""
        back = Direction.RESPONSE if self.is_request else Direction.REQUEST
        return replace(self, direction=back)

    def compare(self) -> Comparison:
        """The two nodes as schemas."""
        return self.prover.compare((self.written,), self.read)

    def is_equal(self) -> bool:
        """Whether both nodes have the same text, and refer to the same text."""
        return self.report.same.equal(self.old, self.new)

    def add(self, verdict: Verdict, rule: str, **fields: Any) -> Finding:
        """Add a finding; `fields` are those of a difference."""
        place = self.place
        finding = Finding(
            verdict=verdict,
            rule=rule,
            place=place,
            direction=None if place.part in _STILL else self.direction,
            operations=[place.operation] if place.operation else [],
            **fields,
        )
        if place.operation:
            finding.touches.append(Touch(place, finding.path, finding.subject))
        self.report.findings.append(finding)
        return finding

    def add_break(self, rule: str, witness: Witness | None = None, **fields: Any) -> Finding:
        """Add a break that needs no schema to prove it. Without a witness it gets the one that its rule has."""
        finding = self.add(Verdict.WIRE, rule, **fields)
        finding.witness = witness or Witness(request(finding))
        return finding


def place_of(operation: Operation) -> Place:
    """Where an operation is."""
    return Place(operation.name, str(operation.data.get("operationId") or ""))
