"""The house rules: what a contract looks like beyond being valid. Each finding says how to mend it."""

from __future__ import annotations

from contract.document import Document
from contract.rules import RULES
from contract.rules.rule import Flaw


def lint(document: Document) -> list[Flaw]:
    """Every breach of a house rule, in the order of the rules."""
    return [Flaw(rule.name, place, text, rule.mend) for rule in RULES for place, text in rule.find(document)]
