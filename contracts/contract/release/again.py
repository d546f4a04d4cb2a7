"""Releases the other branch's changes again, in a git merge of two branches that both released.

What is published stays, byte for byte. Everything is read from the two commits that are merged, not from the files with
conflicts.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contract.openapi.document import DocumentError, load
from contract.release.changelog import KINDS, sections
from contract.release.merge import three_way
from contract.release.plan import follows, is_same
from contract.release.release import release
from contract.release.store import EMPTY_NOTES, ReleaseStore, Version, dump, format_version, parse_version, write

# Where what is published usually is. Local branches count only where there is no remote.
REMOTE = ("origin/HEAD", "origin/main", "origin/master")
LOCAL = ("main", "master")
# What git writes while two commits are merged. In the latter two the commit is applied with its changes alone.
_MERGE, _APPLIED = "MERGE_HEAD", ("REBASE_HEAD", "CHERRY_PICK_HEAD")


@dataclass(frozen=True)
class Again:
    """What was done: the commit that is published, and each version of the other branch with its new one.

    A new version is empty if the published releases have its changes already.
    """

    published: str
    moved: list[tuple[str, str]]


@dataclass(frozen=True)
class _Branches:
    """Three states of the folder: where the branches began, what is published, and the other branch."""

    base: ReleaseStore
    published: ReleaseStore
    other: ReleaseStore


def release_again(store: ReleaseStore, onto: str | None = None, today: dt.date | None = None) -> Again:
    """Resolve the files of a merge, and stage them; raises DocumentError, and then changes nothing.

    `store.document` is a document written by hand that replaces the merged draft, where both changed the same place.
    """
    published, other, base = _commits(store.root, onto)
    with tempfile.TemporaryDirectory(prefix="contract-") as folder:
        names = ("base", "published", "other", "result")
        stores = {name: replace(store, root=Path(folder) / name, document=None) for name in names}
        for name, commit in (("base", base), ("published", published), ("other", other), ("result", published)):
            _export(store.root, commit, stores[name])
        branches = _Branches(stores["base"], stores["published"], stores["other"])
        new = _unpublished(branches)
        moved = _release_each(branches, stores["result"], new, store.document, today)
        _merge_draft(branches, stores["result"], store.document, moved)
        _merge_notes(branches, stores["result"])
        _bring(stores["result"].root, store, new)
    files = [name for name in _files(store) if (store.root / name).exists()]
    _git(store.root, "add", "--all", "--", store.layout.releases, *files)
    named = _git(store.root, "name-rev", "--name-only", "--no-undefined", published, check=False) or published[:12]
    return Again(named, moved)


def _commits(root: Path, onto: str | None) -> tuple[str, str, str]:
    """The commits: published, the other, where they began (empty if nowhere)."""
    ours = _git(root, "rev-parse", "HEAD")
    theirs = _commit(root, _MERGE)
    if theirs:
        base = _git(root, "merge-base", ours, theirs, check=False).partition("\n")[0]
    else:
        theirs = next(filter(None, (_commit(root, name) for name in _APPLIED)), "")
        base = _commit(root, f"{theirs}^") if theirs else ""
    if not theirs:
        raise DocumentError("release --again works within a git merge or rebase of two branches; there is none")
    known = [onto] if onto else REMOTE
    if onto and not _commit(root, onto):
        raise DocumentError(f"--onto {onto}: git knows no such commit")
    for names in (known, LOCAL):
        there = [_is_in(root, commit, names) for commit in (ours, theirs)]
        if any(there):
            return (ours, theirs, base) if there[0] else (theirs, ours, base)
    return ours, theirs, base


def _is_in(root: Path, commit: str, names: tuple[str, ...] | list[str]) -> bool:
    known = [name for name in names if _commit(root, name)]
    return any(not _run(root, "merge-base", "--is-ancestor", commit, name).returncode for name in known)


def _commit(root: Path, name: str) -> str:
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", check=False)


def _files(store: ReleaseStore) -> tuple[str, str, str]:
    """The files beside the releases."""
    return store.layout.draft, store.layout.changelog, store.layout.notes


def _export(root: Path, commit: str, to: ReleaseStore) -> None:
    """Write the contract's files of a commit, byte for byte."""
    to.folder.mkdir(parents=True)
    names = (f"{to.layout.releases}/", *_files(to))
    listed = _git(root, "ls-tree", "--name-only", "-z", commit, "--", *names) if commit else ""
    for name in filter(None, listed.split("\0")):
        (to.root / name).parent.mkdir(parents=True, exist_ok=True)
        (to.root / name).write_bytes(_run(root, "cat-file", "blob", f"{commit}:./{name}").stdout)


