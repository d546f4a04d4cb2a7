"""scripts/upgrade: a newer release of this major becomes a commit on a branch, or nothing happens."""
# ruff: noqa: E501 - a table, one line a kind

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkouts import contract, document, edit, files, make, release


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make(tmp_path)


def no_release(repository: Path) -> None:
    for path in (repository.parent / "contracts" / "releases").iterdir():
        path.unlink()


def git(repository: Path, *arguments: str) -> str:
    named = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    command = ["git", "-C", str(repository), *named, *arguments]
    return subprocess.check_output(command, text=True).strip()


@pytest.fixture
def cloned(repository: Path) -> Path:
    """The repository in git, on main; the contracts have a new major beside 1.10.0."""
    release(repository.parent / "contracts" / "releases", document("2.0.0"))
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "First")
    return repository


class TestUpgrade:
    def upgrade(self, repository: Path) -> subprocess.CompletedProcess[str]:
        return contract(repository, str(repository.parent / "contracts"), script="upgrade")

    def state(self, repository: Path) -> list[str]:
        commands = (
            ["branch"],
            ["status", "--porcelain"],
            ["rev-parse", "HEAD"],
            ["worktree", "list"],
        )
        return [git(repository, *command) for command in commands]

    def test_stays_within_its_major_and_says_so(self, cloned: Path):
        result = self.upgrade(cloned)

        assert (result.returncode, result.stdout) == (0, "contract-1.10.0\n")
        assert "2.0.0 is a new major" in result.stderr
        assert json.loads((cloned / "contract.json").read_text())["info"]["version"] == "1.10.0"
        assert git(cloned, "branch", "--show-current") == "contract-1.10.0"
        message = git(cloned, "show", "--no-patch", "--format=%B")
        assert message.startswith(
            "Pin release 1.10.0 of the contract\n\npinned 1.9.0, newest 1.10.0"
        )
        assert "- new" in message
        assert "- major" not in message
        assert git(cloned, "status", "--porcelain") == ""

    @pytest.mark.parametrize("where", ["contract-1.10.0", "main"])
    def test_a_second_time_does_nothing(self, cloned: Path, where: str):
        self.upgrade(cloned)
        git(cloned, "switch", "--quiet", where)
        before = self.state(cloned)

        result = self.upgrade(cloned)

        assert (result.returncode, result.stdout) == (0, "")
        assert self.state(cloned) == before

    def test_nothing_newer_is_nothing_to_do(self, cloned: Path):
        shutil.copy(
            cloned.parent / "contracts" / "releases" / "2.0.0.json", cloned / "contract.json"
        )
        git(cloned, "commit", "--quiet", "--all", "--message", "Pin")

        assert (self.upgrade(cloned).stdout, self.upgrade(cloned).returncode) == ("", 0)

    FAILURES: dict[str, tuple[Callable[[Path], object], str]] = {
        "a dirty tree": (lambda r: (r / "scripts" / "setup").write_text("#!/bin/sh\n# mine\n"), "not committed"),
        "no checkout": (lambda r: shutil.rmtree(r.parent / "contracts"), "no contracts checkout"),
        "no release": (no_release, "has no release"),
        "an altered release": (
            lambda r: edit(r.parent / "contracts" / "releases" / "1.10.0.json", b"maxLength", b"x"), "was changed after"),
        "a branch of that name": (lambda r: git(r, "branch", "contract-1.10.0"), "git branch -D contract-1.10.0"),
        "a hook that refuses": (lambda r: hook(r, "echo never >&2; exit 1"), "never"),
        "a file in the way": (lambda r: git(r, "rm", "-q", "--cached", "contract.json") and git(r, "commit", "-qm", "x"), ""),
        "a broken pin": (lambda r: (r / "contract.json").write_text("{"), "contract.json is not JSON"),
        "no repository": (lambda r: shutil.rmtree(r / ".git"), "not a git repository"),
    }  # fmt: skip

    @pytest.mark.parametrize("what", FAILURES)
    def test_a_failure_is_one_line_and_leaves_all_as_it_was(self, cloned: Path, what: str):
        fail, words = self.FAILURES[what]
        fail(cloned)
        before = files(cloned), self.state(cloned) if (cloned / ".git").exists() else []

        result = self.upgrade(cloned)

        assert (result.returncode, result.stdout) == (2, "")
        *_, line = result.stderr.splitlines()
        assert line.startswith("scripts/upgrade: ")
        assert words in line
        assert "Traceback" not in result.stderr
        assert (files(cloned), self.state(cloned) if (cloned / ".git").exists() else []) == before

    @pytest.mark.parametrize("line", ["a b", "--minor", "--major a b", "a --major"])
    def test_a_command_line_that_is_none_is_one_line(self, cloned: Path, line: str):
        result = contract(cloned, *line.split(), script="upgrade")

        wanted = "usage: scripts/upgrade [--major] [PLACE]\n"
        assert (result.returncode, result.stdout, result.stderr) == (2, "", wanted)

    def test_a_git_repository_will_do(self, cloned: Path):
        contracts = cloned.parent / "contracts"
        git(contracts, "init", "--quiet", "--initial-branch=main")
        git(contracts, "add", "--all")
        git(contracts, "commit", "--quiet", "--message", "Release")
        contracts.rename(cloned.parent / "elsewhere")
        place = {"CONTRACTS_URL": f"file://{cloned.parent / 'elsewhere'}"}

        result = contract(cloned, script="upgrade", environment=place)

        assert (result.returncode, result.stdout) == (0, "contract-1.10.0\n")


class TestNewMajor:
    def test_is_told_as_an_issue_and_not_pinned(self, cloned: Path):
        before = files(cloned)

        result = contract(cloned, "--major", script="upgrade")

        title, empty, *text = result.stdout.splitlines()
        assert (result.returncode, title, empty) == (
            0,
            "Release 2.0.0 of the contract: a new major",
            "",
        )
        assert "This repository speaks 1.9.0." in text[0]
        assert ("- major" in text, "- new" in text) == (True, False)
        assert files(cloned) == before

    def test_the_title_stays_while_the_major_gets_releases(self, cloned: Path):
        release(cloned.parent / "contracts" / "releases", document("2.1.0"))

        result = contract(cloned, "--major", script="upgrade")

        assert result.stdout.startswith("Release 2.0.0 of the contract: a new major\n")
        assert "scripts/contract pin 2.1.0" in result.stdout

    def test_where_there_is_none_nothing_is_told(self, repository: Path):
        result = contract(repository, "--major", script="upgrade")

        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def hook(repository: Path, text: str) -> None:
    path = repository / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
