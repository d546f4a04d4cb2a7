"""What cannot be made is refused in one line, with exit code 2, and leaves nothing behind."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BAD_NAMES = {
    "a quote": 'Say "Hi"',
    "an apostrophe": "Joe's",
    "braces": "{{ 1 }}",
    "a backslash": "a\\b",
    "a path": "../up",
    "a line break": "a\nb",
    "a markup": "<b>",
    "a blank first": " x",
    "nothing": "",
    "too long": "x" * 31,
    "no letters": "---",
    "an option": "-rf",
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_bad_name(template, tmp_path, name):
    refused(template.new(tmp_path, name), tmp_path)


@pytest.mark.parametrize("slug", ["Acme", "a b", "../up", "-a", "a-", "a--b", "1a", "", "é", "x" * 31])
def test_bad_slug(template, tmp_path, slug):
    refused(template.new(tmp_path, "Acme", f"--slug={slug}"), tmp_path)


@pytest.mark.parametrize("option", ["--only=shop", "--license=GPL", "--ci=none"])
def test_unknown_choice(template, tmp_path, option):
    refused(template.new(tmp_path, "Acme", option), tmp_path)


def test_a_folder_that_is_not_there(template, tmp_path):
    done = template.new(tmp_path / "nowhere", "Acme")

    refused(done, tmp_path)


def test_what_is_there_is_never_overwritten(template, tmp_path):
    mine = tmp_path / "acme" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")

    done = template.new(tmp_path, "Acme")

    assert done.returncode == 2
    assert "already exists" in done.stdout + done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["acme", "mine.txt"]
    assert mine.read_text() == "mine"


def test_a_template_that_is_at_odds_with_itself(own_template, tmp_path):
    own_template.change("api/app/main.py", "license_info=", "terms=")
    (tmp_path / "into").mkdir()

    refused(own_template.new(tmp_path / "into", "Acme", "--license=proprietary"), tmp_path / "into")


@pytest.mark.parametrize("command", ["check", "help"])
@pytest.mark.parametrize("folder", ["api", "contracts", "web", "."])
def test_an_unknown_option(folder, command):
    done = subprocess.run(
        [ROOT / folder / "scripts" / command, "--unknown"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr == f"scripts/{command}: unknown option --unknown; see --help\n"


def refused(done, folder):
    lines = (done.stdout + done.stderr).strip().splitlines()
    assert done.returncode == 2
    assert len([line for line in lines if not line.startswith("Setting up")]) == 1, done.stderr
    assert not list(folder.iterdir())
