"""Findings as SARIF 2.1.0 (OASIS), which code scanning reads."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import contract
from contract.findings.finding import Finding, Severity, Verdict
from contract.findings.rules import RULES
from contract.output.lines import lines_of
from contract.output.words import line, places, proof

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: list[Finding], document: str) -> str:
    """One run with a result for each finding that is more than words."""
    line_of = lines_of(document)
    told = [one for one in findings if one.verdict is not Verdict.WORDS or one.severity is not Severity.NOTE]
    used = sorted({finding.rule for finding in told})
    driver = {
        "name": "contract",
        "semanticVersion": contract.__version__,
        "rules": [
            {"id": rule, "shortDescription": {"text": RULES[rule].reason if rule in RULES else rule}} for rule in used
        ],
    }
    results = [_result(one, used.index(one.rule), document, line_of(one)) for one in told]
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _result(finding: Finding, index: int, document: str, number: int) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": quote(document, safe="/:~")}, "region": {"startLine": number}}
    waived = [{"kind": "external", "justification": finding.waiver}] if finding.waiver else []
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": "\n".join(filter(None, [line(finding), places(finding), proof(finding)]))},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"name/v1": finding.name},
        "suppressions": waived,
    }
