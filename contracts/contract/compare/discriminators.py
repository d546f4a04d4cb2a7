"""Discriminators: which value stands for which schema.

OpenAPI 3.1.1, Discriminator Object: it is a hint for readers, and cannot change what is valid. The alternatives decide
what is valid. A changed hint matters to generated code alone.
"""

from __future__ import annotations

from typing import Any

from contract.compare.change import Change
from contract.findings.difference import ABSENT
from contract.findings.finding import Verdict
from contract.openapi.document import Document, DocumentError
from contract.openapi.place import Path

_COMPONENT = "#/components/schemas/"


def compare_discriminators(change: Change, path: Path) -> None:
    """Compare the hints that two schemas of one value give."""
    old, new = _hint(change.old), _hint(change.new)
    if not old:
        return
    name = {"propertyName": old.get("propertyName")}
    if not new:
        change.add(Verdict.SOURCE, "discriminator", path=path, before=name, after=ABSENT)
    elif old.get("propertyName") != new.get("propertyName"):
        after = {"propertyName": new.get("propertyName")}
        change.add(Verdict.SOURCE, "discriminator", path=path, before=name, after=after)
    else:
        for value, target in _mapping(old).items():
            now = _target(change.report.new, new, value)
            if now != target and _exists(change.report.new, target):
                before = {**name, "mapping": {value: target}}
                after = {**name, "mapping": {value: now} if now else {}}
                change.add(Verdict.SOURCE, "discriminator", path=path, before=before, after=after)


def _hint(node: Any) -> dict[str, Any]:
    hint = node.get("discriminator") if isinstance(node, dict) else None
    return hint if isinstance(hint, dict) else {}


def _mapping(hint: dict[str, Any]) -> dict[str, str]:
    mapping = hint.get("mapping")
    return {str(value): _full(str(target)) for value, target in mapping.items()} if isinstance(mapping, dict) else {}


def _full(target: str) -> str:
    """A mapping names a schema by its reference, or by its bare name."""
    return target if "/" in target or "." in target else f"{_COMPONENT}{target}"


def _target(document: Document, hint: dict[str, Any], value: str) -> str:
    """What a value stands for: without a mapping, for the schema of that name."""
    named = _mapping(hint).get(value)
    return named or (_full(value) if _exists(document, _full(value)) else "")


def _exists(document: Document, target: str) -> bool:
    try:
        document.lookup(target)
    except DocumentError:
        return False
    return True