def _unpublished(branches: _Branches) -> list[Version]:
    """The releases of the other branch that are not published, oldest first."""
    there, here = branches.other.checksums(), branches.published.checksums()
    for store in (branches.published, branches.other):
        if altered := store.altered():
            raise DocumentError(f"{altered[0]}, in one of the two commits: restore it there first")
    return [one for one in branches.other.versions() if here.get(name := store_name(one)) != there[name]]


def store_name(version: Version) -> str:
    """The file of a release."""
    return f"{format_version(version)}.json"


def _release_each(
    branches: _Branches, result: ReleaseStore, new: list[Version], resolved: Path | None, today: dt.date | None
) -> list[tuple[str, str]]:
    moved = []
    rounds = [new[-1:]] if resolved else [[one] for one in new]
    for versions in filter(None, rounds):
        version = versions[-1]
        before = max((one for one in branches.other.versions() if one < version and one not in versions), default=None)
        place = _place(branches.other, result, version, before, new)
        draft = replace(result, document=result.root / "again.json")
        document = load(resolved).data if resolved else _merged(branches.other, result, version, before, place.after)
        if place.after and is_same(document, result.release(place.after).data):
            moved.append((format_version(version), ""))
            continue
        write(draft.draft, dump(document))
        write(draft.notes, _notes(branches.other, new if resolved else versions))
        made, _ = release(draft, place.wanted, today)
        moved += [(format_version(one), format_version(made)) for one in (new if resolved else versions)]
    return moved


@dataclass(frozen=True)
class _Place:
    """The release that one follows when it is released again, and its version if that is not computed."""

    after: Version | None
    wanted: str | None


def _place(
    other: ReleaseStore, result: ReleaseStore, version: Version, before: Version | None, new: list[Version]
) -> _Place:
    """A major stays a major, a hotfix a hotfix; anything else follows the newest release of its major."""
    versions = result.versions()
    if before is None or not versions:
        return _Place(max(versions, default=None), None)
    if version[0] > before[0]:
        major = version[0] if version[0] > versions[-1][0] else versions[-1][0] + 1
        return _Place(versions[-1], f"{major}.0.0")
    later = [one for one in other.versions() if one > version and one[0] == version[0] and one not in new]
    line = [one for one in versions if one[0] == version[0] and (not later or one < min(later))]
    after = max(line, default=versions[-1])
    if after == before and version not in versions:
        return _Place(after, format_version(version))
    return _Place(after, format_version((*after[:2], after[2] + 1)) if later else None)


def _merged(
    other: ReleaseStore, result: ReleaseStore, version: Version, before: Version | None, after: Version | None
) -> dict[str, Any]:
    base = other.release(before).data if before else {}
    onto = result.release(after).data if after else {}
    return _merge(base, other.release(version).data, onto, f"{format_version(version)} of the other branch")


