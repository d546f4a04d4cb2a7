"""The folder of a contract: its draft, its releases and their checksums, its changelog, its notes for the next one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.openapi.document import Document, DocumentError, load
from contract.openapi.reading import parse
from contract.settings.configuration import Configuration
from contract.settings.layout import Layout

Version = tuple[int, int, int]
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
_WAIVER = re.compile(r"^\s*[-*]\s+`([^`]+)`\s*:\s*(.*)$")
_CHECKSUM = re.compile(r"([0-9a-f]{64}) [ *]([^/\\\s]+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLACEHOLDER = "What a reader of the changelog should know beyond the differences, if anything."
EMPTY_NOTES = f"""# Notes for the next release

{_PLACEHOLDER}

## Waived

<!-- One line for each difference that is accepted although it stops a release:
- `name that contract check prints`: the reason
-->
"""
WAIVED = """# Waived

Differences that stopped a release and were accepted, by the release that brought them. Later drafts are held against
the same releases, and find them again.
"""


def parse_version(text: str) -> Version:
    """`1.2.3` as numbers; raises DocumentError."""
    match = _VERSION.fullmatch(text)
    if not match:
        raise DocumentError(f"{text!r} is not a version such as 1.2.3")
    return (int(match[1]), int(match[2]), int(match[3]))


def format_version(version: Version) -> str:
    """A version as text."""
    return ".".join(map(str, version))


def is_version(text: str) -> bool:
    """Whether a text is a version such as 1.2.3."""
    return bool(_VERSION.fullmatch(text))


@dataclass(frozen=True)
class ReleaseStore:
    """The files of one contract, below one folder. A release is a file that SHA256SUMS lists.

    `document` is another draft than that of the next release: of a hotfix, or of an older major.
    """

    root: Path
    document: Path | None = None
    configuration: Configuration = field(default_factory=Configuration)

    @property
    def layout(self) -> Layout:
        """Where the files are below the folder."""
        return self.configuration.layout

    @property
    def folder(self) -> Path:
        """Where the releases are."""
        return self.root / self.layout.releases

    @property
    def draft(self) -> Path:
        """The document of the next release."""
        return self.document or self.root / self.layout.draft

    @property
    def changelog(self) -> Path:
        """Keep a Changelog 1.1."""
        return self.root / self.layout.changelog

    @property
    def notes(self) -> Path:
        """Notes and waivers for the next release; those of another draft lie beside it, with its name."""
        return self.document.with_suffix(".md") if self.document else self.root / self.layout.notes

    @property
    def sums(self) -> Path:
        """In the form that `sha256sum --check` reads, from within the folder of the releases."""
        return self.folder / "SHA256SUMS"

    @property
    def waived(self) -> Path:
        """The waivers of earlier releases."""
        return self.folder / "WAIVED.md"

    def versions(self) -> list[Version]:
        """What was released, oldest first; raises DocumentError."""
        names = [name.removesuffix(".json") for name in self.checksums() if name.endswith(".json")]
        return sorted(parse_version(name) for name in names if _VERSION.fullmatch(name))

    def latest(self) -> Version | None:
        """The newest release; None before the first."""
        return max(self.versions(), default=None)

    def path(self, version: Version) -> Path:
        """Where a release is."""
        return self.folder / f"{format_version(version)}.json"

    def release(self, version: Version) -> Document:
        """A frozen document, read anew."""
        return load(self.path(version))

    def find(self, name: str) -> Path:
        """The file of a release, by its version; raises DocumentError."""
        path = self.path(parse_version(name))
        known = ", ".join(map(format_version, self.versions())) or "none yet"
        if not path.exists():
            raise DocumentError(f"there is no release {name}; there are: {known}")
        return path

    def checksums(self) -> dict[str, str]:
        """The recorded checksum of each file; raises DocumentError for a line that is none, or a file listed twice."""
        found: dict[str, str] = {}
        for number, line in enumerate(_read(self.sums).splitlines(), 1):
            match = _CHECKSUM.fullmatch(line)
            if not match and not line.strip():
                continue
            where = f"{self.sums}, line {number}"
            if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
                raise DocumentError(f"{where}: an unresolved merge of two releases: run contract release --again")
            if not match:
                raise DocumentError(f"{where} is not a checksum and a file; restore it from git")
            if match[2] in found:
                raise DocumentError(f"{where} lists {match[2]} again; restore it from git")
            found[match[2]] = match[1]
        return found

    def tag(self, version: Version) -> str:
        """The name of a release's tag in git."""
        return self.layout.tag.replace("{version}", format_version(version))

    def altered(self) -> list[str]:
        """What is wrong with the frozen files, each in one sentence."""
        known = self.checksums()
        found = {path.name: path for path in sorted(self.folder.glob("*.json"))}
        problems = [f"{self.layout.releases}/{name} is recorded but missing" for name in known if name not in found]
        for name, path in found.items():
            if name not in known:
                problems.append(f"{self.layout.releases}/{name} has no recorded checksum")
            elif digest(path) != known[name]:
                problems.append(f"{self.layout.releases}/{name} was changed after its release")
        return problems

    def record(self, path: Path) -> None:
        """Add the checksum of a frozen file, which makes it a release."""
        lines = [line for line in _read(self.sums).splitlines() if line.strip()]
        write(self.sums, "\n".join([*lines, f"{digest(path)}  {path.name}", ""]))

    def waivers(self) -> dict[str, str]:
        """Names of differences that are accepted, each with its reason; raises DocumentError for one without."""
        return _waivers(self.notes)

    def waived_before(self) -> list[tuple[Version, str, str]]:
        """The waivers of earlier releases: which release needed it, its name, its reason; raises DocumentError."""
        found, version = [], (0, 0, 0)
        for line in _read(self.waived).splitlines():
            if line.startswith("## "):
                version = parse_version(line[3:].strip())
            elif match := _WAIVER.match(line):
                found.append((version, match[1], match[2].strip()))
        return found

    def remember(self, version: Version, used: dict[str, str]) -> None:
        """Record the waivers that a release needed. Those that are recorded already are not repeated."""
        known = {(one, name) for one, name, _ in self.waived_before()}
        lines = [f"- `{name}`: {reason}" for name, reason in used.items() if (version, name) not in known]
        if lines:
            before = _read(self.waived) or WAIVED
            write(self.waived, "\n".join([before.rstrip(), "", f"## {format_version(version)}", "", *lines, ""]))

    def words(self) -> str:
        """The notes without the waivers; empty if nobody wrote any."""
        text = _COMMENT.sub("", _read(self.notes)).replace(_PLACEHOLDER, "")
        lines = [line for line in text.splitlines() if not _WAIVER.match(line) and line.strip() != "## Waived"]
        if lines and lines[0].startswith("# "):
            del lines[0]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _waivers(path: Path) -> dict[str, str]:
    text = _COMMENT.sub("", _read(path))
    found = {}
    for match in filter(None, map(_WAIVER.match, text.splitlines())):
        if not match[2].strip():
            raise DocumentError(f"{path.name}: the waiver `{match[1]}` has no reason")
        found[match[1]] = match[2].strip()
    return found


