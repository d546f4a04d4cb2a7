"""Findings on a terminal."""

from __future__ import annotations

from contract.findings.finding import Finding, Verdict
from contract.findings.sentences import effect_sentences
from contract.output.words import HEADINGS, line, places, proof, shown, summary

_RESET = "\x1b[0m"
_COLOURS = {Verdict.WIRE: "\x1b[1;31m", Verdict.UNPROVEN: "\x1b[1;33m", Verdict.SOURCE: "\x1b[33m",
            Verdict.COMPATIBLE: "\x1b[32m", Verdict.WORDS: "\x1b[2m"}  # fmt: skip


def text(findings: list[Finding], colour: bool = False) -> str:
    """What a terminal shows."""
    lines = []
    for verdict, heading in HEADINGS.items():
        chosen = [finding for finding in findings if finding.verdict is verdict]
        if chosen:
            first, more = shown(verdict, chosen)
            lines += [
                f"{_COLOURS[verdict]}{heading}{_RESET}" if colour else heading,
                *(one for finding in first for one in _lines(finding)),
                *(f"  {one}" for one in more),
                "",
            ]
    return "\n".join([*lines, summary(findings)])


def _lines(finding: Finding) -> list[str]:
    lines = [f"  {line(finding)}"]
    if beneath := places(finding):
        lines.append(f"      {beneath}")
    if shows := proof(finding):
        lines.append(f"      {shows}")
    if finding.waiver:
        lines.append(f"      waived: {finding.waiver}")
    elif finding.stops:
        lines.append(f"      name: {finding.name}")
    if finding.releases:
        lines.append(f"      breaks {', '.join(finding.releases)}")
    lines += [f"      {one}" for effect in finding.effects for one in effect_sentences(effect)]
    return lines
