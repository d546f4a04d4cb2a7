"""Findings for a person, for a machine, and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from contract.findings.difference import ABSENT
from contract.findings.effect import Effect
from contract.findings.finding import Finding, Verdict
from contract.findings.sentences import effect_sentences
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


def _operation(finding: Finding) -> str:
    place = finding.place
    return f"{place.operation_id} ({place.operation})" if place.operation_id else place.operation


def _sentence(finding: Finding) -> str:
    place = " ".join(part for part in (_operation(finding), finding.place.where) if part)
    return f"{place}: {finding.text}" if place else finding.text


def _proof(finding: Finding) -> str:
    if finding.witness is None:
        return ""
    if finding.witness.value is ABSENT:
        return finding.witness.text
    if finding.direction is Direction.REQUEST:
        return f"no longer accepted: {finding.witness.text}"
    answered = finding.place.part in (Part.RESPONSE, Part.HEADER)
    return f"may now be {'answered' if answered else 'sent'}: {finding.witness.text}"


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
    """The findings that a person is shown, and a line about the rest."""
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
    lines += [f"      {line}" for effect in finding.effects for line in effect_sentences(effect)]
    if len(finding.operations) > 1:
        lines.append(f"      also in {_few(finding.operations[1:])}")
    return lines


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def as_json(findings: list[Finding]) -> str:
    """One JSON object. Its `verdict` agrees with the exit code."""
    return json.dumps(
        {
            "verdict": outcome(findings),
            "findings": list(map(_as_data, findings)),
        },
        indent=2,
        ensure_ascii=False,
        default=str,
    )


def _as_data(finding: Finding) -> dict[str, Any]:
    """The fields of a finding. `before` and `after` are left out where a document says nothing."""
    place, witness = finding.place, finding.witness
    values = {"before": finding.before, "after": finding.after}
    proof = witness and {"text": witness.text, "value": None if witness.value is ABSENT else witness.value}
    return {
        "name": finding.name,
        "verdict": finding.verdict.value,
        "rule": finding.rule,
        "direction": finding.direction and finding.direction.value,
        "operation": place.operation,
        "operation_id": place.operation_id or None,
        "operations": finding.operations,
        "touches": [
            {"operation_id": touch.operation_id, "where": touch.place.where, "field": touch.field}
            for touch in finding.touches
        ],
        "part": place.part.value,
        "where": place.where,
        "field": finding.field,
        "path": list(finding.path),
        **{name: value for name, value in values.items() if value is not ABSENT},
        "text": finding.text,
        "witness": proof,
        "waiver": finding.waiver or None,
        "releases": finding.releases,
        "consumers": list(map(_effect, finding.effects)),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    harms = [
        {"operation_id": harm.operation_id or None, "by": harm.by, "use": harm.use.value, "names": harm.names}
        for harm in effect.harms
    ]
    return {"consumer": effect.consumer, "version": effect.version, "breaks": harms, "text": effect_sentences(effect)}


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
            place = [f"**{_operation(finding)}**"] if finding.place.operation else []
            where = " ".join([*place, *filter(None, [finding.place.where])])
            lines.append(f"- {where}: {finding.text}" if where else f"- {finding.text}")
            if proof := _proof(finding):
                lines.append(f"  - `{proof.replace('`', chr(39))}`")
            if finding.waiver:
                lines.append(f"  - waived: {finding.waiver}")
            elif finding.stops:
                lines.append(f"  - name for a waiver: `{finding.name}`")
            if finding.releases:
                lines.append(f"  - breaks {', '.join(finding.releases)}")
            lines += [f"  - {line}" for effect in finding.effects for line in effect_sentences(effect)]
        lines += [*(f"- {one}" for one in more), ""]
    return "\n".join(lines).rstrip()


FORMATS: dict[str, Callable[[list[Finding]], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
}
