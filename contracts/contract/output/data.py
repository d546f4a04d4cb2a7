"""Findings as JSON, in the form that docs/findings.schema.json describes."""

from __future__ import annotations

import json
from typing import Any

from contract.findings.difference import ABSENT
from contract.findings.effect import Effect
from contract.findings.finding import Finding
from contract.findings.sentences import effect_sentences
from contract.output.words import line, outcome

# Grows when a field is removed or gets another meaning; a new field changes nothing.
FORMAT_VERSION = 1


def as_json(findings: list[Finding]) -> str:
    """One JSON object. Its `verdict` agrees with the exit code."""
    data = {
        "format_version": FORMAT_VERSION,
        "verdict": outcome(findings),
        "findings": list(map(_as_data, findings)),
    }
    return json.dumps(data, indent=2, ensure_ascii=False, default=str)


def _as_data(finding: Finding) -> dict[str, Any]:
    """The fields of a finding. `before` and `after` are left out where a document says nothing."""
    place, witness = finding.place, finding.witness
    values = {"before": finding.before, "after": finding.after}
    proof = witness and {"text": witness.text, "value": None if witness.value is ABSENT else witness.value}
    return {
        "name": finding.name,
        "verdict": finding.verdict.value,
        "severity": finding.severity.value,
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
        "schema": finding.schema or None,
        "field": finding.field,
        "path": list(finding.path),
        **{name: value for name, value in values.items() if value is not ABSENT},
        "text": finding.text,
        "edit": line(finding),
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
