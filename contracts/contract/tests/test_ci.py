"""What is pasted into another repository's CI: short, and red or green as it should be."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from contract.settings.configuration import read
from contract.tests.building import CODE

ROOT = Path(CODE)
PAGE = (ROOT / "docs" / "use-it.md").read_text("utf-8")
SNIPPETS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
DONE = "      responses: {204: {description: Done.}}\n"
OLD = f"openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\npaths:\n  /orders:\n    get:\n{DONE}"
ADDED = f"{OLD}    post:\n{DONE}"
REMOVED = OLD.replace("    get:", "    put:")


def git(folder, *words):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A shallow clone of a repository with the old document on main, as a CI job has it."""
    origin = tmp_path_factory.mktemp("origin")
    git(origin, "init", "--quiet", "--initial-branch=main")
    (origin / "openapi.yaml").write_text(OLD)
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "-m", "First")
    folder = tmp_path_factory.mktemp("clone") / "repository"
    git(origin, "clone", "--quiet", "--depth=1", f"file://{origin}", str(folder))
    return folder


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A folder of programs: `contract`, and a `pip` that installs nothing."""
    folder = tmp_path_factory.mktemp("programs")
    command = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m contract "$@"\n'
    for name, text in (("contract", command), ("pip", "#!/bin/sh\n")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def run(script, folder, **variables):
    command, environment = ["bash", "-eo", "pipefail", "-c", script], {**os.environ, **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def action(clone, document, tmp_path):
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    [script] = [step["run"] for step in steps if step.get("name") == "compare"]
    folder = tmp_path / "contract" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "python").exists():
        (folder / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        (folder / "python").chmod(0o755)
    about = {"BASE": "main", "DOCUMENT": document, "OPTIONS": "", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    code, said = run(script, clone, RUNNER_TEMP=str(tmp_path), GITHUB_ACTION_PATH=str(ROOT), **about)
    summary = tmp_path / "summary.md"
    return code, said, summary.read_text() if summary.exists() else ""


def test_the_action_is_green_and_red_as_it_should_be(clone, tmp_path):
    (clone / "openapi.yaml").write_text(ADDED)
    assert action(clone, "openapi.yaml", tmp_path)[0] == 0
    (clone / "openapi.yaml").write_text(REMOVED)
    code, said, summary = action(clone, "openapi.yaml", tmp_path)
    assert code == 1
    assert "::error file=openapi.yaml,line=4,title=contract%3A operation-removed::GET /orders: was removed" in said
    assert summary.startswith("### Contract: breaking (1 wire")
    (clone / "other.yaml").write_text(OLD)
    assert action(clone, "other.yaml", tmp_path)[:2] == (
        0, "::notice::other.yaml is new: main has none to compare it with\n",
    )  # fmt: skip


def test_the_template_is_green_and_red_as_it_should_be(clone, path):
    job = yaml.safe_load((ROOT / "templates" / "contract.gitlab-ci.yml").read_text())["contract"]
    script = "\n".join(job["script"])
    variables = {
        **job["variables"],
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "PATH": f"{path}:{os.environ['PATH']}",
    }
    for document, code in ((ADDED, 0), (REMOVED, 1)):
        (clone / "openapi.yaml").write_text(document)
        assert run(script, clone, **variables)[0] == code
        assert f'failures="{code}"' in (clone / "contract.xml").read_text()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["github", "gitlab", "pre-commit"])
def test_what_is_pasted_has_at_most_ten_lines(snippet):
    texts = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert all(len(text.splitlines()) <= 10 for text in texts)
    assert isinstance(snippet, dict)


def test_what_is_pasted_names_what_there_is():
    github, gitlab, hooks = SNIPPETS
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    assert set(github["jobs"]["contract"]["steps"][1]["with"]) <= set(inputs)
    assert (ROOT / gitlab["include"][0]["file"].lstrip("/")).exists()
    known = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for repository in hooks["repos"] for hook in repository["hooks"]} <= known


def test_the_settings_on_the_page_are_read(tmp_path):
    settings, rules = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / ".contract.toml").write_text(settings)
    assert read(tmp_path / ".contract.toml").policy.waivers[1].operation == "* /internal/*"
    assert set(tomllib.loads(rules)) == {"extends", "rules", "exceptions"}
