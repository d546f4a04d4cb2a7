"""A release of the contract: are its bytes those that were released? And a draft, which is none.

Standard library only.
"""

import hashlib
import json
import re
from typing import Any

from contract.refused import Refused
from contract.source import VERSION, Source

CHECKSUM = re.compile(r"([0-9a-f]{64}) [ *]([^/\\\s]+)")
SUMS = "SHA256SUMS"
# In `info` of a pin that was made from a draft.
DRAFT = "x-draft"

Json = dict[str, Any]


def verified(source: Source, version: str, sha256: str = "") -> bytes:
    """Return a release whose bytes are those that SHA256SUMS lists; raises Refused.

    They have `sha256` too, if it is given: it has to do where a server has no SHA256SUMS.
    """
    if not VERSION.fullmatch(version):
        raise Refused(f"{version!r} is not a version such as 1.3.0{known(source)}")
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Refused("--sha256 is not a SHA-256 of 64 hexadecimal digits, in small letters")
    name = f"{version}.json"
    content = source.read(name)
    if content is None:
        raise Refused(f"no release {version}{known(source)}")
    place = source.place(name)
    sums = source.read(SUMS)
    if sums is not None or not sha256:
        wanted = checksum(sums, name, source.place(SUMS))
        if digest(content) != wanted:
            raise Refused(f"{place} {alteration(content, wanted)}; restore it from git")
    if sha256 and digest(content) != sha256:
        raise Refused(f"{place} is not what --sha256 names: its checksum is {digest(content)}")
    says = version_of(parse(content, place), place)
    if says != version:
        raise Refused(f"{place} says that it is {says}")
    return content


def checksum(content: bytes | None, name: str, place: str) -> str:
    """Return the only checksum that is listed for a file."""
    if content is None:
        raise Refused(f"{place} is missing: nothing tells whether {name} was altered")
    if b"\r" in content or content.startswith(b"\xef\xbb\xbf"):
        what = "CRLF line ends" if b"\r" in content else "a byte order mark"
        raise Refused(f"{place} has {what}: check it out again as it was committed, with LF")
    lines = [line for line in content.decode(errors="replace").split("\n") if line.strip()]
    matches = [CHECKSUM.fullmatch(line) for line in lines]
    for line, match in zip(lines, matches, strict=True):
        if not match:
            raise Refused(f"{place} has a line that is no checksum and file: {line[:40]!r}")
    found = [match[1] for match in matches if match and match[2] == name]
    if len(found) != 1:
        raise Refused(f"{place} lists {name} {len(found)} times, which has to be once")
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


def parse(content: bytes, place: object) -> Json:
    """Return a document from its bytes; raises Refused."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{place} is not JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("info"), dict):
        raise Refused(f"{place} is not an OpenAPI document")
    return document


def version_of(document: Json, place: object) -> str:
    """Return the release that a document says it is; raises Refused."""
    version = document["info"].get("version")
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        raise Refused(f"{place} has no `info.version` such as 1.3.0")
    return version


def same_api(pinned: Json, document: Json) -> Json:
    """Return the document, if it is one of the pinned API; raises Refused."""
    ours, other = (one["info"].get("title") for one in (pinned, document))
    if ours != other:
        raise Refused(f"that is the contract of {other!r}, this repository's is {ours!r}")
    return document


def drafted(document: Json) -> Json:
    """Return a draft as it is pinned: marked, so that nobody takes it for a release."""
    return {**document, "info": {**document["info"], DRAFT: True}}


def is_draft(pinned: Json) -> bool:
    """Return whether a pin was made from a draft."""
    return DRAFT in pinned["info"]


def dump(document: Json) -> bytes:
    """Return how documents are written everywhere."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def known(source: Source) -> str:
    """Return what a message adds about the releases that there are."""
    found = source.versions()
    return "" if found is None else f"; there are {', '.join(found) or 'none'}"