def _merge(base: dict[str, Any], other: dict[str, Any], published: dict[str, Any], name: str) -> dict[str, Any]:
    """Both sides' changes; the version is that of the published document. Raises DocumentError."""
    number = published.get("info", {}).get("version")
    began, theirs = (
        {**one, "info": {**one.get("info", {}), "version": number}} if one else {} for one in (base, other)
    )
    merged: dict[str, Any]
    merged, conflicts = three_way(began, theirs, published)
    if conflicts:
        more = f" and {len(conflicts) - 3} more" if conflicts[3:] else ""
        raise DocumentError(
            f"{name} and what is published changed {', '.join(conflicts[:3])}{more}: write the document as it shall be "
            "into a file, and name it: contract release --again --draft FILE"
        )
    return merged


def _merge_draft(
    branches: _Branches, result: ReleaseStore, resolved: Path | None, moved: list[tuple[str, str]]
) -> None:
    """The draft with what both branches wrote there; the newest release itself if that is all."""
    stores = (branches.base, branches.other, branches.published)
    base, other, published = (load(one.draft).data if one.draft.exists() else {} for one in stores)
    draft = load(resolved).data if resolved else _merge(base, other, published, "the draft of the other branch")
    named = [*map(follows, (other, published)), *(parse_version(made) for _, made in moved if made)]
    major = max((version[0] for version in named if version), default=0)
    newest = [version for version in result.versions() if version[0] == major]
    if newest:
        draft = {**draft, "info": {**draft.get("info", {}), "version": format_version(newest[-1])}}
    write(result.draft, dump(draft))


def _merge_notes(branches: _Branches, result: ReleaseStore) -> None:
    """The notes of the next release: of the branch that changed them. A release empties them."""
    stores = (branches.base, branches.other, branches.published)
    base, other, published = (one.notes.read_text("utf-8") if one.notes.exists() else "" for one in stores)
    if other == base:
        return
    if published in (base, EMPTY_NOTES):
        write(result.notes, other or EMPTY_NOTES)
    elif other not in (published, EMPTY_NOTES):
        raise DocumentError(
            f"both branches changed {result.layout.notes}: empty it in one of them, commit, and merge again"
        )


def _notes(other: ReleaseStore, versions: list[Version]) -> str:
    """The notes that these releases had: their words in the changelog, and their waivers."""
    told = sections(other.changelog.read_text("utf-8") if other.changelog.exists() else "")
    words = [_words(told.get(format_version(version), "")) for version in versions]
    waivers = [f"- `{name}`: {reason}" for version, name, reason in other.waived_before() if version in versions]
    return "\n\n".join(filter(None, ["# Notes", *words, "## Waived" if waivers else "", "\n".join(waivers)])) + "\n"


def _words(section: str) -> str:
    """What a person wrote into a section: all before the lists of differences."""
    lines = section.rstrip().splitlines()[1:]
    end = len(lines)
    for index in range(len(lines) - 1, -1, -1):
        heading = re.fullmatch(r"### (\w+)", lines[index])
        if heading and heading[1] in KINDS:
            end = index
        elif lines[index].strip() and not lines[index].startswith("- "):
            break
    return "\n".join(lines[:end]).strip()


def _bring(result: Path, store: ReleaseStore, new: list[Version]) -> None:
    """Copy the result into the folder; releases of the other branch that have another version now go."""
    for version in new:
        store.path(version).unlink(missing_ok=True)
    for name in ("again.json", "again.md"):
        (result / name).unlink(missing_ok=True)
    for path in sorted(one for one in result.rglob("*") if one.is_file()):
        write(store.root / path.relative_to(result), path.read_bytes().decode())


def _git(root: Path, *arguments: str, check: bool = True) -> str:
    """What git prints, without blanks around it; a failure is its last line."""
    done = _run(root, *arguments)
    if done.returncode and not check:
        return ""
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"git {arguments[0]} failed"]
        raise DocumentError(f"release --again needs git: {said[-1]}")
    return done.stdout.decode(errors="replace").strip()


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=root, check=False, capture_output=True)  # noqa: S603, S607
    except FileNotFoundError as error:
        raise DocumentError("release --again needs git, and there is none") from error
