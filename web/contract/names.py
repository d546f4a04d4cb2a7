"""Names of the contract as the generated client has them. Standard library only."""

import re
from keyword import iskeyword

# What the generated annotations are made of.
TYPES = frozenset(
    ("str", "int", "float", "bool", "list", "dict", "field", "Any", "Struct", "UNSET", "UnsetType")
)


def identifier(name: str) -> str:
    """Return a name of the contract as a valid Python name."""
    name = re.sub(r"\W", "_", name)
    return f"{name}_" if iskeyword(name) else name if name.isidentifier() else f"_{name}"


def attribute(name: str) -> str:
    """Return the attribute of a property; one named as a type gets an underscore."""
    name = identifier(name)
    return f"{name}_" if name in TYPES else name
