"""The commands of the recipes in docs/recipes do what the recipes say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contract.release.plan import broken_pairs, plan
from contract.release.store import ReleaseStore, dump
from contract.tests.building import shop

ROOT = Path(__file__).parent.parent.parent
RECIPES = ROOT / "docs" / "recipes"
# What a person types into $EDITOR.
EDIT = "import json, sys; p = sys.argv[1]; d = json.load(open(p)); exec(sys.argv[2]); json.dump(d, open(p, 'w'))"
PRODUCT = "d['components']['schemas']['Product']['properties']"
WORDS = "d['info']['summary'] = 'Goods.'"
MINIMUM = "d['components']['schemas']['Money']['properties']['amount_minor']['minimum'] = 1"


def field(name):
    example = {"type": "integer", "minimum": 0, "maximum": 9, "description": f"The {name}.", "examples": [1]}
    return f"{PRODUCT}[{name!r}] = {example!r}"


def run(store, commands, code, edit=WORDS):
    """Run commands as a person in the folder; a shell that stops at the first failure."""
    editor = store.root.parent / "editor"
    editor.write_text(f"#!{sys.executable}\nimport sys\nsys.argv.append({edit!r})\n{EDIT}\n")
    editor.chmod(0o755)
    named = [f"GIT_{role}_{part}" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")]
    variables = os.environ | dict.fromkeys(named, "t") | {"EDITOR": str(editor), "PYTHONPATH": str(ROOT)}
    script = commands.replace("scripts/contract", f"{sys.executable} -m contract")
    command = ["bash", "-c", script] if code is None else ["bash", "-ec", script]
    done = subprocess.run(command, cwd=store.root, env=variables, capture_output=True, text=True, check=False)
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done.stdout


def blocks(name):
    return re.findall(r"```sh\n(.*?)```", (RECIPES / name).read_text(encoding="utf-8"), re.DOTALL)


def change(store, edit, commands):
    run(store, f"$EDITOR openapi.json && {commands} && git add --all && git commit --quiet -m Release", 0, edit)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """1.0.0, 1.1.0 and 1.2.0 on main."""
    made = ReleaseStore(tmp_path_factory.mktemp("recipes") / "contracts")
    made.root.mkdir()
    made.draft.write_text(dump(shop()))
    run(made, "git init --quiet --initial-branch=main && scripts/contract release 1.0.0", 0)
    run(made, "git add --all && git commit --quiet -m First", 0)
    for name in ("weight", "height"):
        change(made, field(name), "scripts/contract release")
    return made


@pytest.fixture
def store(released, tmp_path):
    """A copy that a test may change."""
    return ReleaseStore(shutil.copytree(released.root, tmp_path / "contracts"))


def is_green(store):
    status = run(store, "git status --porcelain; scripts/contract check", 0)
    return (store.altered(), broken_pairs(store), plan(store).version, "The draft is release" in status)


def test_hotfix(store):
    [commands] = blocks("hotfix.md")
    run(store, commands, 0, WORDS)

    assert store.versions() == [(1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 2, 0)]
    assert store.release((1, 1, 1)).data["info"]["summary"] == "Goods."
    assert is_green(store) == ([], [], None, True)
    assert run(store, "git status --porcelain", 0) == ""


def test_two_branches_released(store):
    run(store, "git switch --quiet --create team", 0)
    change(store, field("depth"), "scripts/contract release")
    run(store, "git switch --quiet main", 0)
    change(store, field("colour"), "scripts/contract release")
    run(store, "git switch --quiet team", 0)
    [commands] = blocks("two-branches-released.md")
    run(store, commands.replace("git merge main", "git merge main || true"), 0)

    assert is_green(store) == ([], [], None, True)
    assert run(store, "git status --porcelain", 0) == ""
    assert store.latest() == (1, 4, 0)
    fields = store.release((1, 4, 0)).data["components"]["schemas"]["Product"]["properties"]
    assert {"weight", "height", "depth", "colour"} <= fields.keys()


def test_new_major(store):
    change(store, field("depth"), "scripts/contract release")
    first, on_1 = blocks("new-major.md")
    run(store, "$EDITOR openapi.json", 0, MINIMUM)
    assert "The next release would be 2.0.0 after 1.3.0." in run(store, "scripts/contract check", None)
    run(store, first, 0)
    run(store, on_1, 0, field("colour"))

    assert store.versions()[-3:] == [(1, 3, 0), (1, 4, 0), (2, 0, 0)]
    assert is_green(store) == ([], [], None, True)
