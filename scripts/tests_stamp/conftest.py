"""A template of the tests' own, and what it stamps."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("contracts", "api", "web")


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="every suite of every stamped repository")


def run(*command, cwd=None, check=True):
    """Run a command on a machine whose git knows nobody; return what it did."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
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


class Template:
    """The template as it stands here, in a repository of its own whose history a test may go on with."""

    def __init__(self, folder):
        self.folder = folder
        for name in filter(None, git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        git(folder, "init", "--quiet", "--initial-branch=main")
        self.commit("The template")

    def commit(self, message="More"):
        git(self.folder, "add", "--all")
        who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
        git(self.folder, *who, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(self.folder, "rev-parse", "HEAD")

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
    """A copy that a test may change; with its cookiecutter."""
    copy = object.__new__(Template)
    copy.folder = tmp_path / "template"
    shutil.copytree(template.folder, copy.folder, symlinks=True)
    return copy


@pytest.fixture(scope="session")
def raeder(template, tmp_path_factory):
    """The three of "Blue Sky Räder"."""
    return template.stamp(tmp_path_factory.mktemp("full"), "Blue Sky Räder")


def state(repository):
    """Return what a repository knows of its template."""
    return json.loads((repository / ".cruft.json").read_text(encoding="utf-8"))
