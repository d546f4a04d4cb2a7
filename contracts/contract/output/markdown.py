"""Findings as a comment of a pull request."""

from __future__ import annotations

from contract.findings.finding import Finding
from contract.findings.sentences import effect_sentences
from contract.output.words import HEADINGS, line, places, proof, shown, summary


def markdown(findings: list[Finding]) -> str:
    """A comment for a pull request."""
    lines = [f"### Contract: {summary(findings)}", ""]
    for verdict, heading in HEADINGS.items():
        chosen = [finding for finding in findings if finding.verdict is verdict]
        if chosen:
            first, more = shown(verdict, chosen)
            lines += [f"**{heading}**", ""]
            lines += [one for finding in first for one in _lines(finding)]
            lines += [*(f"- {one}" for one in more), ""]
    return "\n".join(lines).rstrip()


def _lines(finding: Finding) -> list[str]:
    lines = [f"- **{line(finding)}**"]
    if beneath := places(finding):
        lines.append(f"  - {beneath}")
    if shows := proof(finding):
        lines.append(f"  - `{shows.replace('`', chr(39))}`")
    if finding.waiver:
        lines.append(f"  - waived: {finding.waiver}")
    elif finding.stops:
        lines.append(f"  - name for a waiver: `{finding.name}`")
    if finding.releases:
        lines.append(f"  - breaks {', '.join(finding.releases)}")
    lines += [f"  - {one}" for effect in finding.effects for one in effect_sentences(effect)]
    return lines
