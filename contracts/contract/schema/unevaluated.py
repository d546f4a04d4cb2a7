"""What `unevaluatedProperties` and `unevaluatedItems` leave to themselves, where every value is evaluated alike."""

from __future__ import annotations

from typing import Any, NamedTuple

from contract.schema.view import ALL_EVALUATED, Side

# Keywords whose effect on what is evaluated depends on the value.
_DEPENDING = ("anyOf", "oneOf", "if", "dependentSchemas")
_DEPTH = 30


class Known(NamedTuple):
    """The fields that a schema speaks of: by name, and by pattern."""

    names: frozenset[str]
    patterns: tuple[str, ...]


class _DependsError(Exception):
    pass


def evaluated(side: Side, view: dict[str, Any], keyword: str) -> Known | int | bool | None:
    """The fields (or how many first items) that are evaluated whatever the value; True: all; None: it depends."""
    views = [view]
    try:
        _collect(side, view, views, _DEPTH)
    except _DependsError:
        return None
    if keyword == "unevaluatedProperties":
        if any("additionalProperties" in one or ALL_EVALUATED in one for one in views) or _again(views, keyword):
            return True
        names = frozenset(name for one in views for name in one.get("properties", ()))
        return Known(names, tuple(pattern for one in views for pattern in one.get("patternProperties", ())))
    if any("contains" in one for one in views):
        return None
    if any("items" in one for one in views) or _again(views, keyword):
        return True
    return max(len(one.get("prefixItems", ())) for one in views)


def _again(views: list[dict[str, Any]], keyword: str) -> bool:
    """Whether a part says the same of all that is left."""
    return any(keyword in one for one in views[1:])


def _collect(side: Side, view: dict[str, Any], views: list[dict[str, Any]], depth: int) -> None:
    if any(word in view for word in _DEPENDING) or not depth:
        raise _DependsError
    parts = [side.target(view)] if "$ref" in view else []
    for part in (*parts, *view.get("allOf", ())):
        views.append(side.view(part))
        _collect(side, views[-1], views, depth - 1)
