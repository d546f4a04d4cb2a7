"""scripts/contract and scripts/upgrade: what is pinned was released, byte for byte."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contract import cli
from contract.document import PATH

BOM = b"\xef\xbb\xbf"


def listed(releases, version, content):
    """Write a release and list it, in place of one of its name."""
    path, sums = releases / f"{version}.json", releases / "SHA256SUMS"
    path.write_bytes(content)
    lines = sums.read_text().splitlines() if sums.exists() else []
    others = [line for line in lines if not line.endswith(f" {path.name}")]
    line = f"{hashlib.sha256(content).hexdigest()}  {path.name}"
    sums.write_text("\n".join([*others, line, ""]))


def again(releases, change):
    """List a changed document under the name of 1.10.0."""
    data = json.loads((releases / "1.10.0.json").read_text())
    change(data)
    listed(releases, "1.10.0", json.dumps(data).encode())


def edit(path, old, new):
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))


def prepend(path, text):
    path.write_bytes(text + path.read_bytes())


def double(sums):
    sums.write_bytes(sums.read_bytes() + sums.read_bytes().splitlines(keepends=True)[-1])


def files(folder):
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


# What is wrong with releases/, and a word of the line that says so.
ALTERED = {
    "one letter": (
        lambda r: edit(r / "1.10.0.json", b"maxLength", b"minLength"),
        "was changed after its release",
    ),
    "line ends": (lambda r: edit(r / "1.10.0.json", b"\n", b"\r\n"), "has CRLF line ends"),
    "a byte order mark": (lambda r: prepend(r / "1.10.0.json", BOM), "byte order mark"),
    "emptied": (lambda r: (r / "1.10.0.json").write_bytes(b""), "was changed after its release"),
    "no SHA256SUMS": (lambda r: (r / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
    "an empty SHA256SUMS": (
        lambda r: (r / "SHA256SUMS").write_bytes(b""),
        "lists 1.10.0.json 0 times",
    ),
    "not listed": (
        lambda r: edit(r / "SHA256SUMS", b"1.10.0", b"1.11.0"),
        "lists 1.10.0.json 0 times",
    ),
    "listed twice": (lambda r: double(r / "SHA256SUMS"), "lists 1.10.0.json 2 times"),
    "listed in another folder": (
        lambda r: edit(r / "SHA256SUMS", b"1.10.0", b"a/1.10.0"),
        "no checksum and file",
    ),
    "sums with CRLF": (
        lambda r: edit(r / "SHA256SUMS", b"\n", b"\r\n"),
        "SHA256SUMS has CRLF line ends",
    ),
    "sums with a byte order mark": (
        lambda r: prepend(r / "SHA256SUMS", BOM),
        "has a byte order mark",
    ),
    "a conflict in the sums": (
        lambda r: prepend(r / "SHA256SUMS", b"<<<<<<< HEAD\n"),
        "no checksum and file",
    ),
    "another name": (
        lambda r: again(r, lambda d: d["info"].update(version="1.11.0")),
        "says that it is 1.11.0",
    ),
    "no version": (lambda r: again(r, lambda d: d["info"].pop("version")), "no `info.version`"),
    "another API": (
        lambda r: again(r, lambda d: d["info"].update(title="Depot")),
        "the contract of 'Depot'",
    ),
    "paths that are none": (
        lambda r: again(r, lambda d: d.update(paths="none")),
        "cannot be read: AttributeError",
    ),
    "no document": (lambda r: listed(r, "1.10.0", b"[]\n"), "is not an OpenAPI document"),
    "no JSON": (lambda r: listed(r, "1.10.0", b"{\n"), "is not JSON"),
    "a broken pin": (
        lambda r: (r.parents[1] / "web" / "contract.json").write_text("<<<<<<<"),
        "contract.json is not JSON",
    ),
}


class TestCommandLine:
    @pytest.fixture
    def root(self, tmp_path, monkeypatch):
        """Return a folder with a pinned contract, and a contracts checkout beside it."""
        root = tmp_path / "web"
        root.mkdir()
        shutil.copy(PATH, root / "contract.json")
        releases = tmp_path / "contracts" / "releases"
        releases.mkdir(parents=True)
        raw = json.loads(PATH.read_bytes())
        raw["info"]["version"] = "1.9.0"
        (root / "contract.json").write_text(json.dumps(raw, indent=2))
        for version in ("1.9.0", "1.10.0"):
            raw["info"]["version"] = version
            listed(releases, version, json.dumps(raw, indent=2).encode())
        monkeypatch.setattr(cli, "PATH", root / "contract.json")
        monkeypatch.setattr(cli, "ROOT", root)
        monkeypatch.setattr(cli, "CLIENT", root / "client")
        return root

    def test_pin_takes_a_release_byte_for_byte(self, root, capsys):
        assert cli.main(["pin", "1.10.0"]) == 0

        release = root.parent / "contracts" / "releases" / "1.10.0.json"
        assert (root / "contract.json").read_bytes() == release.read_bytes()
        assert "1.10.0" in (root / "client" / "models.py").read_text()
        assert cli.main(["generate", "--check"]) == 0

    def test_status_knows_the_newest(self, root, capsys):
        cli.main(["generate"])
        assert cli.main(["status", "--contracts", str(root.parent / "contracts")]) == 0
        pinned = json.loads((root / "contract.json").read_text())["info"]["version"]
        lines = capsys.readouterr().out.splitlines()
        assert lines[-3:-1] == [f"pinned  {pinned}", "newest  1.10.0"]

    def test_pin_names_the_texts_that_nobody_wrote(self, root, capsys):
        schemas = json.loads((root / "contract.json").read_text())["components"]["schemas"]
        schema = next(name for name, each in sorted(schemas.items()) if "properties" in each)

        def change(data):
            properties = data["components"]["schemas"][schema]["properties"]
            properties["rounding"] = {"type": "string", "enum": ["half_up"]}
            properties["named"] = {"type": "string", "title": "A name"}

        again(root.parent / "contracts" / "releases", change)
        cli.main(["generate"])
        capsys.readouterr()

        assert cli.main(["pin", "1.10.0"]) == 0

        said = capsys.readouterr().out.splitlines()
        names = f"{schema}.rounding, {schema}.rounding: half_up"
        assert said[0] == f"note: pages make these texts from their names: {names}"
        assert cli.main(["texts"]) == 0
        assert {*names.split(", ")} <= {*capsys.readouterr().out.splitlines()}

    def test_status_tells_what_pinning_would_bring(self, root, capsys):
        changelog = "# Changelog\n\n## [1.10.0] - x\n\n- tags\n\n## [0.9.0] - x\n\n- old\n"
        (root.parent / "contracts" / "CHANGELOG.md").write_text(changelog)

        cli.main(["status", "--contracts", str(root.parent / "contracts")])

        said = capsys.readouterr().out
        assert "- tags" in said
        assert "- old" not in said

    def test_stale_client_has_an_exit_code_of_its_own(self, root, capsys):
        cli.main(["generate"])
        (root / "client" / "old.py").touch()

        assert cli.main(["generate", "--check"]) == 4
        assert "old.py; run scripts/contract generate" in capsys.readouterr().out
        assert cli.main(["generate"]) == 0
        assert not (root / "client" / "old.py").exists()

    def test_unknown_release_names_those_there_are(self, root, capsys):
        assert cli.main(["pin", "2.0.0"]) == 2
        assert capsys.readouterr().err.strip().endswith("there is 1.9.0, 1.10.0")

    def test_release_that_cannot_be_generated_changes_nothing(self, root, capsys):
        schema = {"type": "object", "properties": {"x": {"not": {}}}}
        raw = json.loads(PATH.read_bytes())
        raw["components"]["schemas"]["Bad"] = schema
        raw["info"]["version"] = "3.0.0"
        listed(root.parent / "contracts" / "releases", "3.0.0", json.dumps(raw, indent=2).encode())
        before = (root / "contract.json").read_bytes()

        assert cli.main(["pin", "3.0.0"]) == 2
        assert (root / "contract.json").read_bytes() == before

    def test_no_checkout_is_said_in_one_line(self, root, capsys):
        shutil.rmtree(root.parent / "contracts")

        assert cli.main(["status"]) == 2
        assert "--contracts PATH" in capsys.readouterr().err

    @pytest.mark.parametrize("what", ALTERED)
    def test_pin_refuses_what_was_not_released_in_one_line(self, root, capsys, what):
        alter, words = ALTERED[what]
        cli.main(["generate"])
        alter(root.parent / "contracts" / "releases")
        before = files(root.parent)
        capsys.readouterr()

        assert cli.main(["pin", "1.10.0"]) == 2
        said = capsys.readouterr()
        [line] = said.err.splitlines()
        assert words in line
        assert said.out == ""
        assert files(root.parent) == before

    def test_the_pinned_release_is_verified_too(self, root, capsys):
        edit(root.parent / "contracts" / "releases" / "1.9.0.json", b"maxLength", b"minLength")

        assert cli.main(["pin", "1.9.0"]) == 2

    @pytest.mark.parametrize(
        "name",
        [
            "1.3",
            "v1.10.0",
            "1.10.0.json",
            "01.10.0",
            "../x",
            "/etc/passwd",
            "latest",
            "",
            "1.10.0\n",
        ],
    )
    def test_pin_refuses_what_is_no_version(self, root, capsys, name):
        assert cli.main(["pin", name]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert "is not a version such as 1.3.0; there is 1.9.0, 1.10.0" in line

    def test_a_second_pin_writes_nothing(self, root, capsys):
        cli.main(["pin", "1.10.0"])
        before = [path.stat().st_mtime_ns for path in sorted(root.rglob("*"))]
        capsys.readouterr()

        assert cli.main(["pin", "1.10.0"]) == 0
        assert capsys.readouterr() == ("1.10.0 is pinned already\n", "")
        assert [path.stat().st_mtime_ns for path in sorted(root.rglob("*"))] == before

    def test_a_second_pin_repairs_a_stale_client(self, root, capsys):
        cli.main(["pin", "1.10.0"])
        (root / "client" / "models.py").write_text("")

        assert cli.main(["pin", "1.10.0"]) == 0
        assert cli.main(["generate", "--check"]) == 0

    def test_the_first_pin_may_be_of_any_api(self, root, capsys):
        (root / "contract.json").unlink()

        assert cli.main(["pin", "1.10.0"]) == 0

    @pytest.mark.parametrize(
        ("version", "words"),
        [("1.8.0", "is older than the pinned 1.9.0"), ("2.0.0", "is another major than 1.9.0")],
    )
    def test_pin_says_that_a_release_is_older_or_of_another_major(
        self, root, capsys, version, words
    ):
        data = json.loads(PATH.read_bytes())
        data["info"]["version"] = version
        listed(root.parent / "contracts" / "releases", version, json.dumps(data).encode())

        assert cli.main(["pin", version]) == 0
        assert words in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["contract.json", "models.py", "__init__.py"])
    def test_what_cannot_be_written_leaves_pin_and_client_as_they_were(
        self, root, capsys, monkeypatch, name
    ):
        """The file system refuses one of the renames, whichever it is."""
        cli.main(["generate"])
        before, rename = files(root), Path.replace
        failed: list[Path] = []

        def refuse(path, target):
            if target.name == name and not failed:
                failed.append(target)
                raise OSError(28, "No space left on device", str(target))
            return rename(path, target)

        monkeypatch.setattr(Path, "replace", refuse)

        assert cli.main(["pin", "1.10.0"]) == 2
        assert failed
        assert files(root) == before

    def test_a_client_that_is_a_file_is_one_line(self, root, capsys):
        (root / "client").write_text("")

        assert cli.main(["pin", "1.10.0"]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def git(repository, *arguments):
    named = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    command = ["git", "-C", str(repository), *named, *arguments]
    return subprocess.check_output(command, text=True).strip()


class TestUpgrade:
    @pytest.fixture
    def cloned(self, tmp_path):
        """A repository of its own on main, pinned to 1.9.0; its contracts have 1.10.0 and 2.0.0."""
        web, releases = tmp_path / "web", tmp_path / "contracts" / "releases"
        for folder in ("contract", "scripts"):
            shutil.copytree(
                PATH.parent / folder,
                web / folder,
                ignore=shutil.ignore_patterns("__pycache__", "tests"),
            )
        releases.mkdir(parents=True)
        data = json.loads(PATH.read_bytes())
        for version in ("1.9.0", "1.10.0", "2.0.0"):
            data["info"]["version"] = version
            listed(releases, version, json.dumps(data).encode())
        shutil.copy(releases / "1.9.0.json", web / "contract.json")
        subprocess.run(
            [sys.executable, "-m", "contract", "generate"], cwd=web, check=True, capture_output=True
        )
        (web / ".gitignore").write_text("__pycache__/\n")
        git(tmp_path, "init", "--quiet", "--initial-branch=main", str(web))
        git(web, "add", "--all")
        git(web, "commit", "--quiet", "--message", "First")
        return web

    def upgrade(self, repository):
        command = [str(repository / "scripts" / "upgrade"), str(repository.parent / "contracts")]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def test_stays_within_its_major_and_brings_the_client(self, cloned):
        result = self.upgrade(cloned)

        assert (result.returncode, result.stdout) == (0, "contract-1.10.0\n")
        assert git(cloned, "branch", "--show-current") == "contract-1.10.0"
        assert json.loads((cloned / "contract.json").read_text())["info"]["version"] == "1.10.0"
        assert "1.10.0" in (cloned / "client" / "models.py").read_text()
        assert git(cloned, "status", "--porcelain") == ""

    @pytest.mark.parametrize("where", ["contract-1.10.0", "main"])
    def test_a_second_time_does_nothing(self, cloned, where):
        self.upgrade(cloned)
        git(cloned, "switch", "--quiet", where)

        result = self.upgrade(cloned)

        assert (result.returncode, result.stdout) == (0, "")
        assert git(cloned, "branch", "--show-current") == where

    @pytest.mark.parametrize(
        ("fail", "words"),
        [
            (
                lambda r: (r / "contract.json").write_text("{}"),
                "contract.json is not an OpenAPI document",
            ),
            (lambda r: (r / "scripts" / "run").write_text(""), "not committed"),
            (lambda r: shutil.rmtree(r.parent / "contracts"), "no contracts checkout"),
            (
                lambda r: edit(
                    r.parent / "contracts" / "releases" / "1.10.0.json", b"maxLength", b"x"
                ),
                "was changed",
            ),
        ],
    )
    def test_a_failure_is_one_line_and_leaves_all_as_it_was(self, cloned, fail, words):
        fail(cloned)
        before = files(cloned), git(cloned, "branch"), git(cloned, "worktree", "list")

        result = self.upgrade(cloned)

        assert (result.returncode, result.stdout) == (2, "")
        *_, line = result.stderr.splitlines()
        assert words in line
        assert (files(cloned), git(cloned, "branch"), git(cloned, "worktree", "list")) == before
