"""Findings for a person, for a machine, and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from contract.finding import Finding, Verdict

HEADINGS = {
    Verdict.WIRE: "Breaking: a deployed client fails",
    Verdict.UNPROVEN: "Unproven: could not be shown to be safe",
    Verdict.SOURCE: "Source: nothing deployed fails, but regenerated code needs edits",
    Verdict.COMPATIBLE: "Compatible",
    Verdict.WORDS: "Words: nothing else is sent or answered",
}


# Differences of mere words that a person is shown.
_WORDS = 40


def summary(findings: Iterable[Finding]) -> str:
    """The verdict in one word or two, and the counts."""
    counts = dict.fromkeys(Verdict, 0)
    waived = 0
    for finding in findings:
        waived += bool(finding.waiver)
        counts[finding.verdict] += not finding.waiver
    stops = counts[Verdict.WIRE] + counts[Verdict.UNPROVEN]
    word = "breaking" if stops else "compatible" if sum(counts.values()) + waived else "the same"
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    return word + (f" ({told}{f', {waived} waived' if waived else ''})" if told or waived else "")


def _operation(finding: Finding) -> str:
    return f"{finding.operation_id} ({finding.operation})" if finding.operation_id else finding.operation


def _sentence(finding: Finding) -> str:
    place = " ".join(part for part in (_operation(finding), finding.where) if part)
    return f"{place}: {finding.text}" if place else finding.text


def _proof(finding: Finding) -> str:
    if finding.witness is None:
        return ""
    if finding.witness.value is None:
        return finding.witness.text
    if "request" in finding.where or "parameter" in finding.where:
        return f"no longer accepted: {finding.witness.text}"
    return f"may now be answered: {finding.witness.text}"


def text(findings: list[Finding]) -> str:
    """What a terminal shows."""
    lines = []
    for verdict, heading in HEADINGS.items():
        chosen = [finding for finding in findings if finding.verdict is verdict]
        if chosen:
            shown, more = _shown(verdict, chosen)
            lines += [
                heading,
                *(line for finding in shown for line in _lines(finding)),
                *(f"  {one}" for one in more),
                "",
            ]
    return "\n".join([*lines, summary(findings)])


def _shown(verdict: Verdict, findings: list[Finding]) -> tuple[list[Finding], list[str]]:
    """What is shown to a person, and a line about the rest: hundreds of words hide what matters."""
    if verdict is not Verdict.WORDS or len(findings) <= _WORDS:
        return findings, []
    return findings[:_WORDS], [f"and {len(findings) - _WORDS} more, all in --format json"]


def _lines(finding: Finding) -> list[str]:
    lines = [f"  {_sentence(finding)}"]
    if proof := _proof(finding):
        lines.append(f"      {proof}")
    if finding.waiver:
        lines.append(f"      waived: {finding.waiver}")
    elif finding.stops:
        lines.append(f"      name: {finding.name}")
    if finding.releases:
        lines.append(f"      breaks {', '.join(finding.releases)}")
    if len(finding.operations) > 1:
        lines.append(f"      also in {_few(finding.operations[1:])}")
    return lines


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def as_json(findings: list[Finding]) -> str:
    """One object; `verdict` is what the exit code says."""
    return json.dumps(
        {
            "verdict": summary(findings).split(" (")[0],
            "findings": [
                {
                    "name": finding.name,
                    "verdict": finding.verdict.value,
                    "rule": finding.rule,
                    "operation": finding.operation,
                    "operation_id": finding.operation_id or None,
                    "operations": finding.operations,
                    "where": finding.where,
                    "field": finding.field,
                    "text": finding.text,
                    "witness": finding.witness and {"text": finding.witness.text, "value": finding.witness.value},
                    "waiver": finding.waiver or None,
                    "releases": finding.releases,
                }
                for finding in findings
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def markdown(findings: list[Finding]) -> str:
    """A comment for a pull request."""
    lines = [f"### Contract: {summary(findings)}", ""]
    for verdict, heading in HEADINGS.items():
        chosen = [finding for finding in findings if finding.verdict is verdict]
        if not chosen:
            continue
        lines += [f"**{heading}**", ""]
        shown, more = _shown(verdict, chosen)
        for finding in shown:
            lines.append(f"- **{_operation(finding)}** {finding.where}: {finding.text}".replace("****", "").rstrip())
            if proof := _proof(finding):
                lines.append(f"  - `{proof.replace('`', chr(39))}`")
            if finding.waiver:
                lines.append(f"  - waived: {finding.waiver}")
            elif finding.stops:
                lines.append(f"  - name for a waiver: `{finding.name}`")
            if finding.releases:
                lines.append(f"  - breaks {', '.join(finding.releases)}")
        lines += [*(f"- {one}" for one in more), ""]
    return "\n".join(lines).rstrip()


FORMATS: dict[str, Callable[[list[Finding]], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
}
