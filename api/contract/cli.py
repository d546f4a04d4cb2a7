"""scripts/contract: pin a release of the contract, propose a change of it, show the status."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from contract.merge import three_way
from contract.refused import Refused
from contract.release import (
    Json,
    digest,
    dump,
    is_draft,
    parse,
    same_api,
    verified,
    version_of,
)
from contract.source import (
    VERSION,
    Folder,
    Published,
    checked,
    checkout,
    is_git,
    neighbours,
    version_key,
)

ROOT = Path(__file__).resolve().parent.parent
PINNED = ROOT / "contract.json"
# What was proposed last, and the checksum of the draft that it became.
PROPOSED = ROOT / "var" / "proposed.json"
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells count.


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.exit(refuse(f"{message}; see {self.prog} --help"))


def main(arguments: list[str] | None = None) -> int:
    """Run one command; bad input is one line and exit code 2."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except (Refused, OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return refuse(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def refuse(text: str) -> int:
    """Print one line that says what is wrong; return the exit code of bad input."""
    print(f"scripts/contract: {' '.join(text.split())}", file=sys.stderr)
    return 2


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
    said = commands.add_parser("status", parents=[place], help="pinned and newest, and the news")
    said.set_defaults(run=status)
    take = commands.add_parser("pin", parents=[place], help="make a release the one spoken here")
    take.add_argument("version", help="such as 1.3.0")
    take.add_argument("--from", dest="url", help="address of a published release, or of its folder")
    take.add_argument("--sha256", default="", help="the checksum that the release has to have")
    take.set_defaults(run=pin)
    make = commands.add_parser("propose", parents=[place], help="merge this code into the draft")
    make.add_argument("--draft", type=Path, help="another draft: of a hotfix, of an older major")
    make.add_argument("--force", action="store_true", help="replace the draft, whatever it holds")
    make.set_defaults(run=propose)
    look = commands.add_parser("verify", parents=[place], help="refuse a pin that is no release")
    look.set_defaults(run=verify)
    return top


def pin(options: argparse.Namespace) -> None:
    """Copy a release, byte for byte; nothing is written when it is the pinned one."""
    version, content = options.version, release(options)
    if PINNED.is_file():
        pinned = read_pin()
        same_api(pinned, json.loads(content))
        before = version_of(pinned, PINNED)
        if PINNED.read_bytes() == content:
            print(f"{version} is pinned already")
            return
        print(step(before, version), end="")
    write(PINNED, content)
    print(f"pinned {version}; run scripts/test, then commit contract.json")


def release(options: argparse.Namespace) -> bytes:
    """Return a release from where the command line says."""
    if options.version == "draft":
        raise Refused("a draft is pinned by clients; this code makes it: scripts/contract propose")
    if options.url is not None and options.contracts:
        raise Refused("--from and --contracts are two places: name one")
    if options.url is not None:
        published = Published(options.url, os.environ.get("CONTRACTS_TOKEN", ""))
        return verified(published, options.version, options.sha256)
    with checkout(options.contracts, ROOT) as contracts:
        return verified(Folder(contracts / "releases"), options.version, options.sha256)


def step(before: str, version: str) -> str:
    """Say what is unusual about the way from one release to another."""
    if version_key(version)[0] != version_key(before)[0]:
        return f"note: {version} is another major than {before}; its breaks are in the changelog\n"
    if version_key(version) < version_key(before):
        return f"note: {version} is older than the pinned {before}\n"
    return ""


def status(options: argparse.Namespace) -> None:
    """Compare the pin with the newest release, and tell what pinning that would bring."""
    document = read_pin()
    pinned = version_of(document, PINNED)
    with checkout(options.contracts, ROOT) as contracts:
        releases = Folder(contracts / "releases")
        newest = (releases.versions() or ["none"])[-1]
        print(f"pinned {pinned}{remark(releases, document, pinned)}, newest {newest}")
        changelog = contracts / "CHANGELOG.md"
        text = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
    for section in re.split(r"^(?=## \[)", text, flags=re.MULTILINE):
        heading = re.match(rf"## \[({VERSION.pattern})\]", section)
        if heading and version_key(heading[1]) > version_key(pinned):
            print(f"\n{section.strip()}")


def remark(releases: Folder, pinned: Json, version: str) -> str:
    """Return what is unusual about the pin: a draft, or other bytes than those of the release."""
    if is_draft(pinned):
        return " (with a draft after it: it cannot be released)"
    released = releases.read(f"{version}.json")
    if released is not None and released != PINNED.read_bytes():
        return f" (not as it was released: scripts/contract pin {version})"
    return ""


