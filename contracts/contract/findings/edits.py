"""Findings that come of one edit: the same change of the same schema, met by several operations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from contract.findings.difference import ABSENT
from contract.findings.effect import Effect
from contract.findings.finding import Finding
from contract.openapi.place import Part


def edits(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings of each edit together, in their order."""
    found: dict[Any, list[Finding]] = {}
    for number, finding in enumerate(findings):
        found.setdefault(_key(finding) or number, []).append(finding)
    return list(found.values())


def joined(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each edit, with all operations and places; what differs in its waiver stays apart."""
    return [_as_one(part) for edit in edits(findings) for part in _by_waiver(edit)]


def _key(finding: Finding) -> tuple[Any, ...] | None:
    """What findings of one edit have in common; None where each is an edit of its own.

    Without a name, the same change of a part and field of the same name counts as one edit.
    """
    place = finding.place
    if place.part not in _SHARED or finding.also:
        return None
    if finding.edited is not None:
        return (
            finding.verdict,
            finding.severity,
            finding.direction,
            finding.schema,
            finding.within,
            finding.went,
            finding.came,
        )
    values = [None if value is ABSENT else [value] for value in (finding.before, finding.after)]
    about = (finding.verdict, finding.severity, finding.rule, finding.direction, finding.keyword, finding.loosened)
    moved = [finding.came, finding.went]
    told = json.dumps(moved if any(moved) else [values, finding.kind], sort_keys=True, default=str)
    if finding.schema:
        return *about, finding.schema, finding.within, told
    if not finding.path and place.part in (Part.BODY, Part.RESPONSE):
        return None
    part = (place.part, place.name, place.location, place.status if place.part is not Part.RESPONSE else "")
    return *about, part, finding.path, finding.subject, finding.holder, told


# Parts that many operations may share. An operation that comes or goes is an edit of its own.
_SHARED = frozenset({Part.SECURITY, Part.PARAMETER, Part.BODY, Part.RESPONSE, Part.HEADER, Part.LINK})


def _by_waiver(edit: Sequence[Finding]) -> list[list[Finding]]:
    parts: dict[Any, list[Finding]] = {}
    for finding in edit:
        parts.setdefault((finding.waiver, tuple(finding.releases)), []).append(finding)
    return list(parts.values())


def _as_one(findings: Sequence[Finding]) -> Finding:
    first, *rest = findings
    if not rest:
        return first
    proven = next((finding for finding in findings if finding.witness), first)
    return replace(
        first,
        witness=proven.witness if proven.place == first.place else first.witness,
        operations=list(dict.fromkeys(one for finding in findings for one in finding.operations)),
        touches=list(dict.fromkeys(one for finding in findings for one in finding.touches)),
        effects=_effects(findings),
    )


def _effects(findings: Sequence[Finding]) -> list[Effect]:
    """What each consumer suffers of all of them."""
    harms: dict[tuple[str, str], dict[Any, None]] = {}
    for effect in (effect for finding in findings for effect in finding.effects):
        harms.setdefault((effect.consumer, effect.version), {}).update(dict.fromkeys(effect.harms))
    return [Effect(consumer, version, tuple(found)) for (consumer, version), found in harms.items()]
