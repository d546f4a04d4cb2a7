"""scripts/contract: pin a release, generate the client from it, say where things stand."""

import argparse
import json
import re
import sys
from pathlib import Path

from contract.document import PATH, Document
from contract.generate import Unsupported, generate

ROOT = PATH.parent
CLIENT = ROOT / "client"
CHECKOUTS = ("contracts", "corner-shop-contracts")
STALE = 4


class Refused(Exception):
    """One line that says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when done, 2 after one line of advice, 4 when the client is stale."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (Refused, Unsupported) as exc:
        print(f"scripts/contract: {exc}", file=sys.stderr)
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
    return top


def pin(options: argparse.Namespace) -> int:
    """Replace contract.json by a release, byte for byte, and the client with it."""
    releases = find_releases(options.contracts)
    source = releases / f"{options.version}.json"
    if not source.is_file():
        raise Refused(f"no release {options.version} in {releases}; there is {known(releases)}")
    content = source.read_bytes()
    generate(Document(json.loads(content)))
    PATH.write_bytes(content)
    return write_client()


def status(options: argparse.Namespace) -> int:
    """Print the pin, the newest release, what pinning it would bring, and if the client fits."""
    releases, pin = find_releases(options.contracts), read_pin().version
    print(f"pinned  {pin}")
    print(f"newest  {known(releases).rsplit(' ', 1)[-1]}")
    print(news(read(releases.parent / "CHANGELOG.md"), pin), end="")
    return write_client(check=True)


def news(changelog: str, pin: str) -> str:
    """Return the changelog's sections of the releases after ``pin``, newest first."""
    sections = re.split(r"^(?=## \[)", changelog, flags=re.MULTILINE)[1:]
    newer = [s for s in sections if version_key(s[4 : s.index("]")]) > version_key(pin)]
    return "".join(f"\n{section.strip()}\n" for section in newer)


def write_client(*, check: bool = False) -> int:
    """Write client/, or only compare it with what would be written."""
    files = generate(read_pin())
    stale = [name for name, text in files.items() if read(CLIENT / name) != text]
    stale += [p.name for p in CLIENT.glob("*.py") if p.name not in files]
    if check:
        print(f"client  stale: {', '.join(stale)}" if stale else "client  current")
        return STALE if stale else 0
    CLIENT.mkdir(exist_ok=True)
    for old in CLIENT.glob("*.py"):
        old.unlink()
    for name, text in files.items():
        (CLIENT / name).write_text(text, encoding="utf-8")
    print(f"client  generated from {read_pin().version}")
    return 0


def read_pin() -> Document:
    """Return contract.json as it is now."""
    return Document(json.loads(PATH.read_text(encoding="utf-8")))


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


def known(releases: Path) -> str:
    """Return the versions of a folder of releases, oldest first."""
    versions = sorted((p.stem for p in releases.glob("*.json")), key=version_key)
    return ", ".join(versions) or "none"


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions sort by: 1.10.0 after 1.9.0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
