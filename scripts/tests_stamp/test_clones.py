"""Whatever way the template came here, the same repositories come of it."""

import os
import tarfile
from typing import Any

import pytest

from conftest import PARTS, ROOT, git, run

# Python 3.11.4 and later: https://docs.python.org/3/library/tarfile.html#supporting-older-python-versions
SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}

PRODUCT = "Acme"


def clone(template, target, *options):
    run("git", "clone", "--quiet", *options, f"file://{template.folder}", target)
    return target


def unpack(template, target):
    """What a host's "download as an archive" gives: no history."""
    archive = target.with_suffix(".tar")
    run("git", "-C", template.folder, "archive", "--output", archive, "HEAD")
    with tarfile.open(archive) as files:
        files.extractall(target, **SAFELY)  # noqa: S202 - git made it
    return target


def used_archive(template, target):
    """An archive whose owner has set it up, run it and tested it."""
    unpack(template, target)
    for name in ("api/.venv/bin/python", "api/var/shop.sqlite3", "web/core/__pycache__/x.pyc", "web/.env"):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text("x")
    return target


def archive_inside_a_repository(template, target):
    target.mkdir()
    git(target, "init", "--quiet")
    return unpack(template, target / "template")


def with_carriage_returns(template, target):
    """A checkout made without regard to .gitattributes, as some tools and file shares make it."""
    clone(template, target)
    for name in git(target, "ls-files").splitlines():
        path = target / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return target


def without_executables(template, target):
    """A file system that knows none, as Windows' and many shares."""
    clone(template, target)
    for path in target.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            path.chmod(0o644)
    return target


def worktree(template, target):
    clone(template, target.with_name("main"))
    git(target.with_name("main"), "worktree", "add", "--quiet", target, "-b", "work")
    return target


def behind_a_link(template, target):
    clone(template, target.with_name("real"))
    target.symlink_to(target.with_name("real"))
    return target


def private(template, target):
    """Made under a umask that lets nobody else in."""
    before = os.umask(0o077)
    try:
        return clone(template, target)
    finally:
        os.umask(before)


WAYS = {
    "autocrlf": lambda template, target: clone(template, target, "-c", "core.autocrlf=true"),
    "autocrlf=input": lambda template, target: clone(template, target, "-c", "core.autocrlf=input"),
    "eol=crlf": lambda template, target: clone(template, target, "-c", "core.eol=crlf"),
    "fileMode=false": lambda template, target: clone(template, target, "-c", "core.fileMode=false"),
    "shallow": lambda template, target: clone(template, target, "--depth", "1"),
    "archive": unpack,
    "archive that was used": used_archive,
    "archive inside a repository": archive_inside_a_repository,
    "carriage returns": with_carriage_returns,
    "no executables": without_executables,
    "worktree": worktree,
    "behind a link": behind_a_link,
    "umask 077": private,
    "blanks and ümläuts": lambda template, target: clone(template, target.with_name("my ünique pláce")),
}


# Each way with one of the three, by turns; with --long with all.
CASES = [
    pytest.param(way, part, marks=[] if number % len(PARTS) == PARTS.index(part) else pytest.mark.long)
    for number, way in enumerate(WAYS)
    for part in PARTS
]


def content(repository):
    """Return each file of the first commit: its mode, its name and its bytes' hash; not where it came from."""
    listed = git(repository, "ls-tree", "-r", "HEAD").splitlines()
    return {line for line in listed if not line.endswith(".cruft.json")}


@pytest.fixture(scope="module")
def usual(template, tmp_path_factory):
    return template.stamp(tmp_path_factory.mktemp("usual"), PRODUCT)


@pytest.mark.parametrize(("way", "part"), CASES)
def test_the_same_comes_of_any_copy_of_the_template(way, part, template, usual, tmp_path):
    copy = WAYS[way](template, tmp_path / "template")
    (copy / "scripts" / "cookiecutter" / ".venv").symlink_to(ROOT / "scripts" / "cookiecutter" / ".venv")
    (tmp_path / "into").mkdir()

    run("python3", copy / "scripts" / "new", PRODUCT, "--only", part, "--into", tmp_path / "into")

    (stamped,) = (tmp_path / "into").iterdir()
    assert content(stamped) == content(usual / f"{usual.name}-{part}")


@pytest.mark.parametrize("part", PARTS)
def test_what_is_stamped_has_line_feeds_in_every_clone_and_runs(usual, part, tmp_path):
    copy = tmp_path / "clone"
    run("git", "clone", "--quiet", "-c", "core.autocrlf=true", usual / f"{usual.name}-{part}", copy)

    ends = git(copy, "ls-files", "--eol").splitlines()
    assert {line.split()[1] for line in ends} <= {"w/lf", "w/none", "w/-text"}
    assert run(copy / "scripts" / "setup", "--help").returncode == 0
