"""The house rules: what a contract looks like beyond being valid. Each finding says how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

from contract.document import Document
from contract.rules import RULES
from contract.rules.rule import Flaw


def lint(document: Document) -> list[Flaw]:
    """Every breach of a house rule, in the order of the rules."""
    return list(_flaws(document))


def _flaws(document: Document) -> Iterator[Flaw]:
    broken = False
    for rule in RULES:
        for place, text in rule.find(document):
            yield Flaw(rule.name, place, text, rule.mend)
            broken = broken or rule.name == "reference"
        if broken:
            return  # The other rules follow references.
