"""What each keyword demands, by the kind of value that it is about."""

from __future__ import annotations

from contract.schema import arrays, choices, objects, scalars
from contract.schema.prover import Rules

RULES: Rules = (
    ("", scalars.RULES),
    ("integer", scalars.NUMBER_RULES),
    ("string", scalars.STRING_RULES),
    ("object", objects.RULES),
    ("array", arrays.RULES),
    ("", choices.RULES),
)
