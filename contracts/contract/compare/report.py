"""The findings so far, and how schemas compare in each direction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.findings.finding import Finding
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.schema.prover import Prover
from contract.schema.rules import RULES
from contract.schema.same import Sameness
from contract.schema.view import Side


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
        self.tries: dict[int, int] = {}
