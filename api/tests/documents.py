"""How two OpenAPI documents differ: one line for each parameter, field or value."""

import json
from typing import Any

SHOWN = 120  # letters of a value


def differences(served: Any, pinned: Any, place: str = "#") -> list[str]:
    """Return a line for each difference; ``place`` names parameters and tags by their names."""
    if isinstance(served, list) and isinstance(pinned, list):
        return _of_lists(served, pinned, place)
    if isinstance(served, dict) and isinstance(pinned, dict):
        lines = []
        for key in sorted(served.keys() | pinned.keys()):
            if key not in pinned:
                lines.append(f"{place}/{key}: only served: {_short(served[key])}")
            elif key not in served:
                lines.append(f"{place}/{key}: only pinned: {_short(pinned[key])}")
            else:
                lines += differences(served[key], pinned[key], f"{place}/{key}")
        return lines
    if served == pinned and type(served) is type(pinned):
        return []
    same = _same_beginning(served, pinned)
    return [f"{place}: pinned {_short(pinned, same)}, served {_short(served, same)}"]


def _of_lists(served: list[Any], pinned: list[Any], place: str) -> list[str]:
    """Compare members by what they are called, or by what they are; then the order."""
    one, other = _by_name(served), _by_name(pinned)
    if lines := differences(one, other, place):
        return lines
    if list(one) != list(other) or len(served) != len(pinned):
        return [f"{place}: in another order: pinned {_short(pinned)}, served {_short(served)}"]
    return []


def _by_name(members: list[Any]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for number, each in enumerate(members):
        if not isinstance(each, dict):
            names[json.dumps(each)] = each
        elif "name" in each:
            names[f"{each['name']} ({each['in']})" if "in" in each else each["name"]] = each
        else:
            names[str(number)] = each
    return names


def _same_beginning(served: Any, pinned: Any) -> int:
    """Return how many letters two long texts have in common at the beginning."""
    texts = json.dumps(served, ensure_ascii=False), json.dumps(pinned, ensure_ascii=False)
    if max(map(len, texts)) <= SHOWN:
        return 0
    pairs = enumerate(zip(*texts, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(map(len, texts)))


def _short(value: Any, same: int = 0) -> str:
    """Return a value as JSON, long ones from shortly before the first difference."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= SHOWN:
        return text
    begin = max(0, same - 20)
    cut = text[begin : begin + SHOWN]
    return ("…" if begin else "") + cut + ("…" if begin + SHOWN < len(text) else "")
