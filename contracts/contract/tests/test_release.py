"""The life of a release: judged, computed, frozen, told."""

import contextlib
import datetime as dt
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from contract.cli import main
from contract.findings.finding import Finding, Verdict
from contract.openapi.document import DocumentError
from contract.release.plan import broken_pairs, plan
from contract.release.release import release
from contract.release.store import ReleaseStore, dump
from contract.tests.building import EXAMPLE

DAY = dt.date(2026, 12, 24)


@pytest.fixture
def store(tmp_path):
    """A contract with its first release and a draft to edit."""
    (tmp_path / "releases").mkdir()
    shutil.copy(EXAMPLE, tmp_path / "releases" / "1.0.0.json")
    made = ReleaseStore(tmp_path)
    made.draft.write_text(dump(json.loads(EXAMPLE.read_text())))
    made.record(made.path((1, 0, 0)))
    return made


def edit(store, change):
    data = json.loads(store.draft.read_text())
    change(data)
    store.draft.write_text(dump(data))


def add_field(data):
    data["components"]["schemas"]["Product"]["properties"]["weight_grams"] = {"type": "integer"}


def raise_minimum(data):
    data["components"]["schemas"]["Money"]["properties"]["amount_minor"]["minimum"] = 1


def change_words(data):
    data["info"]["description"] = "Other words."


def test_an_altered_release_is_found_and_stops_the_next(store):
    store.path((1, 0, 0)).write_text("{}")
    assert store.altered() == ["releases/1.0.0.json was changed after its release"]
    with pytest.raises(DocumentError):
        release(store, None, DAY)


@pytest.mark.parametrize(
    ("change", "version"), [(add_field, "1.1.0"), (change_words, "1.0.1"), (raise_minimum, "2.0.0")]
)
def test_the_version_follows_from_the_differences(store, change, version):
    edit(store, change)
    assert ".".join(map(str, plan(store).version)) == version


def test_nothing_is_released_twice(store):
    with pytest.raises(DocumentError, match="nothing to release"):
        release(store, None, DAY)


def test_a_release_freezes_the_draft_and_tells_what_changed(store):
    edit(store, add_field)
    version, _ = release(store, None, DAY)
    frozen = json.loads(store.path(version).read_text())
    assert frozen["info"]["version"] == "1.1.0"
    assert store.altered() == []
    assert store.draft.read_text() == store.path(version).read_text()
    log = store.changelog.read_text()
    assert "## [1.1.0] - 2026-12-24\n\n### Added\n\n- `list_products` (GET /v1/products), 200 response:" in log
    assert "weight_grams was added (also `" in log


def test_an_announcement_is_no_difference_of_the_next_release(store):
    def announce(data):
        field = data["components"]["schemas"]["Product"]["properties"]["description"]
        field |= {"deprecated": True, "x-sunset": "2030-01-31"}

    edit(store, announce)
    release(store, None, DAY)
    edit(store, add_field)

    assert {finding.path[-1] for finding in plan(store).findings} == {"weight_grams"}


def test_a_smaller_version_is_refused(store):
    edit(store, add_field)
    with pytest.raises(DocumentError, match=r"1\.0\.1 is too small: the differences ask for 1\.1\.0"):
        release(store, "1.0.1", DAY)


def test_a_major_release_has_to_be_asked_for(store):
    edit(store, raise_minimum)
    with pytest.raises(DocumentError, match=r"contract release 2\.0\.0"):
        release(store, None, DAY)
    version, _ = release(store, "2.0.0", DAY)
    assert version == (2, 0, 0)
    assert (
        "**Breaking:** `create_product` (POST /v1/products), request body: price.amount_minor"
        in store.changelog.read_text()
    )


def test_a_waiver_with_a_reason_lets_a_break_through(store):
    edit(store, raise_minimum)
    [stop] = [finding for finding in plan(store).findings if finding.stops]
    store.notes.write_text(f"# Notes\n\nFree goods are gone.\n\n## Waived\n\n- `{stop.name}`: nobody sends zero\n")
    assert plan(store).version == (1, 1, 0)
    release(store, None, DAY)
    log = store.changelog.read_text()
    assert "Free goods are gone." in log
    assert "accepted: nobody sends zero" in log
    assert store.waivers() == {}


