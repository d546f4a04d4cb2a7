"""What a difference is worth in a version (Semantic Versioning 2.0.0)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from contract.compare import compare
from contract.findings.difference import Notice
from contract.findings.edits import edits
from contract.findings.finding import Finding, Verdict, Witness, tell_apart
from contract.openapi.document import Document, DocumentError, load
from contract.openapi.lifecycle import is_unpromised
from contract.openapi.lifecycle import today as now
from contract.release.announced import take_out
from contract.release.store import ReleaseStore, Version, format_version, parse_version
from contract.settings.policy import Policy

FIRST: Version = (1, 0, 0)
_USUAL = Policy()
# Verdicts that need at least a minor version.
TOLD = (Verdict.WIRE, Verdict.UNPROVEN, Verdict.SOURCE, Verdict.COMPATIBLE)
# Removals that need an announcement within a major, even where nothing fails on the wire.
REMOVALS = frozenset({"operation-removed", "parameter-removed", "header-removed", "field-removed"})


@dataclass(frozen=True)
class Plan:
    """The draft's differences to the releases of its major, and the version that they need (None: no difference).

    `latest` is the release that the draft follows; None before the first.
    """

    draft: Document
    latest: Version | None
    findings: list[Finding]
    version: Version | None
    stale: tuple[str, ...] = ()
    # Why a removal is not allowed yet, one sentence each.
    refusals: list[str] = field(default_factory=list)
    # What a later release of the major would break for clients of this one, one sentence each.
    broken_by: list[str] = field(default_factory=list)
    # What to do about a draft that breaks, and began as an older release than it follows.
    outdated: str = ""


def plan(store: ReleaseStore, today: dt.date | None = None, wanted: Version | None = None) -> Plan:
    """Judge the draft and apply the waivers. `today` is a day in UTC; it decides which removals are due.

    Without a `wanted` version the draft follows the newest release of the major that it names in `info.version`. With
    one it follows the release before that, and what is released after that in its major has to be compatible with it.
    """
    if altered := store.altered():
        more = f" (and {len(altered) - 1} more)" if altered[1:] else ""
        raise DocumentError(
            f"{altered[0]}{more}; a release is never changed: restore {store.layout.releases}/ from git"
        )
    draft, day = load(store.draft), today or now()
    latest = _before(store.versions(), draft, wanted)
    if latest is None:
        return Plan(draft, None, [], FIRST)
    versions = [version for version in store.versions() if version[0] == latest[0] and version <= latest]
    _same_api(store.release(latest), draft)
    same = is_same(store.release(latest).data, draft.data)
    findings, refusals = judge(store, versions, draft, day)
    stale = _waive(store, findings, store.waivers(), day)
    findings = [finding for finding in findings if not _is_settled(finding, latest)]
    broken_by = _broken_by_later(store, wanted, day) if wanted else []
    version = _next(store.versions(), latest, findings, same)
    outdated = _outdated(store.versions(), draft, latest, wanted, findings)
    return Plan(draft, latest, findings, version, stale, refusals, broken_by, outdated)


def _same_api(released: Document, draft: Document) -> None:
    """Refuse a draft of another API, which nobody could pin. Raises DocumentError."""
    old, new = ((document.data.get("info") or {}).get("title") for document in (released, draft))
    if old != new:
        advice = "another title is another API, in a repository of its own"
        raise DocumentError(f"info.title of the draft is {new!r}, of the releases {old!r}: {advice}")


def _before(versions: Sequence[Version], draft: Document, wanted: Version | None) -> Version | None:
    """The release that a draft follows."""
    if wanted:
        return max((version for version in versions if version < wanted), default=max(versions, default=None))
    named = follows(draft.data)
    of_major = [version for version in versions if named and version[0] == named[0]]
    return max(of_major or versions, default=None)


def follows(draft: dict[str, Any]) -> Version | None:
    """The release that a draft says it began as; None if it names none."""
    try:
        return parse_version(str(draft.get("info", {}).get("version")))
    except DocumentError:
        return None


def _outdated(
    versions: Sequence[Version], draft: Document, latest: Version, wanted: Version | None, findings: Sequence[Finding]
) -> str:
    named = follows(draft.data)
    if not named or named not in versions or named >= latest or not any(one.stops for one in findings):
        return ""
    advice = f"the draft began as {format_version(named)}, the newest is {format_version(latest)}: pin it first"
    if wanted and wanted[:2] == named[:2]:
        return advice
    patch = max(version for version in versions if version[:2] == named[:2])[2] + 1
    hotfix = format_version((*named[:2], patch))
    return f"{advice}, and propose again; a hotfix says so: contract release {hotfix}"


def _broken_by_later(store: ReleaseStore, wanted: Version, today: dt.date) -> list[str]:
    found = []
    for version in store.versions():
        if version[0] == wanted[0] and version > wanted:
            draft = [(format_version(wanted), load(store.draft))]
            findings, _ = judge_releases(draft, store.release(version), today, True, store.configuration.policy)
            _waive(store, findings, {}, today)
            found += [
                f"{format_version(version)} breaks clients of {format_version(wanted)}: {finding.name} ({finding.text})"
                for finding in findings
                if finding.stops
            ]
    return found


def judge(
    store: ReleaseStore, versions: Sequence[Version], new: Document, today: dt.date, frozen: bool = False
) -> tuple[list[Finding], list[str]]:
    """`judge_releases` for releases by their versions, oldest first."""
    releases = [(format_version(version), store.release(version)) for version in versions]
    return judge_releases(releases, new, today, frozen, store.configuration.policy)


def judge_releases(
    releases: Sequence[tuple[str, Document]],
    new: Document,
    today: dt.date,
    frozen: bool = False,
    policy: Policy = _USUAL,
) -> tuple[list[Finding], list[str]]:
    """All differences to the newest of these releases of one major, and those that break an older one, without removals
    that were announced in time. Also why other removals are not allowed yet. `frozen`: `new` is a release itself.
    Changes these documents.
    """
    removals = take_out(releases, new, today)
    newest = releases[-1][0]
    findings = [removal.finding for removal in removals if removal.due and removal.last == newest]
    for version, document in reversed(releases):
        for finding in compare(document, new, relaxations=version == newest):
            if version == newest and not frozen:
                _unannounced(document, finding)
            if finding.rule == "sunset" and (frozen or version != newest):
                continue  # An announcement is judged once, when it is made.
            policy.grade([finding])
            _add(findings, finding, version, version == newest)
    order = list(Verdict)
    findings.sort(key=lambda finding: order.index(finding.verdict))
    refused = [removal.refusal(today) for removal in removals if removal.last == newest]
    return findings, list(dict.fromkeys(filter(None, refused)))


def _unannounced(old: Document, finding: Finding) -> None:
    """Stop removals, as `old` no longer has what was announced in time; and announcements of a day that is over."""
    if finding.rule == "sunset" and finding.verdict is Verdict.SOURCE:
        finding.verdict = Verdict.UNPROVEN
    if finding.verdict is Verdict.SOURCE and finding.rule == "read-only":
        # OpenAPI says that it should not be sent: those who rely on it need not be right, and lose it all the same.
        finding.verdict = Verdict.UNPROVEN
    if finding.verdict is not Verdict.SOURCE or finding.rule not in REMOVALS:
        return
    operation = next((one for one in old.operations() if one.name == finding.place.operation), None)
    if finding.rule == "operation-removed" and operation and is_unpromised(operation.data):
        return
    finding.notice = Notice(given=False)
    finding.verdict = Verdict.UNPROVEN
    if finding.rule == "operation-removed":
        finding.verdict, finding.witness = Verdict.WIRE, Witness(finding.place.operation)


def _add(findings: list[Finding], finding: Finding, version: str, newest: bool) -> None:
    """Add a finding, or its release to a finding with the same identity. Older releases add only what breaks them."""
    if not finding.stops:
        if newest:
            findings.append(finding)
        return
    stopping = (one for one in findings if one.stops and version not in one.releases)
    twins = [one for one in stopping if one.identity == finding.identity]
    if twins:
        same = next((one for one in twins if (one.before, one.after) == (finding.before, finding.after)), twins[0])
        same.releases.insert(0, version)
        same.touches = list(dict.fromkeys([*same.touches, *finding.touches]))
    else:
        finding.releases = [version]
        findings.append(finding)


def _waive(store: ReleaseStore, findings: list[Finding], waivers: dict[str, str], today: dt.date) -> tuple[str, ...]:
    """Apply these waivers, those of earlier releases to what broke then, and those of the configuration.

    A waiver of the finding that is shown for an edit holds for all of it. Return the names that match nothing.
    """
    before = store.waived_before()
    stopping = [finding for finding in findings if finding.stops]
    tell_apart(stopping)
    for edit in edits(stopping):
        for finding in edit:
            newest = max(map(parse_version, finding.releases))
            own = (waivers[name] for name in (*finding.names, *edit[0].names) if name in waivers)
            old = (reason for version, name, reason in before if name in finding.names and newest < version)
            finding.waiver = next(own, "") or next(old, "")
    used = {name for finding in findings if finding.waiver for name in finding.names}
    store.configuration.policy.waive(findings, today)
    return tuple(name for name in waivers if name not in used)


def _is_settled(finding: Finding, latest: Version) -> bool:
    """Whether it was waived in an earlier release: it breaks only those before that one, and is no news."""
    return bool(finding.waiver and finding.releases) and format_version(latest) not in finding.releases


def between(store: ReleaseStore, old: str, new: str) -> list[Finding] | None:
    """What a release changes for clients of an older one of its major, without removals that were announced in between.

    None when the two names are not such a pair.
    """
    known = {format_version(version): version for version in store.versions()}
    if old not in known or new not in known or not known[old] < known[new] or known[old][0] != known[new][0]:
        return None
    versions = [version for version in known.values() if version[0] == known[old][0] and version < known[new]]
    document = store.release(known[old])
    releases = [(format_version(one), document if one == known[old] else store.release(one)) for one in versions]
    removals = take_out(releases, store.release(known[new]), now())
    findings = [removal.finding for removal in removals if removal.due and old in removal.held]
    return findings + [one for one in compare(document, store.release(known[new])) if one.rule != "sunset"]


def broken_pairs(store: ReleaseStore, today: dt.date | None = None) -> list[str]:
    """Each break between two releases of a major that was neither announced nor waived, as a sentence."""
    found, versions = [], store.versions()
    for index, version in enumerate(versions):
        older = [one for one in versions[:index] if one[0] == version[0]]
        if older:
            findings, _ = judge(store, older, store.release(version), today or now(), frozen=True)
            _waive(store, findings, {}, today or now())
            found += [
                f"{format_version(version)} breaks {', '.join(finding.releases)}: {finding.name} ({finding.text})"
                for finding in findings
                if finding.stops
            ]
    return found


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two documents differ in nothing but their version."""
    return _without_version(one) == _without_version(other)


def _without_version(data: dict[str, Any]) -> str:
    """A document as text, because 1 equals true in Python and not in JSON."""
    return json.dumps({**data, "info": {**data.get("info", {}), "version": ""}}, sort_keys=True)


def _next(versions: Sequence[Version], latest: Version, findings: Sequence[Finding], same: bool) -> Version | None:
    major, minor, patch = latest
    if same:
        return None
    if any(finding.stops and finding.verdict is Verdict.WIRE for finding in findings):
        return (max(versions)[0] + 1, 0, 0)
    return (major, minor + 1, 0) if any(finding.verdict in TOLD for finding in findings) else (major, minor, patch + 1)
