"""Tells from a name where a document is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from contract.openapi.document import Document, DocumentError, load
from contract.sources import git, web
from contract.sources.source import MOST_BYTES

STANDARD_INPUT = "-"
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_REVISION = re.compile(r"([^:]*):(.+)", re.DOTALL)


def read(name: str) -> Document:
    """The document that a name means: an address, `-`, a file, or `REVISION:FILE`; raises DocumentError."""
    if _ADDRESS.match(name):
        return web.document(name)
    if name == STANDARD_INPUT:
        return load(Path("standard input"), _standard_input)
    revision = _REVISION.fullmatch(name)
    if revision and not Path(name).exists():
        return git.document(*revision.groups())
    return load(Path(name))


def folder_of(name: str) -> Path:
    """The folder in which the configuration of a document is looked for first."""
    return Path(name).parent if Path(name).is_file() else Path()


def _standard_input(path: Path) -> bytes:
    """Standard input for the document itself. What it refers to are files, from the current folder on."""
    if path != Path("standard input"):
        return path.read_bytes()
    found = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise DocumentError(f"standard input: is larger than {MOST_BYTES:,} bytes")
    return found