def test_a_waiver_is_never_taken_for_that_of_another_operation(tmp_path):
    """`/a/b` and `/a-b` have the same name but for their punctuation."""

    def with_paths(*paths):
        answers = {"responses": {"204": {"description": "Done."}}}
        info = {"title": "T", "version": "1.0.0"}
        return {"openapi": "3.1.0", "info": info, "paths": {path: {"get": answers} for path in paths}}

    paths = ("/a/b", "/a-b", "/a b", "/kept")
    store = ReleaseStore(tmp_path)
    (tmp_path / "releases").mkdir()
    store.path((1, 0, 0)).write_text(dump(with_paths(*paths)))
    store.record(store.path((1, 0, 0)))
    store.draft.write_text(dump(with_paths("/kept")))
    names = [finding.name for finding in plan(store).findings if finding.stops]
    assert len(set(names)) == 3

    store.notes.write_text(f"## Waived\n\n- `{names[0]}`: nobody calls it\n")
    assert [finding.name for finding in plan(store).findings if finding.stops] == names[1:]
    store.notes.write_text("## Waived\n\n- `GET-a-b/operation-removed`: which one?\n")
    judged = plan(store)
    assert (judged.stale, len([finding for finding in judged.findings if finding.stops])) == (
        ("GET-a-b/operation-removed",),
        3,
    )


def test_a_waiver_needs_a_reason_and_a_difference(store):
    store.notes.write_text("## Waived\n\n- `a/b`: because\n")
    assert plan(store).stale == ("a/b",)
    store.notes.write_text("## Waived\n\n- `a/b`:\n")
    with pytest.raises(DocumentError, match="no reason"):
        plan(store)


def test_the_first_release_is_one(tmp_path, store):
    shutil.rmtree(tmp_path / "releases")
    assert release(store, None, DAY)[0] == (1, 0, 0)
    assert "- `create_product` (POST /v1/products)" in store.changelog.read_text()


class Stopped(BaseException):
    """The machine is switched off."""


@pytest.mark.parametrize("after", range(6))
def test_an_interrupted_release_is_none_or_whole_and_can_be_made_again(store, monkeypatch, after):
    edit(store, add_field)
    store.notes.write_text("# Notes\n\nGoods have a weight.\n")
    rename, writes = Path.replace, iter(range(9))

    def stop(path, target):
        if next(writes) == after:
            raise Stopped
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stop)
        with contextlib.suppress(Stopped):
            release(store, None, DAY)

    if (1, 1, 0) not in store.versions():
        assert store.latest() == (1, 0, 0)
        assert release(store, None, DAY)[0] == (1, 1, 0)
    assert store.altered() == []
    log = store.changelog.read_text()
    assert (log.count("## [1.1.0]"), log.count("Goods have a weight.")) == (1, 1)
    assert store.draft.read_bytes() == store.path((1, 1, 0)).read_bytes()
    with pytest.raises(DocumentError, match=r"nothing to release: the draft is 1\.1\.0"):
        release(store, None, DAY)


def test_a_file_that_no_checksum_lists_is_not_overwritten(store):
    edit(store, add_field)
    other = store.path((1, 1, 0))
    other.write_text(EXAMPLE.read_text().replace("Corner", "Other"))
    before = other.read_bytes()

    with pytest.raises(DocumentError, match=r"releases/1\.1\.0\.json has no recorded checksum, and is not the draft"):
        release(store, None, DAY)
    assert other.read_bytes() == before


def test_a_version_that_exists_is_never_made_again(store):
    edit(store, add_field)
    for wanted, words in (("1.0.0", "was released already"), ("1.0.1", "too small"), ("v1.1.0", "is not a version"),
                          ("1.1", "is not a version"), ("1.01.0", "is not a version")):  # fmt: skip
        with pytest.raises(DocumentError, match=words):
            release(store, wanted, DAY)
    assert store.versions() == [(1, 0, 0)]


SUMS = {
    "a word": (b"x\n", "line 2 is not a checksum and a file"),
    "a capital": (b"A" * 64 + b"  1.1.0.json\n", "line 2 is not a checksum"),
    "a path": (b"a" * 64 + b"  ../1.1.0.json\n", "line 2 is not a checksum"),
    "one space": (b"a" * 64 + b" 1.1.0.json\n", "line 2 is not a checksum"),
    "a missing release": (b"a" * 64 + b"  1.1.0.json\n", "releases/1.1.0.json is recorded but missing"),
    "the same again": (b"a" * 64 + b"  1.0.0.json\n", "line 2 lists 1.0.0.json again"),
    "a conflict": (b"<<<<<<< HEAD\n", "an unresolved merge"),
    "no text": (b"\xff\n", "not UTF-8 text"),
}


