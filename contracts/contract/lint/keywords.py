"""Rules about keys without effect: unknown ones, and those beside a reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.lint.rule import Found, Rule
from contract.openapi.document import Document
from contract.openapi.grammar import (
    EXTENSIBLE,
    EXTENSIONS,
    PLAIN,
    REFERABLE,
    WITHOUT_MEANING,
    Walk,
    known,
    lead,
    pointer,
)

_READ = frozenset({"$ref", "summary", "description"})


def _unknown(document: Document) -> Found:
    for place, kind, node in Walk(document.data, document.target).nodes():
        for key in node:
            if not known(kind, key) and not isinstance(node.get("$ref"), str):
                yield pointer((*place, key)), "is no keyword that OpenAPI knows here"


def _extensions(document: Document) -> Found:
    listed = document.data.get(WITHOUT_MEANING)
    known = {WITHOUT_MEANING, *(name for name in (listed if isinstance(listed, list) else ()) if isinstance(name, str))}
    found: dict[str, str] = {}
    for place, kind, node in Walk(document.data, document.target).nodes():
        for way, key in _extension_keys(kind, node):
            has_meaning = not way and kind in EXTENSIONS.get(key, ())
            if key not in known and not has_meaning:
                found.setdefault(key, pointer((*place, *way, key)))
    for key, where in found.items():
        here = " here" if key in EXTENSIONS else ""
        yield where, f"is an extension that is not compared{here}: a change of it would be released unseen"


def _extension_keys(kind: str, node: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The extensions of an object, and of the maps and plain objects in it that may have some, with the way to each."""
    yield from (((), key) for key in node if key.startswith("x-") and lead(kind, key) is None)
    for key, held in node.items():
        may = (kind, key) in EXTENSIBLE or key in PLAIN.get(kind, ())
        if may and isinstance(held, dict):
            yield from (((key,), name) for name in held if name.startswith("x-"))


def _beside(document: Document) -> Found:
    for place, kind, node in Walk(document.data, document.target).nodes():
        ignored = kind in REFERABLE - {"item"} or (kind == "schema" and document.version == "3.0")
        if isinstance(node.get("$ref"), str) and ignored:
            for key in node:
                if key not in _READ and not key.startswith("x-"):
                    yield pointer((*place, key)), "stands beside a `$ref` and is ignored"


RULES = (
    Rule("unknown-keyword", _unknown, "correct its name, or begin it with x-"),
    Rule(
        "unknown-extension",
        _extensions,
        f"list it in `{WITHOUT_MEANING}` at the top of the document if it means nothing to a client; "
        "otherwise say it in the words of OpenAPI, or teach the comparison",
    ),
    Rule("beside-reference", _beside, "move it to where the reference leads"),
)
