"""scripts/contract: pin a release, generate the client from it, show both states."""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from contract.document import PATH, Document
from contract.generate import generate
from contract.names import Unsupported
from contract.refused import Refused
from contract.release import (
    Json,
    drafted,
    dump,
    is_draft,
    parse,
    same_api,
    verified,
    version_of,
)
from contract.source import VERSION, Folder, Published, checkout, version_key
from contract.texts import new_texts, untitled
from contract.usage import USAGE

ROOT = PATH.parent
CLIENT = ROOT / "client"
STALE = 4
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells count.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when done, 2 after one line of advice, 4 when the client is stale."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (Refused, Unsupported, OSError) as exc:
        return refuse(str(exc))
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as exc:
        return refuse(f"the contract cannot be read: {type(exc).__name__}: {exc}")
    except KeyboardInterrupt:
        return INTERRUPTED


def refuse(text: str) -> int:
    """Print one line that says what is wrong; return the exit code of bad input."""
    print(f"scripts/contract: {' '.join(text.split())}", file=sys.stderr)
    return 2


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.exit(refuse(f"{message}; see {self.prog} --help"))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = Parser(prog="scripts/contract", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="command")
    place = Parser(add_help=False)
    place.add_argument(
        "--contracts",
        metavar="PLACE",
        help="a checkout of the contracts, or an address that git clones "
        "(default: CONTRACTS_URL, else a neighbour of this folder)",
    )
    take = commands.add_parser("pin", parents=[place], help="take over a release, or a draft")
    take.add_argument("version", help="such as 1.3.0; or the word draft")
    take.add_argument(
        "draft", nargs="?", type=Path, help="with draft: its file (default: openapi.json there)"
    )
    take.add_argument("--from", dest="url", help="address of a published release, or of its folder")
    take.add_argument("--sha256", default="", help="the checksum that the release has to have")
    take.set_defaults(run=pin)
    make = commands.add_parser("generate", help="make client/ from contract.json")
    make.add_argument("--check", action="store_true", help="write nothing; 4 when it is stale")
    make.set_defaults(run=lambda options: write_client(check=options.check))
    sends = commands.add_parser("usage", help="write usage.json: what the pages send and read")
    sends.add_argument("--check", action="store_true", help="write nothing; 4 when it is stale")
    sends.set_defaults(run=write_usage)
    commands.add_parser("status", parents=[place], help="pinned and newest").set_defaults(
        run=status
    )
    commands.add_parser("texts", help="texts that pages make from names").set_defaults(run=texts)
    commands.add_parser(
        "verify",
        parents=[place],
        help="refuse a pin that is a draft; where there is a place, altered",
    ).set_defaults(run=verify)
    return top


def pin(options: argparse.Namespace) -> int:
    """Replace contract.json and the client: by a release, byte for byte, or by a marked draft."""
    content = draft(options) if options.version == "draft" else release(options)
    document = parse(content, options.version)
    files = generate(Document(document))
    name = f"a draft after {version_of(document, 'it')}" if is_draft(document) else options.version
    if PATH.is_file():
        before = read_pin()
        same_api(before, document)
        if PATH.read_bytes() == content and not stale(files):
            print(f"{name} is pinned already")
            return 0
        print(step(version_of(before, PATH), version_of(document, "it")), end="")
        print(new_texts(Document(before), Document(document)), end="")
    replace({PATH: content, **client_files(files)})
    print(f"pinned  {name}, client generated; run scripts/test, then commit both")
    return 0


def release(options: argparse.Namespace) -> bytes:
    """Return a release from where the command line says."""
    if options.draft:
        raise Refused(f"pin takes one version, not {str(options.draft)!r} as well")
    if options.url is not None and options.contracts:
        raise Refused("--from and --contracts are two places: name one")
    if options.url is not None:
        published = Published(options.url, os.environ.get("CONTRACTS_TOKEN", ""))
        return verified(published, options.version, options.sha256)
    with checkout(options.contracts, ROOT) as contracts:
        return verified(Folder(contracts / "releases"), options.version, options.sha256)


def draft(options: argparse.Namespace) -> bytes:
    """Return a draft, marked as one."""
    if options.url is not None or options.sha256:
        raise Refused("a draft has no address and no checksum: name its file")
    if options.draft:
        return drafted_file(options.draft)
    with checkout(options.contracts, ROOT) as contracts:
        return drafted_file(contracts)


def drafted_file(path: Path) -> bytes:
    """Return the draft in a file, or in a checkout of the contracts."""
    path = path / "openapi.json" if path.is_dir() else path
    document = parse(path.read_bytes(), path)
    version_of(document, path)
    return dump(drafted(document))


def step(before: str, version: str) -> str:
    """Return a note if a release is older than the pinned one, or of another major."""
    if version_key(version)[0] != version_key(before)[0]:
        return f"note: {version} is another major than {before}; its breaks are in the changelog\n"
    if version_key(version) < version_key(before):
        return f"note: {version} is older than the pinned {before}\n"
    return ""


def texts(_: argparse.Namespace) -> int:
    """Print each text that pages make from a name."""
    print("".join(f"{text}\n" for text in untitled(Document(read_pin()))), end="")
    return 0


