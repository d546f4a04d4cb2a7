"""Findings as a JUnit report, which most CI services show as tests."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from contract.findings.finding import Finding, Severity
from contract.output.words import line, places, proof, summary


def junit(findings: list[Finding], document: str) -> str:
    """One test for each finding: failed if it stops, skipped if it is waived. One that passes if there are none."""
    told = [finding for finding in findings if finding.severity is not Severity.NOTE] or []
    failed, waived = sum(one.stops for one in told), sum(bool(one.waiver) for one in told)
    counts = {"tests": str(len(told) or 1), "failures": str(failed), "errors": "0", "skipped": str(waived)}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "contract", **counts})
    for finding in told:
        _case(suite, finding, document)
    if not told:
        ElementTree.SubElement(suite, "testcase", {"classname": document, "name": _clean(summary(findings))})
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode")


def _case(suite: ElementTree.Element, finding: Finding, document: str) -> None:
    about = {"classname": document, "name": _clean(f"{finding.rule}: {line(finding)}")}
    case = ElementTree.SubElement(suite, "testcase", about)
    details = _clean("\n".join(filter(None, [line(finding), places(finding), proof(finding), f"name: {finding.name}"])))
    if finding.waiver:
        ElementTree.SubElement(case, "skipped", {"message": _clean(f"waived: {finding.waiver}")})
    elif finding.stops:
        about = {"message": _clean(finding.text), "type": finding.verdict.value}
        ElementTree.SubElement(case, "failure", about).text = details
    else:
        ElementTree.SubElement(case, "system-out").text = details


def _clean(text: str) -> str:
    """XML 1.0, section 2.2: what is no character there is replaced."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
