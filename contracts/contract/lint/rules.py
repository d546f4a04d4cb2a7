"""All house rules. To add one, write a function that finds, and a line in its module's RULES."""

from __future__ import annotations

from contract.lint.examples import RULES as EXAMPLES
from contract.lint.keywords import RULES as KEYWORDS
from contract.lint.links import RULES as LINKS
from contract.lint.operations import RULES as OPERATIONS
from contract.lint.rule import LintFinding, Rule
from contract.lint.schemas import RULES as SCHEMAS
from contract.openapi.document import Document

RULES: tuple[Rule, ...] = (*OPERATIONS, *LINKS, *SCHEMAS, *EXAMPLES, *KEYWORDS)


def lint(document: Document) -> list[LintFinding]:
    """Every breach of a house rule, in the order of the rules."""
    return [LintFinding(rule.name, place, text, rule.hint) for rule in RULES for place, text in rule.find(document)]
