"""Types as disjoint kinds of values, and the limits that count something."""

from __future__ import annotations

from typing import Any

# `fraction` is a number that is not an integer, so that types become disjoint.
ATOMS = ("object", "array", "string", "integer", "fraction", "boolean", "null")
SIZES = {
    "minLength": max, "maxLength": min, "minItems": max, "maxItems": min, "minProperties": max, "maxProperties": min,
}  # fmt: skip


def atoms(types: Any) -> frozenset[str]:
    """The disjoint types that a `type` keyword allows."""
    names = types if isinstance(types, list) else [types]
    found = {name for name in names if isinstance(name, str)}
    if "number" in found:
        found |= {"integer", "fraction"}
    return frozenset(found) & frozenset(ATOMS)
