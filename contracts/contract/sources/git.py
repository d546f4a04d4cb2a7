"""Reads files of a revision, as `git show REVISION:FILE` does."""

from __future__ import annotations

import subprocess
from pathlib import Path

from contract.openapi.document import Document, DocumentError
from contract.sources.source import Source


def document(revision: str, file: str) -> Document:
    """A document and the files that it refers to, all of one revision; raises DocumentError.

    The path counts from the top of the repository, or from the current folder if it begins with `./` or `../`.
    """
    name = f"{revision}:{file}"
    if revision.startswith("-"):
        raise DocumentError(f"{name}: {revision} is no revision")
    prefix = _git("rev-parse", "--show-prefix")
    if prefix is None:
        raise DocumentError(f"{name}: there is no such file, and the current folder is in no git repository")
    if revision and _git("rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}") is None:
        raise DocumentError(
            f"{name}: git has no revision {revision} here; a clone with one commit has to fetch it: "
            f"git fetch --depth=1 origin {revision}:{revision}"
        )
    if file.startswith(("./", "../")):
        file = (_TOP / prefix.decode().strip() / file).resolve().relative_to(_TOP).as_posix()

    def read(path: str) -> bytes:
        found = _git("cat-file", "blob", f"{revision}:{path}")
        if found is None:
            raise DocumentError(f"{revision}:{path}: {_advice(revision, path, prefix.decode().strip())}")
        return found

    return Source(_TOP / f"{revision}:", f"{revision}:", read).document(file)


_TOP = Path("/")


def _advice(revision: str, path: str, prefix: str) -> str:
    inside = f"{prefix}{path}"
    if prefix and _git("cat-file", "-e", f"{revision}:{inside}") is not None:
        return f"no such file in that revision; paths count from the top: {revision}:{inside}"
    return "no such file in that revision"


def _git(*words: str) -> bytes | None:
    """What git prints; None when it fails. Raises DocumentError when there is no git."""
    try:
        done = subprocess.run(["git", *words], capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise DocumentError("git is not installed, so no revision can be read") from None
    return done.stdout if done.returncode == 0 else None
