"""What sample=none leaves out: the one list of the sample domain's files, and of the lines that name it."""

from collections.abc import Callable
from pathlib import Path

from stamp.answers import Answers
from stamp.choices import edit
from stamp.choices import remove as delete

FILES: dict[str, list[str]] = {"api": [], "web": [], "contracts": []}
EDITS: dict[str, list[tuple[str, str, str]]] = {"api": [], "web": [], "contracts": []}


def remove(root: Path, folder: Path, part: str, answers: Answers, rename: Callable[[str], str]) -> None:
    """Take the sample domain out of one repository."""
    for pattern in FILES[part]:
        for path in sorted(folder.glob(pattern)):
            delete(path)
    for name, old, new in EDITS[part]:
        edit(folder / name, rename(old), rename(new))
