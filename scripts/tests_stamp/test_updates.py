"""Months later: the template's changes arrive, and what was changed here stays."""

import sys

import pytest

from conftest import git, run

API = "api/CONTRIBUTING.md"
RULE = "- A commit does one thing"


@pytest.fixture
def repository(own_template, tmp_path):
    git(own_template.folder, "config", "receive.denyCurrentBranch", "ignore")
    return own_template.stamp(tmp_path / "mine", "Blue Sky Räder", "--only", "api")


def update(repository, *options):
    return run(sys.executable, repository / "scripts" / "update", *options, check=False)


def change(repository, name, old, new):
    path = repository / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    git(repository, *who, "commit", "--quiet", "--all", "--message", "Ours")


def test_a_change_becomes_one_commit(own_template, repository):
    change(repository, "README.md", "## Configure", "## Configure it")
    (own_template.folder / "api" / "NEW.md").write_text("Corner Shop has news.\n")
    newest = own_template.change(API, RULE, "- A commit does exactly one thing")

    done = update(repository)

    assert done.returncode == 0, done.stderr
    assert git(repository, "rev-list", "--count", "HEAD") == "3"
    assert git(repository, "status", "--porcelain") == ""
    assert "exactly one thing" in (repository / "CONTRIBUTING.md").read_text()
    assert (repository / "NEW.md").read_text() == "Blue Sky Räder has news.\n"
    assert "## Configure it" in (repository / "README.md").read_text()
    assert newest in (repository / ".cruft.json").read_text()
    assert "nothing for this repository" in update(repository).stdout


def test_what_both_changed_is_a_conflict(own_template, repository):
    change(repository, "CONTRIBUTING.md", RULE, "- A commit does what it likes")
    own_template.change(API, RULE, "- A commit does exactly one thing")

    done = update(repository)

    assert done.returncode == 1
    assert "CONTRIBUTING.md" in done.stdout
    text = (repository / "CONTRIBUTING.md").read_text()
    assert "<<<<<<<" in text
    assert "what it likes" in text
    assert "exactly one thing" in text
    assert git(repository, "rev-list", "--count", "HEAD") == "2"


def test_what_the_others_got_is_nothing_for_this_one(own_template, repository):
    own_template.change("web/CONTRIBUTING.md", "#", "##")

    done = update(repository)

    assert (done.returncode, done.stdout) == (0, "nothing for this repository\n")
    assert git(repository, "rev-list", "--count", "HEAD") == "1"


def test_a_file_deleted_here_stays_deleted(own_template, repository):
    git(repository, "rm", "--quiet", "CONTRIBUTING.md")
    change(repository, "README.md", "## Configure", "## Configure it")
    own_template.change(API, RULE, "- A commit does exactly one thing")

    done = update(repository)

    assert done.returncode == 0, done.stderr
    assert "stays deleted" in done.stdout
    assert not (repository / "CONTRIBUTING.md").exists()


def test_the_contract_is_this_repository_s_own(own_template, repository):
    before = (repository / "contract.json").read_text()
    own_template.change("api/contract.json", '"openapi"', '"x-new": 1, "openapi"')

    assert "nothing for this repository" in update(repository).stdout
    assert (repository / "contract.json").read_text() == before


def test_without_the_sample_it_stays_away(own_template, tmp_path):
    repository = own_template.stamp(tmp_path / "mine", "Acme", "--only", "api", "--sample", "none")
    own_template.change("api/app/resources/products/schemas.py", '"""', '"""News. ')

    assert "nothing for this repository" in update(repository).stdout


def test_it_refuses_to_begin_on_uncommitted_work(own_template, repository):
    (repository / "README.md").write_text("mine")

    done = update(repository)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (repository / "README.md").read_text() == "mine"


def test_a_template_that_has_moved_is_named(own_template, repository, tmp_path):
    moved = own_template.folder.rename(tmp_path / "moved")

    done = update(repository)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--template" in done.stderr
    assert update(repository, "--template", moved).returncode == 0


class TestCruft:
    """The same repository in the hands of cruft."""

    def cruft(self, repository, *arguments):
        return run(sys.executable, "-m", "cruft", *arguments, cwd=repository, check=False)

    def test_check_knows_whether_there_is_something(self, own_template, repository):
        assert self.cruft(repository, "check").returncode == 0
        own_template.change(API, RULE, "- A commit does exactly one thing")

        assert self.cruft(repository, "check").returncode == 1

    def test_update_brings_it(self, own_template, repository):
        own_template.change(API, RULE, "- A commit does exactly one thing")

        done = self.cruft(repository, "update", "--skip-apply-ask")

        assert done.returncode == 0, done.stderr
        assert "exactly one thing" in (repository / "CONTRIBUTING.md").read_text()
        assert self.cruft(repository, "check").returncode == 0
