"""Copying one folder of the template, and replacing names in what is text."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path


def tracked(root: Path, part: str) -> Iterator[Path]:
    """Yield the files of one folder of the template, relative to that folder."""
    if not (root / ".git").exists():  # an unpacked archive holds what was tracked, nothing else
        yield from sorted(p.relative_to(root / part) for p in (root / part).rglob("*") if p.is_file())
        return
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--", part], check=True, capture_output=True
    ).stdout.decode()
    for name in sorted(filter(None, listed.split("\0"))):
        if (root / name).is_file():  # one that was deleted and not committed is gone
            yield Path(name).relative_to(part)


def copy(root: Path, part: str, to: Path) -> None:
    """Copy what git tracks of one folder, as it is."""
    for path in tracked(root, part):
        target = to / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / part / path, target)


def rename_all(folder: Path, rename: Callable[[str], str]) -> None:
    """Replace names in the paths and in the texts of a folder."""
    for path in sorted(folder.rglob("*"), reverse=True):  # what is inside before its folder
        if path.is_file():
            path.write_bytes(renamed(path.read_bytes(), rename))
        path.rename(path.with_name(rename(path.name)))


def renamed(content: bytes, rename: Callable[[str], str]) -> bytes:
    """Return the bytes with names replaced, or as they are when they are not UTF-8 text."""
    if b"\0" in content:
        return content
    try:
        return rename(content.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return content
