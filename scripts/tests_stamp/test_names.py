"""What is stamped carries the product's name, and no trace of where it came from."""

import hashlib
import json
import subprocess
import sys

import pytest

from conftest import LONGEST, PARTS, git, state

PLACEHOLDERS = (b"corner-shop", b"corner_shop", b"corner shop", b"cornershop", b"CORNER_SHOP")
NAMES = [
    ("Blue Sky Räder", "blue-sky-raeder"),
    ("Acme", "acme"),
    ("X1", "x1"),
    (LONGEST, "an-exceedingly-long-brand-name"),
]


@pytest.fixture(scope="module", params=NAMES, ids=[slug for _, slug in NAMES])
def stamped(request, template, tmp_path_factory, raeder):
    name, slug = request.param
    folder = raeder if slug == "blue-sky-raeder" else template.stamp(tmp_path_factory.mktemp("n"), name)
    assert folder.name == slug
    return folder


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]


def test_three_repositories_stand_side_by_side(stamped):
    found = {path.name for path in stamped.iterdir()}

    assert found == {f"{stamped.name}-{part}" for part in PARTS} | {"compose.yaml"}


def test_nothing_names_the_placeholder(stamped):
    for path in files(stamped):
        text = path.read_bytes().lower()
        assert not [spelling for spelling in PLACEHOLDERS if spelling.lower() in text], path
        relative = str(path.relative_to(stamped)).lower().encode()
        assert not [spelling for spelling in PLACEHOLDERS if spelling.lower() in relative]


def test_each_is_one_clean_commit_on_main(stamped):
    for part in PARTS:
        repository = stamped / f"{stamped.name}-{part}"
        assert git(repository, "rev-list", "--count", "--all") == "1"
        assert git(repository, "branch", "--show-current") == "main"
        assert git(repository, "status", "--porcelain", "--ignored") == ""


def test_no_name_is_too_long_or_too_short_for_the_code_s_format(stamped):
    for part in PARTS:
        for command in (["format", "--check", "--quiet"], ["check", "--quiet"]):
            ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
            assert subprocess.run(ruff, cwd=stamped / f"{stamped.name}-{part}", check=False).returncode == 0


def test_all_begin_with_the_same_release(stamped):
    contracts = stamped / f"{stamped.name}-contracts"
    release = (contracts / "releases" / "1.0.0.json").read_bytes()

    assert [path.name for path in (contracts / "releases").glob("*.json")] == ["1.0.0.json"]
    assert (contracts / "openapi.json").read_bytes() == release
    assert hashlib.sha256(release).hexdigest() in (contracts / "releases" / "SHA256SUMS").read_text()
    for part in ("api", "web"):
        assert (stamped / f"{stamped.name}-{part}" / "contract.json").read_bytes() == release
    assert json.loads(release)["info"]["version"] == "1.0.0"


def test_two_stampings_give_the_same_trees(template, without_sample, tmp_path):
    again = template.stamp(tmp_path, LONGEST, "--sample", "none")

    trees = [
        [git(folder / f"{folder.name}-{part}", "rev-parse", "HEAD^{tree}") for part in PARTS]
        for folder in (without_sample, again)
    ]

    assert trees[0] == trees[1]


@pytest.mark.parametrize("part", PARTS)
def test_one_alone_is_what_it_is_among_the_three(template, tmp_path, raeder, part):
    alone = template.stamp(tmp_path, "Blue Sky Räder", "--only", part)

    among = raeder / f"blue-sky-raeder-{part}"
    assert alone.name == among.name
    assert git(alone, "rev-parse", "HEAD^{tree}") == git(among, "rev-parse", "HEAD^{tree}")


def test_it_knows_its_template(template, raeder):
    known = state(raeder / "blue-sky-raeder-api")

    assert known["template"] == str(template.folder)
    assert known["commit"] == git(template.folder, "rev-parse", "HEAD")


def test_licence_and_ci_host_are_chosen(template, tmp_path):
    folder = template.stamp(tmp_path, "Acme", "--license", "Apache-2.0", "--ci", "gitlab")

    for part in PARTS:
        repository = folder / f"acme-{part}"
        assert "Apache License" in (repository / "LICENSE").read_text()
        assert (repository / ".gitlab-ci.yml").is_file()
        assert not (repository / ".github").exists()
    document = json.loads((folder / "acme-api" / "contract.json").read_text())
    assert document["info"]["license"]["identifier"] == "Apache-2.0"
