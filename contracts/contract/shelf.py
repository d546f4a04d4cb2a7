"""The folder of a contract: its draft, its releases and their checksums, its changelog, its notes for the next one."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.document import Document, DocumentError, load

Version = tuple[int, int, int]
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_WAIVER = re.compile(r"^-\s+`([^`]+)`\s*:\s*(.*)$")
EMPTY_NOTES = """# Notes for the next release

What a reader of the changelog should know beyond the differences, if anything.

## Waived

<!-- One line for each difference that is accepted although it stops a release:
- `name that contract check prints`: the reason
-->
"""


def parse_version(text: str) -> Version:
    """`1.2.3` as numbers; raises DocumentError."""
    match = _VERSION.fullmatch(text)
    if not match:
        raise DocumentError(f"{text!r} is not a version such as 1.2.3")
    return (int(match[1]), int(match[2]), int(match[3]))


def say(version: Version) -> str:
    """A version as text."""
    return ".".join(map(str, version))


@dataclass(frozen=True)
class Shelf:
    """Everything is read from and written below one folder."""

    root: Path

    @property
    def draft(self) -> Path:
        """The document of the next release."""
        return self.root / "openapi.json"

    @property
    def changelog(self) -> Path:
        """Keep a Changelog 1.1."""
        return self.root / "CHANGELOG.md"

    @property
    def notes(self) -> Path:
        """Free words and waivers for the next release."""
        return self.root / "NEXT.md"

    @property
    def sums(self) -> Path:
        """In the form that `sha256sum --check` reads, from within `releases/`."""
        return self.root / "releases" / "SHA256SUMS"

    def versions(self) -> list[Version]:
        """What was released, oldest first."""
        names = (path.stem for path in (self.root / "releases").glob("*.json"))
        return sorted(parse_version(name) for name in names if _VERSION.fullmatch(name))

    def latest(self) -> Version | None:
        """The newest release; None before the first."""
        return self.versions()[-1] if self.versions() else None

    def path(self, version: Version) -> Path:
        """Where a release is."""
        return self.root / "releases" / f"{say(version)}.json"

    def release(self, version: Version) -> Document:
        """A frozen document."""
        return load(self.path(version))

    def find(self, name: str) -> Path:
        """A release by its version, or any file by its path; raises DocumentError."""
        if _VERSION.fullmatch(name):
            path = self.path(parse_version(name))
            known = ", ".join(map(say, self.versions())) or "none yet"
            if not path.exists():
                raise DocumentError(f"there is no release {name}; there are: {known}")
            return path
        return Path(name)

    def checksums(self) -> dict[str, str]:
        """The recorded checksum of each file."""
        if not self.sums.exists():
            return {}
        lines = (line.split(maxsplit=1) for line in self.sums.read_text().splitlines() if line.strip())
        return {name.strip().lstrip("*"): digest for digest, name in lines}

    def altered(self) -> list[str]:
        """What is wrong with the frozen files, each in one sentence."""
        known = self.checksums()
        found = {path.name: path for path in sorted((self.root / "releases").glob("*.json"))}
        problems = [f"releases/{name} is recorded but missing" for name in known if name not in found]
        for name, path in found.items():
            if name not in known:
                problems.append(f"releases/{name} has no recorded checksum")
            elif digest(path) != known[name]:
                problems.append(f"releases/{name} was changed after its release")
        return problems

    def record(self, path: Path) -> None:
        """Append the checksum of a frozen file."""
        with self.sums.open("a") as sums:
            sums.write(f"{digest(path)}  {path.name}\n")

    def waivers(self) -> dict[str, str]:
        """Names of differences that are accepted, each with its reason; raises DocumentError for one without."""
        if not self.notes.exists():
            return {}
        text = re.sub(r"<!--.*?-->", "", self.notes.read_text(encoding="utf-8"), flags=re.DOTALL)
        found = {}
        for match in filter(None, map(_WAIVER.match, text.splitlines())):
            if not match[2].strip():
                raise DocumentError(f"{self.notes.name}: the waiver `{match[1]}` has no reason")
            found[match[1]] = match[2].strip()
        return found

    def words(self) -> str:
        """The free words of the notes; empty when nobody wrote any."""
        if not self.notes.exists():
            return ""
        text = re.sub(r"<!--.*?-->", "", self.notes.read_text(encoding="utf-8"), flags=re.DOTALL)
        body = text.partition("## Waived")[0].partition("\n")[2].strip()
        return "" if body in EMPTY_NOTES else body


def digest(path: Path) -> str:
    """SHA-256, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def dump(data: Any) -> str:
    """How a document is written, so that a difference of two files is a difference of two documents."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
