"""A release in a checkout of the contracts repository: are its bytes those that were released?

Standard library only.
"""

import hashlib
import json
import re
from pathlib import Path

from contract.document import Document, Json

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
CHECKSUM = re.compile(r"([0-9a-f]{64}) [ *]([^/\\\s]+)")


class Refused(Exception):
    """One line that says what to do."""


def verified(releases: Path, version: str) -> bytes:
    """Return a release whose bytes are those that SHA256SUMS lists."""
    if not VERSION.fullmatch(version):
        raise Refused(f"{version!r} is not a version such as 1.3.0; there is {known(releases)}")
    release = releases / f"{version}.json"
    if not release.is_file():
        raise Refused(f"no release {version} in {releases}; there is {known(releases)}")
    content, wanted = release.read_bytes(), checksum(releases / "SHA256SUMS", release)
    if digest(content) != wanted:
        raise Refused(f"{release} {alteration(content, wanted)}; restore it from git")
    says = Document(parse(content, release)).version
    if says != version:
        raise Refused(f"{release} says that it is {says}")
    return content


def checksum(sums: Path, release: Path) -> str:
    """Return the only checksum that is listed for a release."""
    if not sums.is_file():
        raise Refused(f"{sums} is missing: nothing tells whether {release.name} was altered")
    content = sums.read_bytes()
    if b"\r" in content or content.startswith(b"\xef\xbb\xbf"):
        what = "CRLF line ends" if b"\r" in content else "a byte order mark"
        raise Refused(f"{sums} has {what}: check it out again as it was committed, with LF")
    lines = [line for line in content.decode(errors="replace").split("\n") if line.strip()]
    matches = [CHECKSUM.fullmatch(line) for line in lines]
    for line, match in zip(lines, matches, strict=True):
        if not match:
            raise Refused(f"{sums} has a line that is no checksum and file: {line[:40]!r}")
    found = [match[1] for match in matches if match and match[2] == release.name]
    if len(found) != 1:
        raise Refused(f"{sums} lists {release.name} {len(found)} times, which has to be once")
    return found[0]


def alteration(content: bytes, wanted: str) -> str:
    """Say how a file differs from what was released."""
    bare = content.removeprefix(b"\xef\xbb\xbf")
    if digest(bare) == wanted:
        return "has a byte order mark that was not released"
    if digest(bare.replace(b"\r\n", b"\n")) == wanted:
        return "has CRLF line ends, released with LF"
    return "was changed after its release: its checksum is not the one in SHA256SUMS"


def digest(content: bytes) -> str:
    """Return SHA-256, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def parse(content: bytes, path: Path) -> Json:
    """Return a document from its bytes."""
    try:
        raw = json.loads(content)
    except ValueError as error:
        raise Refused(f"{path} is not JSON: {error}") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("info"), dict):
        raise Refused(f"{path} is not an OpenAPI document")
    if not VERSION.fullmatch(str(raw["info"].get("version"))):
        raise Refused(f"{path} has no `info.version` such as 1.3.0")
    return raw


def known(releases: Path) -> str:
    """Return the versions of a folder of releases, oldest first."""
    found = (path.stem for path in releases.glob("*.json"))
    versions = sorted((one for one in found if VERSION.fullmatch(one)), key=version_key)
    return ", ".join(versions) or "none"


def version_key(version: str) -> tuple[int, ...]:
    """Return the sort key of a version: 1.10.0 comes after 1.9.0."""
    return tuple(map(int, version.split(".")))
