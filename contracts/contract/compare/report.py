"""The findings so far, and how schemas compare in each direction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.findings.finding import Finding
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.openapi.place import Place
from contract.schema.gap import Comparison
from contract.schema.prover import Prover
from contract.schema.rules import RULES
from contract.schema.same import Sameness
from contract.schema.view import Side
from contract.schema.witness import Wire


@dataclass
class Report:
    """Both documents with their findings. A difference in a shared schema is one finding, by `told` and `tries`."""

    old: Document
    new: Document
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.same = Sameness(self.old, self.new)
        request, response = Direction.REQUEST, Direction.RESPONSE
        self.provers = {
            request: Prover(Side(self.old, request, False), Side(self.new, request, True), self.same, RULES),
            response: Prover(Side(self.new, response, False), Side(self.old, response, True), self.same, RULES),
        }
        # The finding of each gap, and of each added or removed field, by its comparison and key.
        self.told: dict[tuple[int, Any], Finding] = {}
        # Unproven gaps that a finding with the same sentence stands for.
        self.twins: dict[tuple[int, Any], Finding] = {}
        # Every place where two schemas were compared.
        self.roots: list[tuple[Place, Comparison, Wire]] = []
        self.tries: dict[int, int] = {}
        # The comparisons whose discriminators and announcements were compared.
        self.promises: set[int] = set()
