"""What every format says of a finding: headings, the verdict on all, the place, and the proof."""

from __future__ import annotations

from collections.abc import Iterable

from contract.findings.difference import ABSENT
from contract.findings.finding import Finding, Verdict
from contract.findings.sentences import edit_sentence
from contract.openapi.direction import Direction
from contract.openapi.place import Part, format_path

HEADINGS = {
    Verdict.WIRE: "Breaking: a deployed client fails",
    Verdict.UNPROVEN: "Unproven: could not be shown to be safe",
    Verdict.SOURCE: "Source: nothing deployed fails, but regenerated code needs edits",
    Verdict.COMPATIBLE: "Compatible",
    Verdict.WORDS: "Words: nothing else is sent or answered",
}
# How many differences of mere words a person is shown.
_WORDS = 40
# How many operations of one edit a person is shown.
_OPERATIONS = 4


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
    """The edit on one line: by its schema, by the part that several operations have, or by its operation."""
    if finding.schema and not finding.also:
        return edit_sentence(finding)
    where = finding.place.where if len(finding.operations) > 1 else place_of(finding)
    return f"{where}: {finding.text}" if where else finding.text


def place_of(finding: Finding) -> str:
    """The operation that is shown, and the part of it."""
    return " ".join(part for part in (operation(finding), finding.place.where) if part)


def places(finding: Finding) -> str:
    """The operations beneath an edit; empty where its line names the only one."""
    if len(finding.operations) < 2 and not (finding.schema and not finding.also):
        return ""
    if not finding.schema:
        return f"in {few([operation(finding), *finding.operations[1:]], _OPERATIONS)}"
    field = f": {format_path(finding.path)}" if finding.path else ""
    return f"in {few([f'{place_of(finding)}{field}', *finding.operations[1:]], _OPERATIONS)}"


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


def few(names: list[str], most: int = 3) -> str:
    """The first names, and the count of the others."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def shown(verdict: Verdict, findings: list[Finding]) -> tuple[list[Finding], list[str]]:
    """The findings of a verdict that a person is shown, and a line about the rest."""
    if verdict is not Verdict.WORDS or len(findings) <= _WORDS:
        return findings, []
    return findings[:_WORDS], [f"and {len(findings) - _WORDS} more, all in --format json"]
