"""A release of the contract becomes a notice, a page, and a commit in each consumer."""

import json
import shutil

import pytest

from conftest import PARTS, ROOT, git, link_environment, run


@pytest.fixture(scope="module")
def three(raeder, tmp_path_factory):
    """The three, with a release 1.1.0 that adds a field to an answer."""
    folder = shutil.copytree(raeder, tmp_path_factory.mktemp("release") / "three")
    for part in PARTS:
        link_environment(ROOT / part, folder / f"blue-sky-raeder-{part}")
    contracts = folder / "blue-sky-raeder-contracts"
    document = json.loads((contracts / "openapi.json").read_text(encoding="utf-8"))
    document["components"]["schemas"]["Identity"]["properties"]["locale"] = {
        "type": "string",
        "maxLength": 35,
        "description": "Language of the person.",
        "examples": ["en"],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (contracts / "openapi.json").write_text(text, encoding="utf-8")
    run(contracts / "scripts" / "contract", "release")
    return folder


def test_a_new_ui_hands_in_its_usage(three):
    usage = three / "blue-sky-raeder-web" / "usage.json"

    run(three / "blue-sky-raeder-contracts" / "scripts" / "contract", "consumer", "add", usage, "--version", "1.0")


def test_the_notice_says_what_differs(three):
    notice = json.loads(run(three / "blue-sky-raeder-contracts" / "scripts" / "notice", "1.1.0").stdout)

    assert (notice["contract"], notice["version"], notice["previous"]) == (
        "blue-sky-raeder-contracts",
        "1.1.0",
        "1.0.0",
    )
    assert notice["verdict"] == "compatible"
    assert any("locale" in json.dumps(finding) for finding in notice["findings"])


def test_the_reference_is_one_page(three, tmp_path):
    contract = three / "blue-sky-raeder-contracts" / "scripts" / "contract"
    run(contract, "docs", "1.1.0", "--out", tmp_path / "index.html")

    assert "locale" in (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", ["api", "web"])
def test_the_consumers_upgrade_is_a_commit_on_a_branch(three, part):
    repository = three / f"blue-sky-raeder-{part}"
    contracts = three / "blue-sky-raeder-contracts"

    branch = run(repository / "scripts" / "upgrade", contracts).stdout.strip()

    assert branch == "contract-1.1.0"
    assert git(repository, "show", "-s", "--format=%s", branch) == "Pin release 1.1.0 of the contract"
    pinned = json.loads(git(repository, "show", f"{branch}:contract.json"))
    assert pinned["info"]["version"] == "1.1.0"
    changed = git(repository, "show", "--name-only", "--format=", branch).splitlines()
    assert {name.split("/")[0] for name in changed} <= {"contract.json", "client"}
    assert git(repository, "status", "--porcelain") == ""
    assert run(repository / "scripts" / "upgrade", contracts).stdout == ""
