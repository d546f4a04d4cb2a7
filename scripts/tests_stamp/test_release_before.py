"""A team that was stamped from an earlier release, and has worked since, takes over the template as it stands here.

The release before moved nothing yet: every room has moved since. It runs with --long only: test_moves.py plays each
kind of move with each kind of work of a team every time. Without this repository's history there is no earlier release.
"""

import ast
import shutil
import subprocess
import sys

import pytest

from conftest import PARTS, ROOT, Template, commit, git, run

BEFORE = "4ef8a379d8"
SKIPPED = ("client/", "tests/", "releases/")


def has_history():
    known = subprocess.run(["git", "-C", ROOT, "cat-file", "-e", BEFORE], check=False, capture_output=True)
    return (ROOT / ".git").exists() and known.returncode == 0


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """The template as it was released."""
    folder = tmp_path_factory.mktemp("before") / "template"
    run("git", "clone", "--quiet", ROOT, folder)
    git(folder, "branch", "here")
    git(folder, "checkout", "--quiet", "-B", "main", BEFORE)
    template = object.__new__(Template)
    template.folder = folder
    return template


def stamp(template, into, sample):
    """Make the three, without cookiecutter, which only asks the questions."""
    into.mkdir()
    answers = {"product_name": "Blue Sky", "product_slug": "blue-sky", "repositories": f"all{sample}"}
    program = (
        f"from pathlib import Path; from stamp import hook; make = hook.make; answers = hook.Answers.read({answers})"
    )
    program += f"; make(Path({str(template.folder)!r}), answers, Path(), alone=True)"
    run(sys.executable, "-B", "-c", program, cwd=into, PYTHONPATH=str(template.folder / "scripts"))


def modules(repository):
    """Return the code that a team may have changed."""
    names = [name for name in git(repository, "ls-files", "*.py").splitlines() if "/" in name]
    return [name for name in names if not any(part in f"/{name}" for part in SKIPPED)]


def edit(path, line):
    """Put a line of the team's after the module's docstring, or at the top."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    first = ast.parse(text).body[:1]
    at = first[0].end_lineno if first and isinstance(first[0], ast.Expr) else 0
    path.write_text("\n".join([*lines[:at], line, *lines[at:]]) + "\n", encoding="utf-8")


def grow(template):
    """Let the template go through its history, and become what it is here."""
    git(template.folder, "checkout", "--quiet", "-B", "main", "here")
    for name in git(template.folder, "ls-files").splitlines():
        (template.folder / name).unlink()
    for name in filter(None, git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")):
        if (ROOT / name).is_file():
            (template.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, template.folder / name)
    return template.commit("Today")


@pytest.mark.skipif(not has_history(), reason=f"this copy's history does not reach {BEFORE}")
@pytest.mark.long
@pytest.mark.parametrize("sample", ["", " sample=none"], ids=["shop", "none"])
def test_the_work_of_a_team_is_carried_over_every_move(before, sample, tmp_path, record_property):
    folder = tmp_path / "mine"
    stamp(before, folder, sample)
    mine, deleted = {}, {}
    for part in PARTS:
        repository = folder / f"blue-sky-{part}"
        for number, name in enumerate(modules(repository)):
            path = repository / name
            if number % 9 == 4 and path.stat().st_size > 500:
                deleted[part, name] = path.read_text(encoding="utf-8")
                path.unlink()
                continue
            edit(path, f"# ours: {part} {name}")
            mine[f"# ours: {part} {name}"] = part, name
            if number % 5 == 0:
                beside = path.with_name(f"ours_{number}.py")
                beside.write_text(f"# ours: {part} beside {name}\n")
                mine[f"# ours: {part} beside {name}"] = part, str(beside.relative_to(repository))
        commit(repository, "Our work")
    template, now = before.copy(tmp_path / "template"), {}
    grow(template)
    for part in PARTS:
        repository = folder / f"blue-sky-{part}"
        script = ROOT / "scripts" / "update"
        done = run(sys.executable, script, "--repository", repository, "--template", template.folder, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        assert done.stderr == ""
        now[part] = repository, done

    found: dict[str, list[tuple[str, str]]] = {}
    for part, (repository, _) in now.items():
        for path in repository.rglob("*.py"):
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.startswith("# ours: "):
                    found.setdefault(line, []).append((part, str(path.relative_to(repository))))
    lost = sorted(set(mine) - set(found))
    unmerged = {
        (part, line.split("\t")[1])
        for part, (repository, _) in now.items()
        for line in git(repository, "ls-files", "-u").splitlines()
    }
    named = {(part, line.strip().split(":")[0]) for part, (_, done) in now.items() for line in done.stdout.splitlines()}
    back = [(part, name) for part, name in deleted if (now[part][0] / name).exists()]
    assert (lost, back, unmerged - named) == ([], [], set())
    record_property(f"edits of a team{sample}", len(mine))
    record_property(f"of them in a file that has moved{sample}", sum(mine[line] not in found[line] for line in mine))
    record_property(f"files that a team deleted{sample}", len(deleted))
    record_property(f"files in which a person decides{sample}", len(unmerged))
