"""This UI's suite stays green when a later release is pinned, whatever the release brings."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from contract.annotations import ending
from contract.document import PATH, Document, Json
from contract.generate import generate
from contract.tests.changes import changes, deprecated, kind_of, kinds
from tests.sampling import sample
from tests.widgets.client import contract

ROOT = PATH.parent
APPS = sorted(path.parent.name for path in ROOT.glob("*/urls.py") if path.parent.name != "config")
# What a copy runs: every app, and what meets a contract; with --long, all but what takes long.
TESTS = (
    *APPS,
    "core/tests/test_edit.py",
    "core/tests/test_home.py",
    "core/tests/test_resource_views.py",
)
LEFT_OUT = (
    "accounts/tests/test_throttle.py",
    "config/tests",
    "contract/tests/test_changes.py",
    "contract/tests/test_command_line.py",
    "contract/tests/test_ordinary.py",
    "core/tests/test_bulkhead.py",
    "core/tests/test_crossing.py",
    "core/tests/test_new_fields.py",
    "core/tests/test_response.py",
    "core/tests/test_sinking.py",
    "core/tests/test_transport.py",
    "core/tests/test_wire.py",
    "tests/test_command_lines.py",
    "tests/test_recipe.py",
)
NOT_COPIED = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".*_cache")


@pytest.fixture
def raw():
    return json.loads(PATH.read_bytes())


def pinned_in_a_copy(folder: Path, applied: Iterable[Callable[[Json], None]]) -> Path:
    """Return a copy of this repository in which a release with these changes is pinned.

    The contract of the tests' own resource changes in the same way, but nothing of it is
    deprecated: these tests fill in its fields.
    """
    copy = shutil.copytree(ROOT, folder / "web", ignore=NOT_COPIED)
    documents = {
        "contract.json": json.loads(PATH.read_bytes()),
        "tests/widgets/widgets.json": contract.raw,
    }
    for name, raw in documents.items():
        document = json.loads(json.dumps(raw))
        for apply in applied:
            if apply is not deprecated or name == "contract.json":
                apply(document)
        major, minor, _ = document["info"]["version"].split(".")
        document["info"]["version"] = f"{major}.{int(minor) + 1}.0"
        (copy / name).write_text(json.dumps(document))
    subprocess.run([sys.executable, "-m", "contract", "generate"], cwd=copy, check=True)
    return copy


def suite(copy: Path, *, long: bool) -> str:
    """Run the tests of a copy; return their last lines when they are not green."""
    chosen = TESTS if not long else (".",)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"]
    run = subprocess.run(
        [*command, *chosen, *(f"--ignore={path}" for path in LEFT_OUT)],
        cwd=copy, env={**os.environ, "COLUMNS": "160"}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return "" if run.returncode == 0 else run.stdout[-6000:] + run.stderr[-2000:]


@pytest.fixture
def tried(raw, pytestconfig):
    """The changes to try: one of every kind, or all."""
    return dict(sample(pytestconfig, changes(raw).items(), lambda item: kind_of(item[0])))


def test_every_change_makes_a_client(raw, tried, subtests, record_property):
    for name, apply in tried.items():
        with subtests.test(name):
            changed = json.loads(json.dumps(raw))
            apply(changed)
            for file, text in generate(Document(changed)).items():
                compile(text, file, "exec")
    record_property("changes of the contract that make a client", len(tried))


def pytest_generate_tests(metafunc):
    """Pin all changes that are tried at once; with --long, each kind of change alone, too."""
    if "kind" in metafunc.fixturenames:
        alone = kinds(json.loads(PATH.read_bytes())) if metafunc.config.getoption("long") else ()
        metafunc.parametrize("kind", ["all", *alone])


def test_optional_and_deprecated_fields_are_not_in_the_usage(
    tmp_path, record_property, pytestconfig
):
    if not pytestconfig.getoption("long"):
        pytest.skip("runs the tests of the pages")
    copy = pinned_in_a_copy(tmp_path, [deprecated])
    subprocess.run([sys.executable, "-m", "contract", "usage"], cwd=copy, check=True)
    used = json.loads((copy / "usage.json").read_bytes())["operations"]
    document = Document(json.loads((copy / "contract.json").read_bytes()))

    left = 0
    for operation in document.operations.values():
        for media in operation.spec.get("requestBody", {}).get("content", {}).values():
            names = ending(document, media["schema"])
            sent = used.get(operation.id, {}).get("body", ())
            assert not names & {name.removesuffix("?") for name in sent}
            left += len(names)

    record_property("fields that a release deprecates, and that the usage leaves out", left)


def test_suite_is_green(raw, tried, tmp_path, kind, record_property, pytestconfig):
    chosen = [*tried.values()] if kind == "all" else kinds(raw)[kind]

    copy = pinned_in_a_copy(tmp_path, chosen)

    if failures := suite(copy, long=pytestconfig.getoption("long")):
        pytest.fail(failures, pytrace=False)
    how = "together" if kind == "all" else "kind by kind"
    record_property(f"changes of the contract with which, {how}, the suite is green", len(chosen))
