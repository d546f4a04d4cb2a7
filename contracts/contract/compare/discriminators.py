"""Discriminators: which value stands for which schema.

OpenAPI 3.1.1, Discriminator Object: it is a hint to those who read, and cannot change what is valid. What is valid is
decided by the alternatives; what only the hint says is a matter of generated code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.document import Document, DocumentError
from contract.finding import Verdict

if TYPE_CHECKING:
    from contract.compare.report import Place, Report

_COMPONENT = "#/components/schemas/"


def discriminators(report: Report, place: Place, field: str, pair: tuple[Any, Any]) -> None:
    """Compare the hints that two schemas of one value give."""
    old, new = (_hint(node) for node in pair)
    subject = field or "it"
    if old and not new:
        _say(report, place, field, f"{subject} is no longer told apart by {old.get('propertyName')}")
    elif old.get("propertyName") != new.get("propertyName") and old:
        text = f"{subject} is told apart by {new.get('propertyName')}, no more by {old.get('propertyName')}"
        _say(report, place, field, text)
    elif old:
        for value, target in _mapping(old).items():
            now = _target(report.new, new, value)
            if now != target and _exists(report.new, target):
                instead = f"stands for {_short(now)}, no more for" if now else "no longer stands for"
                _say(report, place, field, f"{subject}: {old.get('propertyName')} {value!r} {instead} {_short(target)}")


def _say(report: Report, place: Place, field: str, text: str) -> None:
    report.add(Verdict.SOURCE, "discriminator", place, text, field=field)


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


def _short(target: str) -> str:
    return target.rpartition("/")[2]
