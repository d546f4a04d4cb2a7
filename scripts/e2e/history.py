"""An earlier version of one side, from this repository's own history."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from servers import ROOT

# Python 3.11.4 and later: https://docs.python.org/3/library/tarfile.html#supporting-older-python-versions
SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


def git(*arguments: str) -> bytes:
    """Return what git prints."""
    return subprocess.check_output(["git", *arguments], cwd=ROOT)


def pin_at(commit: str, side: str) -> str:
    """Return the release that ``side`` spoke at ``commit``."""
    version: str = json.loads(git("show", f"{commit}:{side}/contract.json"))["info"]["version"]
    return version


def last_commit_with(side: str, version: str) -> str:
    """Return the last commit at which ``side`` was pinned to ``version``; skip without history."""
    if not (ROOT / ".git").exists() or git("rev-parse", "--is-shallow-repository") == b"true\n":
        pytest.skip("earlier releases are in the history, which this copy does not have")
    for commit in git("log", "--format=%H", "--", f"{side}/contract.json").decode().split():
        if pin_at(commit, side) == version:
            return newest_descendant(side, commit)
    raise LookupError(f"{side} was never pinned to {version} in this history")


def newest_descendant(side: str, commit: str) -> str:
    """Return the newest commit at which the pin was still the one of ``commit``."""
    pins = git("log", "--format=%H", f"{commit}..HEAD", "--", f"{side}/contract.json").decode()
    return f"{pins.split()[-1]}^" if pins else "HEAD"


@cache
def check_out(side: str, version: str, folder: Path) -> Path:
    """Put the last ``side`` that spoke ``version`` into ``folder``, set up; return where it is.

    Versions with the same requirements share one environment.
    """
    archive = git("archive", last_commit_with(side, version), side)
    target = folder / f"{side}-{version}"
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(target, **SAFELY)  # noqa: S202 - git made it
    code = target / side
    lock = hashlib.sha256((code / "requirements-dev.txt").read_bytes()).hexdigest()
    (code / ".venv").symlink_to(make_environment(code, folder / lock / side))
    return code


def make_environment(code: Path, folder: Path) -> Path:
    """Set up in ``folder`` what ``code`` requires, unless it is there; return the environment."""
    if (folder / ".venv").exists():
        return folder / ".venv"
    (folder / "scripts").mkdir(parents=True)
    for name in ("requirements-dev.txt", "scripts/setup"):
        shutil.copy(code / name, folder / name)
    path = (
        f"{os.environ['PATH']}:{ROOT / 'api' / '.venv' / 'bin'}"  # where uv is, if it was fetched
    )
    subprocess.run([folder / "scripts" / "setup"], env=os.environ | {"PATH": path}, check=True)
    return folder / ".venv"
