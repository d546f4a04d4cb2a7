"""Every command line: a wrong argument is one line on stderr and exit code 2; help is 0."""

import subprocess
import sys
from pathlib import Path

import pytest

from contract import cli

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted(path.name for path in (ROOT / "scripts").iterdir() if path.is_file())
# What no script takes.
WRONG = [
    ["--nope"],
    ["-Z"],
    ["a\nb"],
    ["--a\\nb"],
    ["--nope", "x"],
    ["\udcff"],
    ["a", "b", "c", "d"],
]
MORE = {
    "contract": [[], [""], ["pin", "x"], ["status", "--contracts", "/nowhere"]],
    "run": [
        [""],
        ["x"],
        ["--port"],
        ["--port", ""],
        ["--port", "x"],
        ["--port", "-1"],
        ["--port", "65536"],
        ["--port", "999999999"],
        ["--api-url"],
        ["--api-url", ""],
        ["--api-url", "nope"],
    ],
    "token": [[], [""], ["x"], ["@"], ["nobody@example.com"]],
    "upgrade": [["/nowhere"], [__file__], ["--major", "/nowhere"], ["--major", "a", "b"]],
}
SLOW = {"test": [["--nope"], ["nope.py"]]}  # what starts pytest
# Files, folders and words that are wrong for one command of scripts/contract.
CONTRACT = [
    [],
    [""],
    ["nope"],
    ["pin"],
    ["pin", "x"],
    ["pin", ""],
    ["pin", "9.9.9", "--contracts", "/nowhere"],
    ["pin", "9.9.9", "--contracts", __file__],
    ["pin", "9.9.9", "--contracts"],
    ["status", "--contracts", "/nowhere"],
    ["generate", "--check", "--nope"],
    *(
        [command, *words]
        for command in ("pin", "generate", "status")
        for words in WRONG
        if words != ["\udcff"]  # capsys cannot print it
    ),
]


def run(cwd: Path, *command: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, check=False, capture_output=True, text=True, errors="replace"
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_refuses_wrong_arguments_in_one_line(name, tmp_path, record_property):
    cases = SLOW.get(name) or [*WRONG, *MORE.get(name, [])]
    for words in cases:
        done = run(tmp_path, ROOT / "scripts" / name, *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), (words, done)
        assert "Traceback" not in done.stderr
    record_property("wrong command lines of scripts", len(cases))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_shows_its_help(name, tmp_path):
    for option in ("-h", "--help"):
        done = run(tmp_path, ROOT / "scripts" / name, option)
        assert (done.returncode, done.stderr) == (0, "")
        assert "usage: " in done.stdout


def test_imports_says_which_python_it_needs(tmp_path):
    done = run(tmp_path, sys.executable, "-I", "-S", ROOT / "scripts" / "imports")

    assert done.returncode == 2
    assert done.stderr.startswith("scripts/imports: run scripts/check")


def test_the_contract_tool_refuses_wrong_arguments_in_one_line(capsys, record_property):
    for words in CONTRACT:
        code: object
        try:
            code = cli.main(words)
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        assert (code, len(captured.err.splitlines())) == (2, 1), (words, captured)
    record_property("wrong command lines of python -m contract", len(CONTRACT))


@pytest.mark.parametrize("words", [[], ["pin"], ["generate"], ["status"]])
def test_the_contract_tool_shows_its_help(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: ")


@pytest.mark.parametrize("url", ["sqlite:////nowhere/web.sqlite3", "postgresql://x@127.0.0.1:1/x"])
def test_a_database_that_is_away_is_named(url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)
    done = run(ROOT, sys.executable, "manage.py", "prepare", "--port", "0")

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("CommandError: DATABASE_URL: ")
