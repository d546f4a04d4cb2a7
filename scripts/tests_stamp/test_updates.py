"""Months later: the template's changes arrive, and what was changed here stays."""

import shutil
import sys

import pytest

from conftest import commit, git, run

API = "api/CONTRIBUTING.md"
RULE = "- A commit does one thing"


@pytest.fixture
def repository(template, own_template, raeder, tmp_path):
    """The API of "Blue Sky Räder", as if it had been made from the test's own template."""
    copy = shutil.copytree(raeder / "blue-sky-raeder-api", tmp_path / "api", symlinks=True)
    known = copy / ".cruft.json"
    known.write_text(known.read_text().replace(str(template.folder), str(own_template.folder)))
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    git(copy, *who, "commit", "--quiet", "--all", "--amend", "--no-edit")
    return copy


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


def test_it_refuses_what_is_no_repository(repository):
    shutil.rmtree(repository / ".git")

    done = update(repository)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("git failed")


def test_a_template_that_has_moved_is_named(own_template, repository, tmp_path):
    moved = own_template.folder.rename(tmp_path / "moved")

    done = update(repository)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--template" in done.stderr
    assert update(repository, "--template", moved).returncode == 0


def test_a_file_of_ours_that_git_does_not_know_is_never_overwritten(own_template, repository):
    (repository / "NEW.md").write_text("mine")
    (own_template.folder / "api" / "NEW.md").write_text("theirs")
    own_template.commit()

    done = update(repository)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "NEW.md" in done.stderr
    assert (repository / "NEW.md").read_text() == "mine"
    assert git(repository, "status", "--porcelain") == "?? NEW.md"


def test_our_lines_that_name_a_moved_module_are_shown(own_template, repository):
    for module in ("one", "two"):
        path = own_template.folder / "api" / "app" / "rooms" / f"{module}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{module.upper()}_{number} = {number}\n" for number in range(9)))
    own_template.commit()
    assert update(repository).returncode == 0
    mine = repository / "app" / "mine.py"
    mine.write_text("import app.rooms.one\nfrom app.rooms import two\nfrom app.rooms.twofold import x\n")
    commit(repository)
    (own_template.folder / "api" / "app" / "rooms").rename(own_template.folder / "api" / "app" / "places")
    own_template.commit()

    done = update(repository)

    assert done.returncode == 0, done.stderr
    assert "app/mine.py:1: names app.rooms.one, which is app.places.one now" in done.stdout
    assert "app/mine.py:2: names app.rooms.two, which is app.places.two now" in done.stdout
    assert "app/mine.py:3" not in done.stdout


def test_a_sample_that_was_removed_here_stays_away(own_template, repository):
    run(sys.executable, repository / "scripts" / "without-sample", cwd=repository)
    commit(repository, "Without the sample")
    products = own_template.folder / "api" / "app" / "resources" / "products"
    (products / "news.py").write_text('"""News."""\n')
    own_template.change("api/app/resources/products/schemas.py", '"""', '"""News. ')

    done = update(repository)

    assert (done.returncode, done.stdout) == (0, "nothing for this repository\n")
    assert not (repository / "app" / "resources" / "products").exists()


def test_the_template_s_newer_script_does_the_work(own_template, repository):
    own_template.change("scripts/update", "one commit, see", "one commit by the newer script, see")
    own_template.change(API, RULE, "- A commit does exactly one thing")

    done = update(repository)

    assert done.returncode == 0, done.stderr
    assert "by the newer script" in done.stdout


def test_it_works_from_the_template_on_a_repository_without_the_script(own_template, repository):
    git(repository, "rm", "--quiet", "scripts/update")
    commit(repository, "Without it")
    own_template.change(API, RULE, "- A commit does exactly one thing")
    script = own_template.folder / "scripts" / "update"

    done = run(sys.executable, script, "--repository", repository, check=False)

    assert done.returncode == 0, done.stderr
    assert "exactly one thing" in (repository / "CONTRIBUTING.md").read_text()


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