@pytest.mark.parametrize("what", SUMS)
@pytest.mark.parametrize("command", ["check", "status", "release"])
def test_checksums_that_were_edited_by_hand_are_one_line_and_two(store, capsys, what, command):
    content, words = SUMS[what]
    edit(store, add_field)
    store.sums.write_bytes(store.sums.read_bytes() + content)
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}

    assert main(["--root", str(store.root), command]) == 2
    said = capsys.readouterr()
    [line] = said.err.splitlines()
    assert words in line
    assert said.out == ""
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before


def test_checksums_without_a_last_line_end_stay_one_a_line(store):
    store.sums.write_bytes(store.sums.read_bytes().rstrip())
    edit(store, add_field)
    release(store, None, DAY)

    assert [line.split()[1] for line in store.sums.read_text().splitlines()] == ["1.0.0.json", "1.1.0.json"]


def git(folder, *arguments):
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("mine", [add_field, change_words])
def test_two_branches_that_both_release_are_a_conflict_that_is_seen(store, capsys, mine):
    def other_field(data):
        data["components"]["schemas"]["Product"]["properties"]["barcode"] = {"type": "string"}

    git(store.root, "init", "--quiet", "--initial-branch=main")
    for branch, change in (("main", None), ("one", mine), ("two", other_field)):
        git(store.root, "switch", "--quiet", "--create", branch, *(["main"] if change else []))
        if change:
            edit(store, change)
            release(store, None, DAY)
        git(store.root, "add", "--all")
        git(store.root, "commit", "--quiet", "--message", branch)

    assert git(store.root, "merge", "one").returncode == 1
    unmerged = git(store.root, "diff", "--name-only", "--diff-filter=U").stdout
    assert "releases/SHA256SUMS" in unmerged
    assert main(["--root", str(store.root), "check"]) == 2
    assert "an unresolved merge of two releases" in capsys.readouterr().err
    git(store.root, "checkout", "--ours", "releases", "openapi.json", "CHANGELOG.md")
    (store.path((1, 0, 1))).unlink(missing_ok=True)
    assert main(["--root", str(store.root), "status"]) == 0


class TestNotes:
    NOTES = """# Notes for the next release

What a reader of the changelog should know beyond the differences, if anything.

First words.

## Migration

- Send `weight_grams`.

## Waived

* `{name}`: nobody sends zero

## After

Last words.
"""

    def test_every_word_of_them_gets_into_the_changelog(self, store):
        edit(store, raise_minimum)
        [stop] = [finding for finding in plan(store).findings if finding.stops]
        store.notes.write_text(self.NOTES.format(name=stop.name))
        release(store, None, DAY)

        log = store.changelog.read_text()
        for words in (
            "First words.",
            "## Migration",
            "- Send `weight_grams`.",
            "Last words.",
            "accepted: nobody sends",
        ):
            assert words in log
        assert "What a reader of the changelog" not in log
        assert store.words() == ""

    def test_what_was_waived_stays_waived_for_the_releases_before(self, store):
        edit(store, raise_minimum)
        [stop] = [finding for finding in plan(store).findings if finding.stops]
        store.notes.write_text(f"## Waived\n\n- `{stop.name}`: nobody sends zero\n")
        release(store, None, DAY)
        assert store.waived_before() == [((1, 1, 0), stop.name, "nobody sends zero")]
        edit(store, add_field)

        judged = plan(store)
        assert [finding for finding in judged.findings if finding.stops] == []
        assert judged.version == (1, 2, 0)
        assert broken_pairs(store) == []

    def test_what_was_waived_is_told_once(self, store):
        edit(store, raise_minimum)
        [stop] = [finding for finding in plan(store).findings if finding.stops]
        store.notes.write_text(f"## Waived\n\n- `{stop.name}`: nobody sends zero\n")
        release(store, None, DAY)
        edit(store, add_field)
        release(store, None, DAY)
        edit(store, change_words)
        release(store, None, DAY)

        log = store.changelog.read_text()
        assert log.count("nobody sends zero") == 1
        assert "## [1.2.1] - 2026-12-24\n\n### Changed\n\n- " in log

    def test_but_does_not_excuse_the_next_break_of_that_name(self, store):
        edit(store, raise_minimum)
        [stop] = [finding for finding in plan(store).findings if finding.stops]
        store.notes.write_text(f"## Waived\n\n- `{stop.name}`: nobody sends zero\n")
        release(store, None, DAY)
        edit(store, lambda data: data["components"]["schemas"]["Money"]["properties"]["amount_minor"].update(minimum=5))

        [again] = [finding for finding in plan(store).findings if finding.stops]
        assert (again.name, again.releases) == (stop.name, ["1.0.0", "1.1.0"])


