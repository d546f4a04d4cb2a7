"""A value as JSON on one line, short enough to be read."""

from __future__ import annotations

import json
from typing import Any

from contract.openapi.place import Path

_LIMIT = 240


def excerpt(value: Any, path: Path = ()) -> str:
    """A value as JSON. Long parts are cut, but never the field at the end of `path`."""
    text = json.dumps(_cut(value), ensure_ascii=False)
    if len(text) > _LIMIT:
        text = json.dumps(_cut(_focus(value, path)), ensure_ascii=False)
    return text if len(text) <= 2 * _LIMIT else f"{text[: 2 * _LIMIT]}…"


def _focus(value: Any, path: Path) -> Any:
    if isinstance(value, list):
        return [_focus(item, path[1:] if path[:1] == ("[]",) else path) for item in value[:2]]
    if not isinstance(value, dict):
        return value
    kept = path[0] if path and path[0] in value else None
    names = [kept] if kept is not None else list(value)[:4]
    rest = len(value) - len(names)
    shown = {name: _focus(value[name], path[1:]) if name == kept else value[name] for name in names}
    return {**shown, **({"…": f"{rest} more"} if rest else {})}


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 60:
        return f"{value[:20]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    if isinstance(value, list) and len(value) > 8:
        return [*(_cut(inner) for inner in value[:3]), f"… ({len(value)} items)"]
    return [_cut(inner) for inner in value] if isinstance(value, list) else value
