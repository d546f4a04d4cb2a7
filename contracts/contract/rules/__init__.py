"""The rules by name. To add one: a function that finds, and a line in its module's RULES."""

from contract.rules import examples, keywords, operations, schemas
from contract.rules.rule import Rule

RULES: tuple[Rule, ...] = (*operations.RULES, *schemas.RULES, *examples.RULES, *keywords.RULES)
