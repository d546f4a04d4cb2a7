"""The table of all rules, for a person, a page and a program."""

from __future__ import annotations

import json
from collections.abc import Callable

from contract.findings.rules import RULES
from contract.lint.rules import RULES as LINT


def _text() -> str:
    wide = max(map(len, RULES))
    lines = [
        f"{rule.id:{wide}}  {', '.join(rule.grades)}\n{'':{wide}}  {rule.example}. {rule.reason}"
        for rule in RULES.values()
    ]
    wide = max(len(rule.name) for rule in LINT)
    return "\n".join(
        [
            "Rules of the comparison",
            "",
            *lines,
            "",
            "Rules of lint",
            "",
            *(f"{rule.name:{wide}}  {rule.hint}" for rule in LINT),
        ]
    )


def _markdown() -> str:
    lines = ["| rule | grades | example | reason |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{rule.id}` | {', '.join(rule.grades)} | {_cell(rule.example)} | {_cell(rule.reason)} |"
        for rule in RULES.values()
    ]
    more = ["| rule of lint | how to keep it |", "| --- | --- |"]
    more += [f"| `{rule.name}` | {_cell(rule.hint)} |" for rule in LINT]
    return "\n".join([*lines, "", *more])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _json() -> str:
    rules = [
        {"id": rule.id, "grades": rule.grades, "example": rule.example, "reason": rule.reason}
        for rule in RULES.values()
    ]
    return json.dumps(
        {"rules": rules, "lint": [{"id": rule.name, "hint": rule.hint} for rule in LINT]}, indent=2, ensure_ascii=False
    )


TABLES: dict[str, Callable[[], str]] = {"text": _text, "markdown": _markdown, "json": _json}
