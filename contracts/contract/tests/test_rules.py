"""The table of rules: complete, true to what the comparison says, and the page that is made from it."""

import json
from pathlib import Path

import pytest

from contract.cli import main
from contract.findings.finding import Verdict
from contract.findings.rules import RULES
from contract.findings.sentences import DEMANDS, SENTENCES
from contract.lint.rules import RULES as LINT
from contract.tests.building import CODE

PAGE = Path(CODE) / "docs" / "rules.md"


def test_every_rule_that_has_a_sentence_is_in_the_table():
    assert {*SENTENCES, *DEMANDS} - set(RULES) == set()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_has_grades_an_example_and_a_reason(rule):
    assert rule.grades
    assert set(rule.grades) <= set(Verdict)
    assert rule.example
    assert rule.reason.endswith(".")


def test_the_page_has_the_table_that_the_tool_prints(capsys):
    assert main(["rules", "--format", "markdown"]) == 0
    assert capsys.readouterr().out in PAGE.read_text("utf-8"), "contract rules --format markdown prints another table"


def test_each_format_has_every_rule(capsys):
    for name in ("text", "markdown", "json"):
        assert main(["rules", "--format", name]) == 0
        said = capsys.readouterr().out
        assert all(one in said for one in (*RULES, *(rule.name for rule in LINT)))
    assert [one["id"] for one in json.loads(said)["rules"]] == list(RULES)
