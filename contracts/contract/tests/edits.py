"""Edits of one keyword."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Node = dict[str, Any]
# Changes the node in place and says whether it fits there.
Edit = Callable[[Node], bool]


def puts(_keyword: str, value: Any, kind: str, unless: tuple[str, ...] = ()) -> Edit:
    def edit(node: Node) -> bool:
        if node.get("type") != kind or _keyword in node or any(word in node for word in unless):
            return False
        node[_keyword] = value
        return True

    return edit


def adds(keyword: str, step: float, kind: str, unless: tuple[str, ...] = ()) -> Edit:
    def edit(node: Node) -> bool:
        is_other = node.get("type") != kind or keyword not in node or any(word in node for word in unless)
        if is_other or (node[keyword] + step < 0 and "Length" in keyword):
            return False
        node[keyword] += step
        return True

    return edit


def drops(keyword: str, kind: str) -> Edit:
    def edit(node: Node) -> bool:
        return node.get("type") == kind and node.pop(keyword, None) not in (None, 0)

    return edit


def becomes(kind: str, other: str) -> Edit:
    def edit(node: Node) -> bool:
        if node.get("type") != kind or {"enum", "const", "anyOf"} & set(node):
            return False
        node["type"] = other
        return True

    return edit


def notes(keyword: str, value: Any) -> Edit:
    def edit(node: Node) -> bool:
        if node.get(keyword) == value or "$ref" in node:
            return False
        node[keyword] = value
        return True

    return edit


def forgets(keyword: str) -> Edit:
    return lambda node: node.pop(keyword, None) is not None
