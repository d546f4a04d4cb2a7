"""Makes one repository: its files, the state that an update needs, and its first commit."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from stamp import choices, contract, sample
from stamp.answers import Answers
from stamp.files import copy, copy_file, is_script, list_files, rename_all
from stamp.names import replacer

STATE = ".cruft.json"
DIRECTORY = "scripts/cookiecutter"


def derive(root: Path, part: str, answers: Answers, folder: Path) -> None:
    """Write the files of one repository, all but its state."""
    rename = replacer(answers)
    copy(root, part, folder)
    if not answers.sample:
        sample.remove(folder)
    rename_all(folder, rename)
    copy_file(root / "scripts" / "update", folder / "scripts" / "update")
    choices.apply(root, folder, part, answers)
    release = rename(contract.first_release(root, answers))
    if part != "contracts":
        (folder / "contract.json").write_text(release, encoding="utf-8")
        begin_changelog(folder)
    else:
        contract.write_releases(folder, release)
    if part == "web":
        generate_client(folder)
        contract.number_usage(folder)


def begin_changelog(folder: Path) -> None:
    """Keep the head of the changelog, without the template's entries."""
    path = folder / "CHANGELOG.md"
    head, _, _ = path.read_text(encoding="utf-8").partition("## Unreleased")
    first = f"- Everything, made from the template, with release {contract.FIRST} of the contract."
    path.write_text(f"{head}## Unreleased\n\n### Added\n\n{first}\n", encoding="utf-8")


def generate_client(folder: Path) -> None:
    """Generate the UI's client from its first pin; the generator needs only Python."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "-m", "contract", "generate"],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def write_state(root: Path, part: str, answers: Answers, folder: Path) -> None:
    """Record the template's address and commit, in cruft's format; an archive without history has neither."""
    if not (root / ".git").exists():
        return
    commit = git(root, "rev-parse", "HEAD")
    template = origin(root)
    own = answers.only(part)
    context = own.to_json() | {"__folder": own.folder, "_template": template, "_commit": commit}
    state = {
        "template": template,
        "commit": commit,
        "checkout": None,
        "context": {"cookiecutter": context},
        "directory": DIRECTORY,
    }
    (folder / STATE).write_text(json.dumps(state, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def origin(root: Path) -> str:
    """Return the template's address without any password; its path when it has none."""
    found = subprocess.run(
        ["git", "-C", root, "remote", "get-url", "origin"],
        check=False,
        capture_output=True,
        text=True,
    )
    return re.sub(r"(?<=://)[^/@]+@", "", found.stdout.strip()) or str(root)


def begin_history(folder: Path, answers: Answers) -> None:
    """Make the first commit, on main, whatever the machine's own git settings are."""
    git(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    git(folder, "-c", "core.autocrlf=false", "add", "--all", "--force")
    # A file system without executable files does not tell git which ones are.
    scripts = [name for name in list_files("-C", folder, "ls-files", "-z") if is_script(folder / name)]
    git(folder, "update-index", "--chmod=+x", "--", *scripts)
    identity = []
    if subprocess.run(["git", "-C", folder, "var", "GIT_AUTHOR_IDENT"], check=False, capture_output=True).returncode:
        identity = [
            "-c",
            f"user.name={answers.product_name}",
            "-c",
            f"user.email={answers.product_slug}@localhost",
        ]
    git(
        folder,
        *identity,
        "commit",
        "--quiet",
        "--no-verify",
        "--no-gpg-sign",
        f"--message=Begin {folder.name}",
    )


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return what it prints."""
    done = subprocess.run(["git", "-C", folder, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()