def status(options: argparse.Namespace) -> int:
    """Print the pin, the newest release, what it would bring, and whether the client is current."""
    pinned = read_pin()
    count = len(untitled(Document(pinned)))
    print(f"texts   {count} are made from names; scripts/contract texts lists them")
    pin = version_of(pinned, PATH)
    with checkout(options.contracts, ROOT) as contracts:
        releases = Folder(contracts / "releases")
        print(f"pinned  {pin}{remark(releases, pinned, pin)}")
        print(f"newest  {(releases.versions() or ['none'])[-1]}")
        print(news(read(contracts / "CHANGELOG.md"), pin), end="")
    return write_client(check=True)


def remark(releases: Folder, pinned: Json, version: str) -> str:
    """Return what is unusual about the pin: a draft, or other bytes than those of the release."""
    if is_draft(pinned):
        return ", with a draft after it: it cannot be released"
    released = releases.read(f"{version}.json")
    if released is not None and released != PATH.read_bytes():
        return f", not as it was released: scripts/contract pin {version}"
    return ""


def verify(options: argparse.Namespace) -> int:
    """Refuse a pin that may not be deployed."""
    pinned = read_pin()
    version = version_of(pinned, PATH)
    if is_draft(pinned):
        raise Refused(f"contract.json is a draft after {version}: pin a release before you release")
    if options.contracts or os.environ.get("CONTRACTS_URL"):
        with checkout(options.contracts, ROOT) as contracts:
            if verified(Folder(contracts / "releases"), version) != PATH.read_bytes():
                raise Refused(f"contract.json is not release {version}: pin it again")
    print(f"pinned  {version}, a release")
    return write_client(check=True)


def news(changelog: str, pin: str) -> str:
    """Return the changelog's sections of the releases after ``pin``, newest first."""
    sections = re.split(r"^(?=## \[)", changelog, flags=re.MULTILINE)[1:]
    newer = [
        section
        for section in sections
        if (heading := re.match(rf"## \[({VERSION.pattern})\]", section))
        and version_key(heading[1]) > version_key(pin)
    ]
    return "".join(f"\n{section.strip()}\n" for section in newer)


def write_client(*, check: bool = False) -> int:
    """Write client/, or only compare it with what would be written."""
    pinned = read_pin()
    files = generate(Document(pinned))
    if check:
        found = stale(files)
        advice = f"client  stale: {', '.join(found)}; run scripts/contract generate"
        print(advice if found else "client  current")
        return STALE if found else 0
    replace(client_files(files))
    print(f"client  generated from {version_of(pinned, PATH)}")
    return 0


def write_usage(options: argparse.Namespace) -> int:
    """Write usage.json, or only compare it with what would be written."""
    content = record([str(ROOT / "scripts" / "test")])
    if options.check:
        current = USAGE.is_file() and USAGE.read_bytes() == content
        print("usage   current" if current else "usage   stale; run scripts/contract usage")
        return 0 if current else STALE
    replace({USAGE: content})
    print(f"usage   written to {USAGE.name}; read the difference, then commit it")
    return 0


def record(pytest: list[str]) -> bytes:
    """Return what usage.json has to be, by running the tests of the pages with this command."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / USAGE.name
        command = [*pytest, "-q", f"--usage={target}"]
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)  # noqa: S603 - ours
        if not target.is_file():
            raise Refused("the tests of the pages fail, so nothing is written: run scripts/test")
        return target.read_bytes()


def stale(files: dict[str, str]) -> list[str]:
    """Return the files of client/ that differ from what the pin gives, or that it does not give."""
    changed = [name for name, text in files.items() if read(CLIENT / name) != text]
    return changed + [path.name for path in CLIENT.glob("*.py") if path.name not in files]


def client_files(files: dict[str, str]) -> dict[Path, bytes | None]:
    """Return the content of each file of client/; None for one that is no longer generated."""
    old = {path: None for path in CLIENT.glob("*.py") if path.name not in files}
    return old | {CLIENT / name: text.encode() for name, text in files.items()}


def replace(contents: Mapping[Path, bytes | None]) -> None:
    """Replace all files or none: each is written beside its place first, then all are renamed.

    A failure restores all files; signals wait. Only a kill between two renames leaves a mixture:
    then the pin is new, ``generate --check`` finds the stale client, and ``generate`` repairs it.
    """
    before = {path: path.read_bytes() if path.is_file() else None for path in contents}
    ready = {
        path: stage(path, content) for path, content in contents.items() if content is not None
    }
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        for path in contents:
            if path in ready:
                ready[path].replace(path)
            else:
                path.unlink()
    except OSError:
        for path, content in before.items():
            stage(path, content).replace(path) if content is not None else path.unlink(
                missing_ok=True
            )
        raise
    finally:
        for left in ready.values():
            left.unlink(missing_ok=True)
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)


def stage(path: Path, content: bytes) -> Path:
    """Write a file beside its place, ready to be renamed."""
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    return Path(name)


def read_pin() -> Json:
    """Return contract.json as it is now."""
    content = PATH.read_bytes()
    if b"<<<<<<<" in content:
        advice = "run git checkout --ours contract.json client, then pin the newer of the two"
        raise Refused(f"contract.json is not JSON but an unresolved merge: {advice}")
    return parse(content, PATH)


def read(path: Path) -> str:
    """Return a file's text, empty when there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""
