"""Fills the empty folder that cookiecutter has made."""

import sys
from collections.abc import Mapping
from pathlib import Path

from stamp.answers import PARTS, Answers, Refused
from stamp.files import renamed
from stamp.names import replacer
from stamp.repository import begin_history, derive, git, write_state

STUB = "HOOKS-DID-NOT-RUN.txt"


def fill(root: str, given: Mapping[str, object], *, alone: bool) -> int:
    """Fill the current folder; return 2 after one line when that is not possible. ``alone``: cruft does not run us."""
    here = Path.cwd()
    (here / STUB).unlink()
    try:
        answers = Answers.read(given)
        if any(here.iterdir()):
            raise Refused(f"{here} is not empty; nothing was changed")
        make(Path(root), answers, here, alone=alone)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    return 0


def make(root: Path, answers: Answers, here: Path, *, alone: bool) -> None:
    """Make the repositories; three get a folder each, beside the compose file that runs them together."""
    three = answers.parts == PARTS
    if (root / ".git").exists() and git(root, "status", "--porcelain"):
        print(
            "note: the template has changes that are not committed; scripts/update will not know them",
            file=sys.stderr,
        )
    made = []
    for part in answers.parts:
        folder = here / answers.only(part).folder if three else here
        folder.mkdir(exist_ok=True)
        derive(root, part, answers, folder)
        if alone:
            write_state(root, part, answers, folder)
            begin_history(folder, answers)
            count = len(git(folder, "ls-files").splitlines())
            made.append(f"{folder.relative_to(here.parent)}  {count} files, 1 commit")
    if three:
        for source in sorted((root / "scripts" / "stamp" / "workspace").iterdir()):
            (here / source.name).write_bytes(renamed(source.read_bytes(), replacer(answers)))
    if made:
        print(*made, sep="\n")
