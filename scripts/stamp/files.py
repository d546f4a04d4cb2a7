"""Copies one folder of the template, and replaces names in texts.

The result is the same from any copy of the template: a clone with CRLF, an archive, a file system without
executable files.
"""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path


def tracked(root: Path, part: str) -> list[Path]:
    """Return the files of one folder of the template, relative to that folder."""
    if (root / ".git").exists():
        names = list_files("-C", root, "ls-files", "-z", "--", part)
    else:  # an unpacked archive, which may have been set up and run: all that git would not ignore
        with tempfile.TemporaryDirectory() as empty:
            subprocess.run(["git", "init", "--quiet", "--bare", empty], check=True)
            others = ("ls-files", "-z", "--others", "--exclude-per-directory=.gitignore")
            names = list_files("-C", root, f"--git-dir={empty}", f"--work-tree={root}", *others, "--", part)
    # A file that was deleted, and not committed, is not copied.
    return [Path(name).relative_to(part) for name in names if (root / name).is_file()]


def list_files(*arguments: str | Path) -> list[str]:
    """Return the names that git prints, each ended by NUL."""
    listed = subprocess.run(["git", *arguments], check=True, capture_output=True).stdout.decode()
    return sorted(filter(None, listed.split("\0")))


def copy(root: Path, part: str, to: Path) -> None:
    """Copy what git tracks of one folder; texts get LF, scripts become executable."""
    for path in tracked(root, part):
        copy_file(root / part / path, to / path)


def copy_file(source: Path, target: Path) -> None:
    """Copy one file, making its folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(renamed(source.read_bytes(), str))
    target.chmod(0o755 if is_script(target) else 0o644)


def is_script(path: Path) -> bool:
    """Tell whether a file names its interpreter."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def rename_all(folder: Path, rename: Callable[[str], str]) -> None:
    """Replace names in the paths and in the texts of a folder."""
    for path in sorted(folder.rglob("*"), reverse=True):  # a folder's files before the folder
        if path.is_file():
            path.write_bytes(renamed(path.read_bytes(), rename))
        path.rename(path.with_name(rename(path.name)))


def renamed(content: bytes, rename: Callable[[str], str]) -> bytes:
    """Return a text with names replaced and with LF; anything but UTF-8 text stays as it is."""
    if b"\0" in content:
        return content
    try:
        return rename(content.decode("utf-8")).replace("\r\n", "\n").encode("utf-8")
    except UnicodeDecodeError:
        return content