class TestChangelogWithoutFindings:
    def log(self, store, monkeypatch):
        monkeypatch.setattr("contract.release.plan.compare", lambda *documents, relaxations=True: [])
        release(store, None, DAY)
        return store.changelog.read_text()

    def test_names_the_texts_that_changed(self, store, monkeypatch):
        edit(store, change_words)

        assert "- Texts and examples only: `/info/description`." in self.log(store, monkeypatch)

    def test_never_says_that_only_texts_changed_when_more_did(self, store, monkeypatch):
        edit(
            store, lambda data: data["components"]["schemas"]["Product"]["properties"].update(title={"type": "string"})
        )

        log = self.log(store, monkeypatch)
        assert "Texts" not in log
        assert "what differs: `/components/schemas/Product/properties/title`." in log

    def test_1_is_not_true(self, store, monkeypatch):
        def number(value):
            return lambda data: data["components"]["schemas"]["Product"].update({"x-limit": value})

        edit(store, number(1))
        release(store, None, DAY)
        edit(store, number(True))

        assert "what differs: `/components/schemas/Product/x-limit`." in self.log(store, monkeypatch)


def test_the_changelog_has_every_finding_whatever_its_kind(store, monkeypatch):
    findings = [
        Finding(verdict=Verdict.COMPATIBLE, rule="field-added", path=("one",), kind="Fixed"),
        Finding(verdict=Verdict.SOURCE, rule="operation-id", before="two", kind=""),
    ]
    monkeypatch.setattr("contract.release.plan.compare", lambda *documents, relaxations=True: list(findings))
    edit(store, change_words)
    release(store, None, DAY)

    log = store.changelog.read_text()
    assert ["- one was added" in log, "- operationId was two" in log] == [True, True]


@pytest.mark.parametrize("required", [True, False])
def test_a_response_field_that_is_hidden_needs_notice(store, required):
    def hide(data):
        product = data["components"]["schemas"]["Product"]
        product["properties"]["description"] = {"type": "string", "writeOnly": True}
        others = [name for name in product["required"] if name != "description"]
        product["required"] = [*others, "description"] if required else others

    edit(store, hide)
    assert "description" in {finding.path[-1] for finding in plan(store).findings if finding.stops}


def test_a_hotfix_in_the_draft_itself_is_told_to_be_put_back(store, capsys):
    edit(store, add_field)
    release(store, None, DAY)
    store.draft.write_bytes(store.path((1, 0, 0)).read_bytes())
    edit(store, change_words)

    assert main(["--root", str(store.root), "check", "1.0.1"]) == 0
    assert "The next release would be 1.0.1 after 1.0.0." in capsys.readouterr().out
    assert main(["--root", str(store.root), "release", "1.0.1"]) == 0
    assert "git checkout openapi.json" in capsys.readouterr().out


def test_a_draft_that_began_before_the_newest_is_told_to_pin_first(store, capsys):
    edit(store, add_field)
    release(store, None, DAY)
    store.draft.write_bytes(store.path((1, 0, 0)).read_bytes())
    edit(store, lambda data: data["paths"].pop("/v1/statistics"))

    for command in ("check", "release"):
        assert main(["--root", str(store.root), command]) != 0
        said = capsys.readouterr()
        assert "the draft began as 1.0.0, the newest is 1.1.0: pin it first" in said.out + said.err


def test_a_hotfix_that_began_before_the_last_hotfix_is_told_so(store, capsys):
    edit(store, add_field)
    release(store, None, DAY)
    for change in (change_words, raise_minimum):
        store.draft.write_bytes(store.path((1, 0, 0)).read_bytes())
        edit(store, change)
        main(["--root", str(store.root), "release", "1.0.1" if change is change_words else "1.0.2"])

    line = capsys.readouterr().err
    assert "the draft began as 1.0.0, the newest is 1.0.1: pin it first; else" in line


def test_the_status_of_an_older_major_names_both(store, capsys):
    edit(store, raise_minimum)
    release(store, "2.0.0", DAY)
    store.draft.write_bytes(store.path((1, 0, 0)).read_bytes())

    main(["--root", str(store.root), "status"])
    said = capsys.readouterr().out
    assert said.startswith("latest release: 2.0.0\ndraft after 1.0.0: ")


@pytest.mark.parametrize("title", ["Other Shop API", "", None])
def test_a_draft_of_another_api_is_refused_as_a_pin_would_be(store, capsys, title):
    edit(store, lambda data: data["info"].update(title=title))

    for command in ("check", "release"):
        assert main(["--root", str(store.root), command]) == 2
        assert "is another API" in capsys.readouterr().err
