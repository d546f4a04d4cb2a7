"""Three-way merge of JSON documents: the changes of both sides, or the places of conflicts."""

import json
from typing import Any

MISSING = object()
# Lists of names whose order means nothing, and values of the API's own, which are no schemas.
SETS, VALUES = ("required", "type"), ("example", "examples", "default", "const", "enum")


def three_way(base: Any, mine: Any, theirs: Any) -> tuple[Any, list[str]]:
    """Return the merged document, and the places that both changed: keys with `/` before each.

    Lists of names (`required`, `tags`) and of named objects (`parameters`) merge by name.
    """
    conflicts: list[str] = []
    return _merge(base, mine, theirs, "", conflicts), conflicts


def alike(one: Any, other: Any) -> bool:
    """Return whether two values mean one in JSON, in which 1 is not true."""
    if one is MISSING or other is MISSING:
        return one is other
    return _ordered(one) == _ordered(other)


def _ordered(value: Any) -> str:
    """Return a value as text, with the names in an order of our own where theirs means nothing."""
    return json.dumps(_sorted(value), sort_keys=True)


def _sorted(value: Any, key: str = "") -> Any:
    if isinstance(value, dict) and key not in VALUES:
        return {name: _sorted(inner, name) for name, inner in value.items()}
    if isinstance(value, list) and key not in VALUES:
        is_set = key in SETS and all(isinstance(item, str) for item in value)
        return sorted(value) if is_set else [_sorted(item) for item in value]
    return value


def _merge(base: Any, mine: Any, theirs: Any, place: str, conflicts: list[str]) -> Any:
    if alike(mine, theirs) or alike(mine, base):
        return theirs
    if alike(theirs, base):
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return _members(base if isinstance(base, dict) else {}, mine, theirs, place, conflicts)
    named = [_by_name(one) for one in (base, mine, theirs)]
    if _mergeable(base, *named):
        return list(_members(named[0] or {}, named[1], named[2], place, conflicts).values())
    conflicts.append(place or "/")
    return mine


def _members(base: Any, mine: Any, theirs: Any, place: str, conflicts: list[str]) -> dict[str, Any]:
    merged = {}
    for key in dict.fromkeys([*mine, *theirs]):
        before, here, there = (one.get(key, MISSING) for one in (base, mine, theirs))
        merged[key] = _merge(before, here, there, f"{place}/{key}", conflicts)
    return {key: value for key, value in merged.items() if value is not MISSING}


def _mergeable(base: Any, named: Any, mine: Any, theirs: Any) -> bool:
    """Whether all are lists by name. A list that both sides have begun holds objects only."""
    if mine is None or theirs is None:
        return False
    texts = any(isinstance(one, str) for one in [*mine.values(), *theirs.values()])
    return named is not None or (base is MISSING and not texts)


def _by_name(items: Any) -> dict[str, Any] | None:
    """Return a list as an object, a key for each item; None if an item has no name of its own."""
    if not isinstance(items, list):
        return None
    names = [_name(one) for one in items]
    if None in names or len(set(names)) != len(names):
        return None
    return {str(name): item for name, item in zip(names, items, strict=True)}


def _name(item: Any) -> str | None:
    if isinstance(item, str):
        return item
    if not isinstance(item, dict):
        return None
    parts = [item[key] for key in ("$ref", "in", "name") if key in item]
    if not all(isinstance(part, str) for part in parts):
        return None
    return " ".join(parts) if "$ref" in item or "name" in item else None
