"""What every format says of a finding: headings, the verdict on all, the place, and the proof."""

from __future__ import annotations

from collections.abc import Iterable

from contract.findings.difference import ABSENT
from contract.findings.finding import Finding, Verdict
from contract.openapi.direction import Direction
from contract.openapi.place import Part

HEADINGS = {
    Verdict.WIRE: "Breaking: a deployed client fails",
    Verdict.UNPROVEN: "Unproven: could not be shown to be safe",
    Verdict.SOURCE: "Source: nothing deployed fails, but regenerated code needs edits",
    Verdict.COMPATIBLE: "Compatible",
    Verdict.WORDS: "Words: nothing else is sent or answered",
}
# How many differences of mere words a person is shown.
_WORDS = 40


def summary(findings: Iterable[Finding]) -> str:
    """The verdict in one word or two, and the counts."""
    held = list(findings)
    counts = dict.fromkeys(Verdict, 0)
    for finding in held:
        counts[finding.verdict] += not finding.waiver
    waived = sum(bool(finding.waiver) for finding in held)
    told = [f"{count} {verdict.value}" for verdict, count in counts.items() if count]
    told += [f"{waived} waived"] if waived else []
    return outcome(held) + (f" ({', '.join(told)})" if told else "")


def outcome(findings: list[Finding]) -> str:
    """The verdict on all of them: `breaking`, `compatible` or `the same`."""
    if any(finding.stops for finding in findings):
        return "breaking"
    return "compatible" if findings else "the same"


def operation(finding: Finding) -> str:
    """The operation that is shown; empty for the whole document."""
    place = finding.place
    return f"{place.operation_id} ({place.operation})" if place.operation_id else place.operation


def line(finding: Finding) -> str:
    """The place and the difference on one line."""
    place = " ".join(part for part in (operation(finding), finding.place.where) if part)
    return f"{place}: {finding.text}" if place else finding.text


def proof(finding: Finding) -> str:
    """What the witness shows; empty where there is none."""
    if finding.witness is None:
        return ""
    if finding.witness.value is ABSENT:
        return finding.witness.text
    if finding.direction is Direction.REQUEST:
        return f"no longer accepted: {finding.witness.text}"
    answered = finding.place.part in (Part.RESPONSE, Part.HEADER)
    return f"may now be {'answered' if answered else 'sent'}: {finding.witness.text}"


def few(names: list[str]) -> str:
    """The first names, and the count of the others."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def shown(verdict: Verdict, findings: list[Finding]) -> tuple[list[Finding], list[str]]:
    """The findings of a verdict that a person is shown, and a line about the rest."""
    if verdict is not Verdict.WORDS or len(findings) <= _WORDS:
        return findings, []
    return findings[:_WORDS], [f"and {len(findings) - _WORDS} more, all in --format json"]
