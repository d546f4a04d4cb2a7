"""Which findings stop, and which are accepted. Without any setting this is the reading of docs/compatibility.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from contract.findings.edits import edits
from contract.findings.finding import Finding, Severity, Verdict
from contract.openapi.direction import Direction


class FailOn(StrEnum):
    """The mildest verdict that stops."""

    WIRE = "wire"
    UNPROVEN = "unproven"
    SOURCE = "source"


# By the direction, or in both.
BySide = Mapping[Direction | None, Severity]


@dataclass(frozen=True)
class Waiver:
    """Accepts findings: those of one `name`, or those of a `rule` at the operations that `operation` matches."""

    reason: str
    name: str = ""
    rule: str = ""
    operation: str = "*"
    # The last day on which it holds.
    expires: dt.date | None = None

    @property
    def title(self) -> str:
        """What it waives, for a person."""
        return self.name or f"{self.rule} at {self.operation}"

    def accepts(self, finding: Finding) -> bool:
        """Whether a finding is meant."""
        if self.name:
            return self.name in finding.names
        return self.rule == finding.rule and all(fnmatchcase(one, self.operation) for one in finding.operations or [""])


@dataclass(frozen=True)
class Policy:
    """What is done about findings. `baseline`: the names of those that were there when the repository began."""

    fail_on: FailOn = FailOn.UNPROVEN
    severities: Mapping[str, BySide] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    baseline: frozenset[str] = frozenset()

    def grade(self, findings: Sequence[Finding]) -> None:
        """Set the severity of each finding."""
        for finding in findings:
            by_side = self.severities.get(finding.rule, {})
            given = by_side.get(finding.direction, by_side.get(None))
            finding.graded = given or self._by_verdict(finding.verdict)

    def waive(self, findings: Sequence[Finding], today: dt.date) -> list[str]:
        """Apply the baseline and the waivers to what stops. Returns a sentence for each waiver that is of no use."""
        used: set[int] = set()
        for edit in edits([finding for finding in findings if finding.stops]):
            for finding in edit:
                asked = [waiver for waiver in self.waivers if waiver.accepts(finding) or waiver.accepts(edit[0])]
                used.update(map(id, asked))
                valid = next((waiver for waiver in asked if not waiver.expires or today <= waiver.expires), None)
                in_baseline = self.baseline & {*finding.names, *edit[0].names}
                finding.waiver = valid.reason if valid else "in the baseline" if in_baseline else ""
        return [_told(waiver, today, id(waiver) in used) for waiver in self.waivers if _is_told(waiver, today, used)]

    def _by_verdict(self, verdict: Verdict) -> Severity | None:
        if self.fail_on is FailOn.WIRE and verdict is Verdict.UNPROVEN:
            return Severity.WARNING
        if self.fail_on is FailOn.SOURCE and verdict is Verdict.SOURCE:
            return Severity.ERROR
        return None


def _is_told(waiver: Waiver, today: dt.date, used: set[int]) -> bool:
    return id(waiver) not in used or bool(waiver.expires and today > waiver.expires)


def _told(waiver: Waiver, today: dt.date, used: bool) -> str:
    if waiver.expires and today > waiver.expires:
        return f"the waiver of {waiver.title} expired on {waiver.expires}"
    return f"the waiver of {waiver.title} accepts nothing: there is no such finding"
