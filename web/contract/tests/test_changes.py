"""This UI's suite stays green when a later release is pinned, whatever the release brings."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from contract.document import PATH, Document, Json
from contract.generate import generate
from contract.tests.changes import changes, kinds

ROOT = PATH.parent
# What the copy need not run: tests of this file, of recipes, and of what no release changes.
LEFT_OUT = (
    "accounts/tests/test_throttle.py",
    "config/tests",
    "contract/tests/test_changes.py",
    "contract/tests/test_command_line.py",
    "core/tests/test_api_limits.py",
    "core/tests/test_bulkhead.py",
    "core/tests/test_crossing.py",
    "core/tests/test_health.py",
    "core/tests/test_response.py",
    "core/tests/test_sinking.py",
    "core/tests/test_transport.py",
    "core/tests/test_untouched.py",
    "tests/test_recipe.py",
)
NOT_COPIED = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".*_cache")


@pytest.fixture
def raw():
    return json.loads(PATH.read_bytes())


def pinned_in_a_copy(folder: Path, raw: Json, applied: Iterable[Callable[[Json], None]]) -> Path:
    """Return a copy of this repository in which a release with these changes is pinned."""
    for apply in applied:
        apply(raw)
    major, minor, _ = raw["info"]["version"].split(".")
    raw["info"]["version"] = f"{major}.{int(minor) + 1}.0"
    copy = shutil.copytree(ROOT, folder / "web", ignore=NOT_COPIED)
    (copy / "contract.json").write_text(json.dumps(raw))
    subprocess.run([sys.executable, "-m", "contract", "generate"], cwd=copy, check=True)
    return copy


def suite(copy: Path) -> str:
    """Run the suite of a copy; return its last lines when it is not green."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"]
    run = subprocess.run(
        [*command, *(f"--ignore={path}" for path in LEFT_OUT)],
        cwd=copy, env={**os.environ, "COLUMNS": "160"}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return "" if run.returncode == 0 else run.stdout[-6000:] + run.stderr[-2000:]


def test_every_change_makes_a_client(raw, subtests, record_property):
    for name, apply in changes(raw).items():
        with subtests.test(name):
            changed = json.loads(json.dumps(raw))
            apply(changed)
            for file, text in generate(Document(changed)).items():
                compile(text, file, "exec")
    record_property("changes of the contract that make a client", len(changes(raw)))


def test_suite_is_green_with_all_of_them_at_once(raw, tmp_path, record_property):
    every = changes(raw)

    copy = pinned_in_a_copy(tmp_path, raw, every.values())

    if failures := suite(copy):
        pytest.fail(failures, pytrace=False)
    record_property("changes of the contract with which, together, the suite is green", len(every))


def pytest_generate_tests(metafunc):
    """Play each kind of change alone when asked to."""
    if "kind" in metafunc.fixturenames:
        asked = metafunc.config.getoption("long")
        metafunc.parametrize("kind", kinds(json.loads(PATH.read_bytes())) if asked else [])


def test_suite_is_green_with_this_kind_alone(raw, tmp_path, kind, record_property):
    chosen = kinds(raw)[kind]

    copy = pinned_in_a_copy(tmp_path, raw, chosen)

    if failures := suite(copy):
        pytest.fail(failures, pytrace=False)
    record_property("changes, tried kind by kind", len(chosen))
