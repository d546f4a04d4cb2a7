"""Rules about keys without effect: unknown ones, and those beside a reference."""

from __future__ import annotations

from contract.lint.rule import Found, Rule
from contract.openapi.document import Document
from contract.openapi.grammar import REFERABLE, Walk, known, pointer

_READ = frozenset({"$ref", "summary", "description"})


def _unknown(document: Document) -> Found:
    for place, kind, node in Walk(document.data, document.target).nodes():
        for key in node:
            if not known(kind, key) and not isinstance(node.get("$ref"), str):
                yield pointer((*place, key)), "is no keyword that OpenAPI knows here"


def _beside(document: Document) -> Found:
    for place, kind, node in Walk(document.data, document.target).nodes():
        ignored = kind in REFERABLE - {"item"} or (kind == "schema" and document.version == "3.0")
        if isinstance(node.get("$ref"), str) and ignored:
            for key in node:
                if key not in _READ and not key.startswith("x-"):
                    yield pointer((*place, key)), "stands beside a `$ref` and is ignored"


RULES = (
    Rule("unknown-keyword", _unknown, "correct its name, or begin it with x-"),
    Rule("beside-reference", _beside, "move it to where the reference leads"),
)
