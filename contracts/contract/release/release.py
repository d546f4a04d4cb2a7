"""Turns the draft into a release: the frozen document, its changelog entry and its checksum."""

from __future__ import annotations

import datetime as dt

from contract.findings.finding import Finding, Verdict
from contract.openapi.document import load
from contract.openapi.lifecycle import today as now
from contract.openapi.reading import DocumentError
from contract.release.changelog import entry, insert
from contract.release.plan import FIRST, Plan, is_same, plan
from contract.release.store import (
    EMPTY_NOTES,
    ReleaseStore,
    Version,
    dump,
    format_version,
    parse_version,
    with_version,
    write,
)


def release(store: ReleaseStore, wanted: str | None, today: dt.date | None = None) -> tuple[Version, list[Finding]]:
    """Freeze the draft; raises DocumentError if it, or this version, is not allowed.

    `wanted` is needed for a major version, and for one that is older than the newest of its major.
    The checksum makes it a release. If it is interrupted before, the release can be made again.
    """
    day = today or now()
    _leftovers(store)
    if load(store.draft).parted:
        raise DocumentError(f"{store.draft}: a release is one file, and this refers to others: bundle it first")
    judged = plan(store, day, parse_version(wanted) if wanted else None)
    version = _allowed(store, judged, wanted)
    before = store.release(judged.latest) if judged.latest else None
    data = judged.draft.data
    data["info"] = {**data.get("info", {}), "version": format_version(version)}
    section = entry(judged, f"[{format_version(version)}] - {day.isoformat()}", store.words(), before)
    changelog = store.changelog.read_text(encoding="utf-8") if store.changelog.exists() else ""
    waivers = store.waivers()
    used = {_waived_as(finding, waivers): finding.waiver for finding in judged.findings if finding.waiver}
    draft = with_version(store.draft, format_version(version), data)
    write(store.path(version), dump(data))
    write(store.changelog, insert(changelog, section))
    write(store.draft, draft)
    store.remember(version, used)
    store.record(store.path(version))
    if store.document is None or store.notes.exists():
        write(store.notes, EMPTY_NOTES)
    return version, judged.findings


def _waived_as(finding: Finding, waivers: dict[str, str]) -> str:
    """The name by which a finding is remembered: that of its waiver, or its own where an edit was waived by another."""
    return next((name for name in finding.names if name in waivers), finding.names[-1])


def _leftovers(store: ReleaseStore) -> None:
    """Remove files of an interrupted release of this draft; raises DocumentError for any other unlisted file."""
    known = store.checksums()
    for path in sorted(store.folder.glob("*.json")):
        if path.name in known:
            continue
        if not is_same(load(path).data, load(store.draft).data):
            raise DocumentError(
                f"{store.layout.releases}/{path.name} has no recorded checksum, and is not the draft: "
                "restore its line in SHA256SUMS, or delete the file"
            )
        path.unlink()


def _allowed(store: ReleaseStore, judged: Plan, wanted: str | None) -> Version:
    latest = judged.latest or FIRST
    if judged.version is None:
        raise DocumentError(f"nothing to release: the draft is {format_version(latest)}")
    version = parse_version(wanted) if wanted else judged.version
    if wanted and judged.latest and store.path(version).exists():
        raise DocumentError(f"{wanted} was released already; a release is never changed")
    stops = [finding for finding in judged.findings if finding.stops]
    if stops and version[0] <= latest[0]:
        raise DocumentError(_refusal(store, judged, stops))
    if wanted is None and judged.latest and version[0] > latest[0]:
        raise DocumentError(_refusal(store, judged, stops))
    if judged.broken_by:
        more = f" (and {len(judged.broken_by) - 1} more)" if judged.broken_by[1:] else ""
        raise DocumentError(
            f"{judged.broken_by[0]}{more}; {format_version(version)} has to be what it is compatible with"
        )
    # What a hotfix of an older minor adds has no other number left.
    taken = any(latest < one <= judged.version and one[0] == latest[0] for one in store.versions())
    if version < latest or (version < judged.version and not taken):
        raise DocumentError(f"{wanted} is too small: the differences ask for {format_version(judged.version)}")
    return version


def _refusal(store: ReleaseStore, judged: Plan, stops: list[Finding]) -> str:
    """One line: what stops the release, what it breaks, and what to do."""
    first, major = stops[0], max(store.versions(), default=FIRST)[0] + 1
    more = f" (and {len(stops) - 1} more)" if stops[1:] else ""
    if judged.refusals:
        return f"{judged.refusals[0]}{more}; contract check says more"
    if judged.outdated:
        return f"{judged.outdated}; else {first.name}{more} breaks it"
    if first.verdict is Verdict.UNPROVEN:
        return (
            f"{first.name}{more} is unproven against {', '.join(first.releases)}: change it, waive it in "
            f"{store.layout.notes}, or release a major version: contract release {major}.0.0"
        )
    return (
        f"{first.name}{more} breaks deployed clients of {', '.join(first.releases)}; "
        f"if that is meant, say so: contract release {major}.0.0"
    )
