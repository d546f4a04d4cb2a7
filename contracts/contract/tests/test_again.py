"""Two branches that both released, merged by git: no file is edited by hand, and nothing is lost."""

import copy
import datetime as dt
import itertools
import json
import random
import shutil
import subprocess

import pytest

from contract.cli import main
from contract.openapi.document import DocumentError
from contract.release.again import release_again
from contract.release.plan import broken_pairs, plan
from contract.release.release import release
from contract.release.store import ReleaseStore, dump
from contract.tests.building import shop

DAY = dt.date(2026, 12, 24)


def git(folder, *arguments, check=True):
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


def commit(folder, message):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


@pytest.fixture
def store(tmp_path):
    """A repository on main whose contract has its first release."""
    root = tmp_path / "contracts"
    (root / "releases").mkdir(parents=True)
    made = ReleaseStore(root)
    for path in (made.path((1, 0, 0)), made.draft):
        path.write_text(dump(shop()))
    made.record(made.path((1, 0, 0)))
    made.changelog.write_text("# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- first\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "First")
    return made


def edit(store, *changes):
    data = json.loads(store.draft.read_text())
    for change in changes:
        change(data)
    store.draft.write_text(dump(data))


def schema(data, name="Product"):
    return data["components"]["schemas"][name]


def field(name, *schemas):
    def change(data):
        for one in schemas or ("Product",):
            schema(data, one)["properties"][name] = {"type": "integer", "description": f"The {name}."}

    return change


def add(items, item):
    """Add an item that is not there: a change that is made twice is made once."""
    if item not in items:
        items.append(item)


def operation(name):
    def change(data):
        answer = {"204": {"description": "Done."}}
        add(data.setdefault("tags", []), {"name": name})
        data["paths"][f"/v1/{name}"] = {"get": {"operationId": f"list_{name}", "tags": [name], "responses": answer}}

    return change


def parameter(name):
    def change(data):
        entry = {"name": name, "in": "query", "required": False, "schema": {"type": "string", "maxLength": 9}}
        add(data["paths"]["/v1/products"]["get"].setdefault("parameters", []), entry)

    return change


def words(name):
    return lambda data: data["info"].update({f"x-{name}": name, "summary": "Goods."})


def status(name):
    def change(data):
        code = {"one": "418", "two": "423"}[name]
        data["paths"]["/v1/products"]["get"]["responses"][code] = {"description": f"Refused by {name}."}

    return change


def deprecated(name):
    which = {"one": "description", "two": "name"}[name]

    def change(data):
        schema(data)["properties"][which] |= {"deprecated": True, "x-sunset": "2030-01-01"}

    return change


def limit(name):
    which = {"one": "name", "two": "sku"}[name]

    def change(data):
        for one in ("ProductCreate", "ProductUpdate"):
            if which in schema(data, one)["properties"]:
                schema(data, one)["properties"][which]["maxLength"] = 900

    return change


# What a team's feature is, by kind; each for one team and for another.
KINDS = {
    "a field of an answer": lambda name: field(f"field_{name}"),
    "a field of bodies and answers": lambda name: field(f"wide_{name}", "Product", "ProductCreate", "ProductUpdate"),
    "an operation": lambda name: operation(f"{name}s"),
    "a parameter": lambda name: parameter(name),
    "a status": status,
    "words": words,
    "a wider limit": limit,
    "an announcement": deprecated,
}
WAYS = ("main into the branch", "the branch into main", "rebase", "a fetched main into the branch")
CASES = list(itertools.product(KINDS, KINDS, WAYS))


def branches(store, mine, theirs):
    """Release `theirs` on main, which is published, and `mine` on a branch of the same origin."""
    for branch, changes in (("team", mine), ("main", theirs)):
        git(store.root, "switch", "--quiet", *(["--create", branch] if branch == "team" else [branch]))
        for index, change in enumerate(changes):
            edit(store, change)
            store.notes.write_text(f"# Notes\n\nWords of {branch} {index}.\n")
            release(store, None, DAY)
            commit(store.root, f"Release of {branch}")


def merge(store, way):
    """Let git merge; the command resolves what it could not. The branch that has both is checked out."""
    root = store.root
    git(root, "switch", "--quiet", "main" if way == "the branch into main" else "team")
    if way == "a fetched main into the branch":
        git(root, "update-ref", "refs/remotes/origin/main", "main")
        git(root, "branch", "--force", "main", "main~1")
    command = {
        "main into the branch": ["merge", "main"],
        "the branch into main": ["merge", "team"],
        "rebase": ["rebase", "main"],
        "a fetched main into the branch": ["merge", "origin/main"],
    }[way]
    assert git(root, *command, check=False).returncode
    assert "releases/SHA256SUMS" in git(root, "diff", "--name-only", "--diff-filter=U").stdout
    done = release_again(store, today=DAY)
    if way == "rebase":
        git(root, "-c", "core.editor=true", "rebase", "--continue", check=False)
    else:
        git(root, "commit", "--quiet", "--no-edit")
    return done


def published(store, commit="main"):
    """Each published release's bytes."""
    names = git(store.root, "ls-tree", "--name-only", commit, "releases/").stdout.split()
    releases = [name for name in names if name.endswith(".json")]
    return {name: git(store.root, "show", f"{commit}:{name}").stdout for name in releases}


def holds(document, change):
    """Whether a document has a change already."""
    changed = copy.deepcopy(document)
    change(changed)
    return changed == document


def check(store, before, features, log):
    """All is green, all features are in the newest release, nothing published is another."""
    root = store.root
    assert git(root, "status", "--porcelain").stdout == ""
    assert store.altered() == []
    assert broken_pairs(store) == []
    assert plan(store).version is None, "the draft is the newest release"
    assert store.draft.read_bytes() == store.path(store.latest()).read_bytes()
    for name, text in before.items():
        assert (root / name).read_text() == text
    newest = store.release(store.latest()).data
    assert all(holds(newest, feature) for feature in features)
    text = store.changelog.read_text()
    assert [text.count(line) for line in log] == [1] * len(log)
    assert "<<<<<<<" not in text


def cases(long):
    """All of them, or one of each way."""
    chance, by_way = random.Random(3), [[case for case in CASES if case[2] == way] for way in WAYS]
    return CASES if long else [case for cases in by_way for case in chance.sample(cases, 1)]


def test_two_teams_of_every_kind_in_every_way(store, long, tell, tmp_path):
    tried = 0
    for index, (mine, theirs, way) in enumerate(cases(long)):
        root = shutil.copytree(store.root, tmp_path / f"case{index}")
        one = ReleaseStore(root)
        branches(one, [KINDS[mine]("one")], [KINDS[theirs]("two")])
        before = published(one)
        done = merge(one, way)
        assert done.moved[0][1] in ("1.0.2", "1.1.0", "1.1.1", "1.2.0")
        features = [KINDS[mine]("one"), KINDS[theirs]("two")]
        check(one, before, features, ["Words of team 0.", "Words of main 0."])
        tried += 1
    tell(f"two branches that both released: {tried} pairs of kinds and ways")


def test_what_is_published_already_is_not_released_again(store):
    branches(store, [field("one")], [lambda data: (field("one")(data), field("two")(data))])
    before = published(store)

    assert merge(store, WAYS[0]).moved == [("1.1.0", "")]
    check(store, before, [field("one"), field("two")], ["Words of main 0."])


def test_several_releases_of_a_branch_are_released_again_in_their_order(store):
    mine = [field("one"), operation("two"), parameter("three")]
    branches(store, mine, [field("four"), field("five")])
    before = published(store)
    done = merge(store, WAYS[1])

    assert done.moved == [("1.1.0", "1.3.0"), ("1.2.0", "1.4.0"), ("1.3.0", "1.5.0")]
    check(store, before, [*mine, field("four"), field("five")], [f"Words of team {index}." for index in range(3)])


def test_a_rebase_of_two_releases_is_done_commit_by_commit(store):
    branches(store, [field("one"), operation("two")], [field("three")])
    before = published(store)
    git(store.root, "switch", "--quiet", "team")
    assert git(store.root, "rebase", "main", check=False).returncode
    for _ in range(2):
        release_again(store, today=DAY)
        git(store.root, "-c", "core.editor=true", "rebase", "--continue", check=False)

    check(store, before, [field("one"), operation("two"), field("three")], ["Words of team 0.", "Words of team 1."])
    assert store.latest() == (1, 3, 0)


def raise_minimum(data):
    schema(data, "Money")["properties"]["amount_minor"]["minimum"] = 1


def release_as(store, branch, version, *changes):
    git(store.root, "switch", "--quiet", *(["--create", branch, "main"] if branch != "main" else ["main"]))
    edit(store, *changes)
    release(store, version, DAY)
    commit(store.root, f"Release of {branch}")


def test_a_major_stays_a_major(store):
    release_as(store, "team", "2.0.0", raise_minimum)
    release_as(store, "main", None, field("two"))
    before = published(store)
    assert merge(store, WAYS[0]).moved == [("2.0.0", "2.0.0")]

    check(store, before, [raise_minimum, field("two")], ["**Breaking:**"])
    assert store.versions() == [(1, 0, 0), (1, 1, 0), (2, 0, 0)]


def test_two_majors_are_one_after_the_other(store):
    release_as(store, "team", "2.0.0", raise_minimum)
    release_as(store, "main", "2.0.0", lambda data: data["paths"].pop("/v1/statistics", None), field("two"))
    before = published(store)
    done = merge(store, WAYS[1])

    assert done.moved[0][0] == "2.0.0"
    assert store.latest() == (3, 0, 0)
    check(store, before, [raise_minimum, field("two")], [])


def test_a_hotfix_stays_a_hotfix(store):
    release_as(store, "main", None, field("two"))
    for branch in ("team", "main"):
        git(store.root, "switch", "--quiet", *(["--create", branch] if branch == "team" else [branch]))
        hotfix = ReleaseStore(store.root, store.root.parent / f"{branch}.json")
        hotfix.draft.write_bytes(store.path((1, 0, 0)).read_bytes())
        edit(hotfix, words("one" if branch == "team" else "two"))
        release(hotfix, "1.0.1", DAY)
        commit(store.root, f"Hotfix of {branch}")
    before = published(store)

    assert merge(store, WAYS[0]).moved == [("1.0.1", "1.0.2")]
    assert store.versions() == [(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 1, 0)]
    check(store, before, [field("two")], [])
    fixed = store.release((1, 0, 2)).data["info"]
    assert (fixed["x-one"], fixed["x-two"]) == ("one", "two")


def test_a_waiver_goes_with_its_release(store):
    edit(store, raise_minimum)
    [stop] = [finding for finding in plan(store).findings if finding.stops]
    git(store.root, "switch", "--quiet", "--create", "team")
    store.notes.write_text(f"# Notes\n\nFree goods are gone.\n\n## Waived\n\n- `{stop.name}`: nobody sends zero\n")
    release(store, None, DAY)
    commit(store.root, "Release of the team")
    release_as(store, "main", None, field("two"))
    before = published(store)
    merge(store, WAYS[0])

    check(store, before, [raise_minimum, field("two")], ["Free goods are gone.", "accepted: nobody sends zero"])
    assert store.waived_before() == [((1, 2, 0), stop.name, "nobody sends zero")]


def test_the_drafts_and_notes_of_the_next_release_are_merged(store):
    branches(store, [field("one")], [field("two")])
    git(store.root, "switch", "--quiet", "main")
    edit(store, operation("threes"))
    store.notes.write_text("# Notes\n\nThree is coming.\n")
    commit(store.root, "Draft")
    merge(store, WAYS[0])

    assert store.words() == "Three is coming."
    judged = plan(store)
    assert (judged.latest, judged.version) == ((1, 2, 0), (1, 3, 0))
    assert [finding.rule for finding in judged.findings] == ["operation-added", "words"]
    assert "/v1/threes" not in store.release((1, 2, 0)).data["paths"]


class TestConflict:
    @pytest.fixture
    def unmerged(self, store):
        """Both branches gave one field a type, and git has stopped in the merge."""

        def typed(kind):
            return lambda data: schema(data)["properties"].update(weight={"type": kind, "description": "Weight."})

        branches(store, [typed("integer")], [typed("string")])
        git(store.root, "switch", "--quiet", "team")
        git(store.root, "merge", "main", check=False)
        return store

    def test_names_the_place_and_changes_nothing(self, unmerged, capsys):
        before = {path: path.read_bytes() for path in unmerged.root.rglob("*") if path.is_file()}

        assert main(["--root", str(unmerged.root), "release", "--again"]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert "changed /components/schemas/Product/properties/weight/type" in line
        assert {path: path.read_bytes() for path in unmerged.root.rglob("*") if path.is_file()} == before

    def test_is_resolved_by_a_document(self, unmerged, tmp_path):
        before = published(unmerged)
        written = tmp_path / "resolved.json"
        data = json.loads(before["releases/1.1.0.json"])
        field("grams")(data)
        written.write_text(dump(data))

        assert main(["--root", str(unmerged.root), "release", "--again", "--draft", str(written)]) == 0
        git(unmerged.root, "commit", "--quiet", "--no-edit")
        check(unmerged, before, [field("grams")], ["Words of team 0.", "Words of main 0."])


class TestNoMerge:
    def test_without_a_merge_there_is_nothing_to_do(self, store):
        with pytest.raises(DocumentError, match="works within a git merge or rebase"):
            release_again(store, today=DAY)

    def test_without_git_it_is_one_line(self, store, capsys):
        shutil.rmtree(store.root / ".git")

        assert main(["--root", str(store.root), "release", "--again"]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1

    @pytest.mark.parametrize("more", [["1.2.0"], ["--onto", "nowhere"]])
    def test_a_command_line_that_is_none_is_one_line(self, store, capsys, more):
        branches(store, [field("one")], [field("two")])
        git(store.root, "merge", "team", check=False)

        assert main(["--root", str(store.root), "release", "--again", *more]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1

    def test_the_published_branch_may_have_another_name(self, store):
        branches(store, [field("one")], [field("two")])
        git(store.root, "branch", "--move", "main", "trunk")
        git(store.root, "switch", "--quiet", "team")
        git(store.root, "merge", "trunk", check=False)

        assert release_again(store, "trunk", today=DAY).moved == [("1.1.0", "1.2.0")]
        assert "field" in store.changelog.read_text() or "one was added" in store.changelog.read_text()

    def test_an_altered_release_in_a_commit_is_refused(self, store):
        branches(store, [field("one")], [field("two")])
        git(store.root, "switch", "--quiet", "team")
        store.path((1, 0, 0)).write_text(store.path((1, 0, 0)).read_text().replace("Shop", "Depot"))
        commit(store.root, "Alter")
        git(store.root, "merge", "main", check=False)

        with pytest.raises(DocumentError, match="was changed after its release, in one of the two commits"):
            release_again(store, today=DAY)
