"""All rules of lint. To add one, write a function that finds, and a line in its module's RULES."""

from __future__ import annotations

from contract.lint.examples import RULES as EXAMPLES
from contract.lint.keywords import RULES as KEYWORDS
from contract.lint.links import RULES as LINKS
from contract.lint.operations import RULES as OPERATIONS
from contract.lint.rule import Rule
from contract.lint.schemas import RULES as SCHEMAS

RULES: tuple[Rule, ...] = (*OPERATIONS, *LINKS, *SCHEMAS, *EXAMPLES, *KEYWORDS)
