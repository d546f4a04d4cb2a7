"""What a comparison finds, in the words of HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as made_by
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How much a difference matters. `wire` and `unproven` stop a release; `source` is a warning.

    `words` changes nothing that is sent or answered: a description, an example, another way to write the same.
    """

    WIRE = "wire"
    UNPROVEN = "unproven"
    SOURCE = "source"
    COMPATIBLE = "compatible"
    WORDS = "words"


@dataclass(frozen=True)
class Witness:
    """A concrete request or response that proves a break, as a person reads it and as data."""

    text: str
    value: Any = None


@dataclass
class Finding:
    """One difference. `operations` are all that it touches, the one that is shown first."""

    verdict: Verdict
    rule: str
    text: str
    operation: str = ""
    where: str = ""
    field: str = ""
    witness: Witness | None = None
    operations: list[str] = made_by(default_factory=list)
    # The heading of the changelog under which it goes.
    kind: str = "Changed"
    waiver: str = ""
    operation_id: str = ""
    # The releases that it breaks, where a draft is held against several.
    releases: list[str] = made_by(default_factory=list)

    @property
    def name(self) -> str:
        """What a waiver names: stable as long as the difference is the same."""
        parts = (self.operation, self.where, self.field, self.rule)
        return "/".join(re.sub(r"[^\w.\[\]{}-]+", "-", part.strip("/")) for part in parts if part)

    @property
    def stops(self) -> bool:
        """Whether a release has to be a major one, or the difference waived."""
        return self.verdict in (Verdict.WIRE, Verdict.UNPROVEN) and not self.waiver