def verify(options: argparse.Namespace) -> None:
    """Refuse a pin that may not be deployed: a draft; where there is a place, other bytes."""
    pinned = read_pin()
    version = version_of(pinned, PINNED)
    if is_draft(pinned):
        raise Refused(f"contract.json is a draft after {version}: pin a release before you release")
    if options.contracts or os.environ.get("CONTRACTS_URL"):
        with checkout(options.contracts, ROOT) as contracts:
            if verified(Folder(contracts / "releases"), version) != PINNED.read_bytes():
                raise Refused(f"contract.json is not release {version}: pin it again")
    print(f"pinned {version}, a release")


def propose(options: argparse.Namespace) -> None:
    """Merge the served document into the draft; what only others have written there stays.

    The merge is on the last proposal, if the draft is what it became, else on the pinned release.
    """
    contracts, pinned = writable(options.contracts), read_pin()
    draft: Path = options.draft or contracts / "openapi.json"
    text = draft.read_text(encoding="utf-8-sig") if draft.is_file() else ""
    up_to_date(contracts, pinned, text, options)
    served = json.loads(served_document())
    merged = served
    if text and not options.force:
        theirs = same_api(pinned, parse(text.encode(), draft))
        merged = merge(last_proposal(text) or pinned, served, theirs, draft)
    result = dump(merged).decode()
    if result != text:
        write(draft, result.encode())
    PROPOSED.parent.mkdir(exist_ok=True)
    write(PROPOSED, dump({"draft": digest(result.encode()), "document": served}))
    print("nothing to propose" if result == text else f"wrote {draft}; next: contract check")


def writable(named: str | None) -> Path:
    """Return the checkout to write into: not a clone, which is gone afterwards."""
    place = named or os.environ.get("CONTRACTS_URL", "")
    if named and is_git(place):
        raise Refused("propose writes into a checkout: clone that address, and name the folder")
    return checked([Path(place)] if place and not is_git(place) else neighbours(ROOT))


def up_to_date(contracts: Path, pinned: Json, text: str, options: argparse.Namespace) -> None:
    """Refuse a proposal from a branch that does not know the newest release, or another major."""
    version, found = version_of(pinned, PINNED), Folder(contracts / "releases").versions()
    if not found:
        return
    same_api(pinned, read(contracts / "releases" / f"{found[-1]}.json"))
    if options.force or options.draft:
        return
    major = [one for one in found if version_key(one)[0] == version_key(version)[0]]
    if major and version_key(major[-1]) > version_key(version):
        raise Refused(
            f"your pin is {version}, the newest is {major[-1]}: pin it first; "
            "for a hotfix of the pin, see propose --draft"
        )
    draft = parse(text.encode(), contracts / "openapi.json") if text else pinned
    follows = version_of(draft, contracts / "openapi.json")
    if version_key(follows)[0] != version_key(version)[0]:
        raise Refused(
            f"the draft follows {follows}, your pin is {version}: pin {found[-1]} first; "
            f"for another release of {version_key(version)[0]}.x, see propose --draft"
        )


def served_document() -> str:
    """Return the document of this repository's code."""
    if subprocess.run([str(ROOT / "scripts" / "setup")], check=False).returncode:
        raise Refused("scripts/setup failed")
    command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "app", "openapi"]
    served = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if served.returncode:
        raise Refused((served.stderr.strip().splitlines() or ["python -m app openapi failed"])[-1])
    return served.stdout


def last_proposal(draft: str) -> dict[str, Any] | None:
    """Return what was proposed last, if the draft is still what it became."""
    try:
        proposed = json.loads(PROPOSED.read_text(encoding="utf-8"))
        found: dict[str, Any] = proposed["document"]
        return found if proposed["draft"] == digest(draft.encode()) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def merge(base: Json, mine: Json, theirs: Json, draft: Path) -> Json:
    """Merge two documents on what both began with; raise Refused where both changed one place."""
    merged: Json
    merged, conflicts = three_way(base, mine, theirs)
    if conflicts:
        places = ", ".join(conflicts[:3]) + (
            f" and {len(conflicts) - 3} more" if conflicts[3:] else ""
        )
        raise Refused(
            f"{draft} holds another change of {places}: agree with its author, or release it and "
            "pin that release first; --force replaces the draft"
        )
    return merged


def read_pin() -> Json:
    """Return contract.json as it is now."""
    content = PINNED.read_bytes()
    if b"<<<<<<<" in content:
        advice = "run git checkout --ours contract.json, then pin the newer of the two"
        raise Refused(f"contract.json is not JSON but an unresolved merge: {advice}")
    return parse(content, PINNED)


def read(path: Path) -> Json:
    """Return a document."""
    return parse(path.read_bytes(), path)


def write(path: Path, content: bytes) -> None:
    """Replace a file at once, so that a stop in between leaves the old one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
