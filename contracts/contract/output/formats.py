"""The table of output formats. Each renders findings, and may name the document that they are about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract.findings.finding import Finding
from contract.output.data import as_json
from contract.output.github import github
from contract.output.junit import junit
from contract.output.markdown import markdown
from contract.output.sarif import sarif
from contract.output.text import text


@dataclass(frozen=True)
class Format:
    """How findings are rendered. `render` takes the findings, the new document's name, and whether colours show."""

    about: str
    render: Callable[[list[Finding], str, bool], str]


FORMATS: dict[str, Format] = {
    "text": Format("for a person", lambda findings, document, colour: text(findings, colour)),
    "markdown": Format("a comment of a pull request", lambda findings, document, colour: markdown(findings)),
    "json": Format("for a program; docs/findings.schema.json", lambda findings, document, colour: as_json(findings)),
    "github": Format("annotations of GitHub Actions", lambda findings, document, colour: github(findings, document)),
    "junit": Format("a test report", lambda findings, document, colour: junit(findings, document)),
    "sarif": Format("SARIF 2.1.0, for code scanning", lambda findings, document, colour: sarif(findings, document)),
}
