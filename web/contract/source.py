"""Where the contracts are: a checkout, a git repository that is cloned, or published files.

Standard library only.
"""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from contract import address
from contract.refused import Refused

NEIGHBOURS = ("contracts", "corner-shop-contracts")
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
CLONE_SECONDS = 120.0
# What git would take from the machine's own work instead of from the address.
_OTHERS = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"})


class Source(Protocol):
    """Files of releases by name: `1.3.0.json`, `SHA256SUMS`."""

    def read(self, name: str) -> bytes | None:
        """Return a file; None if there is none. Raises Refused and OSError."""

    def place(self, name: str) -> str:
        """Return what messages call the file."""

    def versions(self) -> list[str] | None:
        """Return the versions that there are, oldest first; None if nobody can tell."""


@dataclass(frozen=True)
class Folder:
    """`releases/` of a checkout."""

    path: Path

    def read(self, name: str) -> bytes | None:
        """Return a file; None if there is none."""
        return (self.path / name).read_bytes() if (self.path / name).is_file() else None

    def place(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.path / name)

    def versions(self) -> list[str]:
        """Return the versions that there are, oldest first."""
        found = (path.stem for path in self.path.glob("*.json"))
        return sorted((one for one in found if VERSION.fullmatch(one)), key=version_key)


@dataclass(frozen=True)
class Published:
    """The address of a document, or of its folder; SHA256SUMS lies beside the document."""

    url: str
    token: str = ""

    def read(self, name: str) -> bytes | None:
        """Return a file; None if the server has no SHA256SUMS. Raises Refused."""
        try:
            return address.fetch(self._url(name), self.token)
        except address.NotThere:
            if name.endswith(".json"):
                raise
            return None

    def place(self, name: str) -> str:
        """Return the address of a file."""
        return address.shown(self._url(name))

    def versions(self) -> None:
        """Return nothing: a server lists no files."""

    def _url(self, name: str) -> str:
        url = address.named(self.url)
        if not urlsplit(url).path.endswith(".json"):
            return urljoin(f"{url.rstrip('/')}/", name)
        return url if name.endswith(".json") else urljoin(url, name)


def version_key(version: str) -> tuple[int, ...]:
    """Return the sort key of a version: 1.10.0 comes after 1.9.0."""
    return tuple(map(int, version.split(".")))


@contextmanager
def checkout(named: str | None, root: Path) -> Iterator[Path]:
    """Give the checkout that is named, else that of CONTRACTS_URL, else a neighbour of `root`.

    A git address is cloned; the clone is gone afterwards. Raises Refused.
    """
    place = named or os.environ.get("CONTRACTS_URL", "")
    if is_git(place):
        with tempfile.TemporaryDirectory(prefix="contracts-") as folder:
            yield checked([clone(place, Path(folder) / "contracts")])
    else:
        yield checked([Path(place)] if place else neighbours(root))


def neighbours(root: Path) -> list[Path]:
    """Return where a checkout may be beside a repository."""
    return [root.parent / name for name in NEIGHBOURS]


def checked(places: Sequence[Path]) -> Path:
    """Return the first of these folders that has releases."""
    found = next((place for place in places if (place / "releases").is_dir()), None)
    if found is None:
        raise Refused(
            f"no contracts checkout at {places[0]}; "
            "name one with --contracts PATH, or set CONTRACTS_URL"
        )
    return found


def is_git(place: str) -> bool:
    """Tell an address that git clones (`https://…`, `ssh://…`, `git@host:path`) from a path."""
    return "://" in place or bool(re.match(r"[\w.-]+@[\w.-]+:", place))


def clone(url: str, folder: Path) -> Path:
    """Clone the newest commit of a repository; raises Refused."""
    command = ["git", "clone", "--quiet", "--depth", "1", "--", url, str(folder)]
    with subprocess.Popen(  # noqa: S603 - git, and an address behind `--`
        command,
        env=environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as git:
        try:
            _, said = git.communicate(timeout=CLONE_SECONDS)
        except subprocess.TimeoutExpired:
            raise Refused(f"{url} took longer than {CLONE_SECONDS:.0f} seconds to clone") from None
        finally:
            if git.poll() is None:
                os.killpg(git.pid, signal.SIGKILL)
    if git.returncode:
        lines = [line for line in said.splitlines() if line.strip()] or ["git clone failed"]
        private = re.search(r"Username|Authentication|40[134]|not found", said)
        advice = (
            "; if it is private, CONTRACTS_TOKEN has to be one that may read it" if private else ""
        )
        raise Refused(f"{lines[-1].removeprefix('fatal: ')}{advice}")
    return folder


def environment(url: str) -> dict[str, str]:
    """Return the environment in which git asks nobody, and sends the token to this host only."""
    found = {key: value for key, value in os.environ.items() if key not in _OTHERS}
    certificates = {"GIT_SSL_CAINFO": found["SSL_CERT_FILE"]} if found.get("SSL_CERT_FILE") else {}
    settings = {"core.autocrlf": "false", "http.lowSpeedLimit": "1", "http.lowSpeedTime": "30"}
    token = found.pop("CONTRACTS_TOKEN", "")
    if urlsplit(url).scheme in ("http", "https"):
        parts = urlsplit(address.named(url))
        if token:
            header = address.authorization(token, "x-access-token")
            settings[f"http.{parts.scheme}://{parts.netloc}/.extraHeader"] = (
                f"Authorization: {header}"
            )
            settings["http.followRedirects"] = "false"
    count = int(found.get("GIT_CONFIG_COUNT", "0"))
    for index, (key, value) in enumerate(settings.items(), count):
        found |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    found["GIT_CONFIG_COUNT"] = str(count + len(settings))
    return {**certificates, **found, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "LC_ALL": "C"}
