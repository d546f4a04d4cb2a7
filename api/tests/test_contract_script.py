"""scripts/contract: releases move between checkouts as files."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHANGELOG = "# Changelog\n\n## [1.10.0] - x\n\n- new\n\n## [1.9.0] - x\n\n- old\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository pinned to 1.9.0 beside a contracts checkout that has 1.10.0."""
    api, releases = tmp_path / "api", tmp_path / "contracts" / "releases"
    (api / "scripts").mkdir(parents=True)
    releases.mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "contract", api / "scripts")
    for version in ("1.9.0", "1.10.0"):
        (releases / f"{version}.json").write_text(json.dumps({"info": {"version": version}}))
    (releases.parent / "CHANGELOG.md").write_text(CHANGELOG)
    shutil.copy(releases / "1.9.0.json", api / "contract.json")
    return api


def contract(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(repository / "scripts" / "contract"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_status_tells_what_pinning_the_newest_would_bring(repository: Path):
    said = contract(repository, "status").stdout

    assert said.startswith("pinned 1.9.0, newest 1.10.0\n")
    assert "- new" in said
    assert "- old" not in said


def test_pin_takes_a_release_byte_for_byte(repository: Path):
    assert contract(repository, "pin", "1.10.0").returncode == 0

    release = repository.parent / "contracts" / "releases" / "1.10.0.json"
    assert (repository / "contract.json").read_bytes() == release.read_bytes()


def test_an_unknown_release_is_refused_in_one_line(repository: Path):
    result = contract(repository, "pin", "9.9.9")

    assert (result.returncode, result.stderr) == (2, "no release 9.9.9; there are 1.9.0, 1.10.0\n")


def test_without_a_contracts_checkout_it_says_what_to_name(repository: Path):
    shutil.rmtree(repository.parent / "contracts")

    result = contract(repository, "status")

    assert result.returncode == 2
    assert "--contracts PATH" in result.stderr
