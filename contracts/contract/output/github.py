"""Findings as annotations of GitHub Actions: workflow commands, one a line."""

from __future__ import annotations

from contract.findings.finding import Finding, Severity
from contract.output.lines import lines_of
from contract.output.words import line, places, proof, summary


def github(findings: list[Finding], document: str) -> str:
    """Errors and warnings at the lines of their operations, and the verdict. Notes are left out."""
    line_of = lines_of(document)
    said = []
    for finding in findings:
        if finding.waiver or finding.severity not in (Severity.ERROR, Severity.WARNING):
            continue
        where = {"file": document, "line": str(line_of(finding)), "title": f"contract: {finding.rule}"}
        about = ",".join(f"{key}={_property(value)}" for key, value in where.items())
        told = "\n".join(
            filter(
                None, [line(finding), places(finding), proof(finding), f"name: {finding.name}" if finding.stops else ""]
            )
        )
        said.append(f"::{finding.severity.value} {about}::{_data(told)}")
    return "\n".join([*said, summary(findings)])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