def _read(path: Path) -> str:
    """The text of a file, empty when there is none; raises DocumentError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from error


def digest(path: Path) -> str:
    """SHA-256, as hexadecimal digits; raises DocumentError."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from error


def write(path: Path, text: str) -> None:
    """Replace a file atomically; raises DocumentError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from error


def with_version(path: Path, version: str, data: Any) -> str:
    """The text of a draft with another version. JSON is laid out anew; in YAML only the version's line is changed.

    Raises DocumentError where that line cannot be told.
    """
    if path.suffix not in (".yaml", ".yml"):
        return dump(data)
    text = _read(path)
    changed = _VERSION_LINE.sub(lambda match: f"{match[1]}{version}{match[3]}", text, count=1)
    with tempfile.TemporaryDirectory(prefix="contract-") as folder:
        copy = Path(folder) / path.name
        copy.write_text(changed, encoding="utf-8")
        if parse(copy) != data:
            raise DocumentError(f"{path}: write info.version on a line of its own, or write {version} there yourself")
    return changed


_VERSION_LINE = re.compile(r"""(^info:(?:\n[ #].*|\n)*?\n +version: *["']?)([^"'\s#]+)(["']?)""", re.MULTILINE)


def dump(data: Any) -> str:
    """A document as JSON text, always in the same layout."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
