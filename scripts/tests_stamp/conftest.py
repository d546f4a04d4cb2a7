"""A template of the tests' own, and what it stamps."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("contracts", "api", "web")
LONGEST = "An Exceedingly Long Brand Name"


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="what takes long too")


def pytest_collection_modifyitems(config, items):
    """Leave out what is long, unless it is asked for."""
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_terminal_summary(terminalreporter):
    """Print what the tests counted: ``record_property(what, number)``."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for what, number in report.user_properties if report.when == "call" else ():
            counts[what] += number
    for what, number in counts.items():
        terminalreporter.write_line(f"{number:,} {what}")


def run(*command, cwd=None, check=True, **variables):
    """Run a command on a machine whose git knows nobody; return what it did."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **variables}
    done = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    assert not check or done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done


def run_in(environment, *command, check=False):
    """Run a command in an environment of its own, nothing inherited; return what it did."""
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert not check or done.returncode == 0, f"{command}\n{done.stderr[-3000:]}"
    return done


def git(folder, *arguments):
    return run("git", "-C", folder, *arguments).stdout.strip()


def commit(folder, message="More"):
    """Commit all that is there, as somebody; return the commit."""
    git(folder, "add", "--all")
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    git(folder, *who, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def link_environment(source, folder):
    """Let a folder use another one's .venv; git must not see the link."""
    (folder / ".venv").symlink_to(source / ".venv")
    exclude = Path(git(folder, "rev-parse", "--absolute-git-dir")) / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text(".venv\n")


class Template:
    """The template as it stands here, in a repository of its own whose history a test may go on with."""

    def __init__(self, folder):
        self.folder = folder
        for name in filter(None, git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        git(folder, "init", "--quiet", "--initial-branch=main")
        link_environment(ROOT / "scripts" / "cookiecutter", folder / "scripts" / "cookiecutter")
        self.commit("The template")

    def commit(self, message="More"):
        return commit(self.folder, message)

    def copy(self, folder):
        """Return one that a test may change; with its cookiecutter."""
        copy = object.__new__(Template)
        copy.folder = folder
        shutil.copytree(self.folder, folder, symlinks=True)
        return copy

    def change(self, name, old, new):
        """Replace a text that is there, and commit."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return self.commit()

    def new(self, into, *arguments):
        """Run scripts/new."""
        return run(sys.executable, self.folder / "scripts" / "new", *arguments, "--into", into, check=False)

    def stamp(self, into, *arguments):
        """Run scripts/new; return the one folder that it made."""
        into.mkdir(exist_ok=True)
        before = set(into.iterdir())
        done = self.new(into, *arguments)
        assert done.returncode == 0, done.stderr[-3000:]
        (made,) = set(into.iterdir()) - before
        return made


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """One that nobody changes."""
    return Template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def own_template(template, tmp_path):
    """A copy that a test may change."""
    return template.copy(tmp_path / "template")


@pytest.fixture(scope="session")
def raeder(template, tmp_path_factory):
    """The three of "Blue Sky Räder"."""
    return template.stamp(tmp_path_factory.mktemp("full"), "Blue Sky Räder")


@pytest.fixture(scope="session")
def without_sample(template, tmp_path_factory):
    """The three of the longest name, without the sample."""
    return template.stamp(tmp_path_factory.mktemp("none"), LONGEST, "--sample", "none")


def state(repository):
    """Return what a repository knows of its template."""
    return json.loads((repository / ".cruft.json").read_text(encoding="utf-8"))
