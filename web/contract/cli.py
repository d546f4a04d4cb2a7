"""scripts/contract: pin a release, generate the client from it, show both states."""

import argparse
import os
import re
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from contract.document import PATH, Document
from contract.generate import generate
from contract.names import Unsupported
from contract.release import VERSION, Refused, known, parse, verified, version_key
from contract.texts import untitled

ROOT = PATH.parent
CLIENT = ROOT / "client"
CHECKOUTS = ("contracts", "corner-shop-contracts")
STALE = 4
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


def refuse(text: str) -> int:
    """Print one line that says what is wrong; return the exit code of bad input."""
    print(f"scripts/contract: {' '.join(text.split())}", file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="scripts/contract", description=__doc__)
    commands = top.add_subparsers(required=True)
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--contracts", type=Path, help="checkout of the contracts; else beside us")
    pin_command = commands.add_parser("pin", parents=[place], help="take over a release")
    pin_command.add_argument("version", help="such as 1.0.0")
    pin_command.set_defaults(run=pin)
    make = commands.add_parser("generate", help="make client/ from contract.json")
    make.add_argument("--check", action="store_true", help="write nothing; 4 when it is stale")
    make.set_defaults(run=lambda options: write_client(check=options.check))
    commands.add_parser("status", parents=[place], help="pinned and newest").set_defaults(
        run=status
    )
    commands.add_parser("texts", help="texts that pages make from names").set_defaults(run=texts)
    return top


def pin(options: argparse.Namespace) -> int:
    """Replace contract.json by a release, byte for byte, and the client with it."""
    content = verified(find_releases(options.contracts), options.version)
    document = Document(parse(content, Path(f"{options.version}.json")))
    files = generate(document)
    if PATH.is_file():
        before = same_api(read_pin(), document)
        if PATH.read_bytes() == content and not stale(files):
            print(f"{options.version} is pinned already")
            return 0
        print(step(before.version, options.version), end="")
        print(new_texts(before, document), end="")
    replace({PATH: content, **client_files(files)})
    print(f"pinned  {options.version}, client generated; run scripts/test, then commit both")
    return 0


def step(before: str, version: str) -> str:
    """Return a note if a release is older than the pinned one, or of another major."""
    if version_key(version)[0] != version_key(before)[0]:
        return f"note: {version} is another major than {before}; its breaks are in the changelog\n"
    if version_key(version) < version_key(before):
        return f"note: {version} is older than the pinned {before}\n"
    return ""


def new_texts(before: Document, document: Document) -> str:
    """Return a note of the texts that the pages will make from names; nobody wrote them yet."""
    known = untitled(before)
    new = ", ".join(text for text in untitled(document) if text not in known)
    return f"note: pages make these texts from their names: {new}\n" if new else ""


def texts(_: argparse.Namespace) -> int:
    """Print each text that pages make from a name."""
    print("".join(f"{text}\n" for text in untitled(read_pin())), end="")
    return 0


def same_api(pinned: Document, document: Document) -> Document:
    """Return the pinned document, if the other is of the same API."""
    ours, other = (one.raw["info"].get("title") for one in (pinned, document))
    if ours != other:
        raise Refused(f"that is the contract of {other!r}, this repository's is {ours!r}")
    return pinned


def status(options: argparse.Namespace) -> int:
    """Print the pin, the newest release, what it would bring, and whether the client is current."""
    releases, pin = find_releases(options.contracts), read_pin().version
    count = len(untitled(read_pin()))
    print(f"texts   {count} are made from names; scripts/contract texts lists them")
    print(f"pinned  {pin}")
    print(f"newest  {known(releases).rsplit(' ', 1)[-1]}")
    print(news(read(releases.parent / "CHANGELOG.md"), pin), end="")
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
    files = generate(read_pin())
    if check:
        found = stale(files)
        advice = f"client  stale: {', '.join(found)}; run scripts/contract generate"
        print(advice if found else "client  current")
        return STALE if found else 0
    replace(client_files(files))
    print(f"client  generated from {read_pin().version}")
    return 0


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


def read_pin() -> Document:
    """Return contract.json as it is now."""
    return Document(parse(PATH.read_bytes(), PATH))


def read(path: Path) -> str:
    """Return a file's text, empty when there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def find_releases(checkout: Path | None) -> Path:
    """Return the folder of releases of a contracts checkout."""
    places = [checkout] if checkout else [ROOT.parent / name for name in CHECKOUTS]
    for place in places:
        if (place / "releases").is_dir():
            return place / "releases"
    raise Refused("no contracts checkout beside this folder; name one with --contracts PATH")
