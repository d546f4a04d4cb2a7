"""What a difference is worth in a version (Semantic Versioning 2.0.0), and making a release of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contract.changelog import entry, insert
from contract.compare import compare
from contract.document import Document, DocumentError, load
from contract.finding import Finding, Verdict
from contract.shelf import EMPTY_NOTES, Shelf, Version, dump, parse_version, say

FIRST: Version = (1, 0, 0)


@dataclass(frozen=True)
class Plan:
    """The draft beside the latest release: what differs, and the version that this asks for (None: nothing does)."""

    draft: Document
    latest: Version | None
    findings: list[Finding]
    version: Version | None
    stale: tuple[str, ...] = ()


def plan(shelf: Shelf) -> Plan:
    """Judge the draft, with the waivers applied."""
    draft, latest = load(shelf.draft), shelf.latest()
    if latest is None:
        return Plan(draft, None, [], FIRST)
    base = shelf.release(latest)
    findings = compare(base, draft)
    waivers = shelf.waivers()
    for finding in findings:
        if finding.stops and finding.name in waivers:
            finding.waiver = waivers[finding.name]
    used = {finding.name for finding in findings if finding.waiver}
    stale = tuple(name for name in waivers if name not in used)
    return Plan(draft, latest, findings, _next(latest, findings, _same(base.data, draft.data)), stale)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return _without_version(one) == _without_version(other)


def _without_version(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "info": {**data.get("info", {}), "version": ""}}


def _next(latest: Version, findings: Iterable[Finding], same: bool) -> Version | None:
    major, minor, patch = latest
    verdicts = [finding for finding in findings if finding.verdict is not Verdict.WORDS]
    if same:
        return None
    if any(finding.stops and finding.verdict is Verdict.WIRE for finding in verdicts):
        return (major + 1, 0, 0)
    return (major, minor + 1, 0) if verdicts else (major, minor, patch + 1)


def release(shelf: Shelf, wanted: str | None, today: dt.date | None = None) -> tuple[Version, list[Finding]]:
    """Freeze the draft; raises DocumentError when it may not be released (so)."""
    made = plan(shelf)
    version = _allowed(shelf, made, wanted)
    data = made.draft.data
    data["info"] = {**data.get("info", {}), "version": say(version)}
    (shelf.root / "releases").mkdir(exist_ok=True)
    day = (today or dt.datetime.now(dt.UTC).date()).isoformat()
    words = entry(made, f"[{say(version)}] - {day}", shelf.words())
    before = shelf.changelog.read_text(encoding="utf-8") if shelf.changelog.exists() else ""
    shelf.path(version).write_text(dump(data), encoding="utf-8")
    shelf.record(shelf.path(version))
    shelf.draft.write_text(dump(data), encoding="utf-8")
    shelf.changelog.write_text(insert(before, words), encoding="utf-8")
    shelf.notes.write_text(EMPTY_NOTES, encoding="utf-8")
    return version, made.findings


def _allowed(shelf: Shelf, made: Plan, wanted: str | None) -> Version:
    altered = shelf.altered()
    if altered:
        raise DocumentError(f"{altered[0]}; a release is never changed: restore it first")
    if made.version is None:
        raise DocumentError(f"nothing to release: the draft is {say(made.latest or FIRST)}")
    unproven = [finding for finding in made.findings if finding.stops and finding.verdict is Verdict.UNPROVEN]
    if unproven and not (wanted and parse_version(wanted)[0] > (made.latest or FIRST)[0]):
        raise DocumentError(
            f"{unproven[0].name} is unproven: mend it, waive it in {shelf.notes.name}, or release a major version"
        )
    if wanted is None:
        if made.latest and made.version[0] > made.latest[0]:
            number = say(made.version)
            raise DocumentError(f"this breaks deployed clients; if that is meant, say so: contract release {number}")
        return made.version
    version = parse_version(wanted)
    if version < made.version:
        raise DocumentError(f"{wanted} is too small: the differences ask for {say(made.version)}")
    return version
