"""Every command line: a wrong argument is one line on stderr and exit code 2; help is 0."""

import json
import socket
import subprocess
import sys

import pytest

from conftest import ROOT

SCRIPTS = sorted(path.name for path in (ROOT / "scripts").iterdir() if path.is_file())
ANSWERS = json.dumps({"product_name": "Blue Sky", "product_slug": "blue-sky", "repositories": "all"})
# What no script takes.
WRONG = [["--nope"], ["-Z"], ["--a\\nb"], ["--nope", "x"], ["\udcff", "--nope"], ["a", "b\nc", "d", "e"]]
PORTS = [[], ["x"], [""], ["-1"], ["0"], ["65536"]]
MORE = {
    "bench": [
        [],
        ["nope"],
        ["api", "--rounds", "0"],
        ["api", "--rounds", "x"],
        ["compare"],
        ["compare", "--other", "/nowhere"],
        ["api", "--json", "/nowhere/x.json"],
        ["api", "--table", str(ROOT)],
    ],
    "new": [[""], ["a\nb"], ["--only", "api"], ["Acme", "--into"], ["Acme", "--into", __file__], ["A", "--only", "x"]],
    "run": [
        ["nope"],
        ["--api-port", "8001"],
        *([option, *value] for option in ("--api-port", "--ui-port") for value in PORTS),
    ],
    "setup": [[], [""], ["nope"]],
    "test": [["nope"], ["api", "nope"]],
    "update": [
        ["nope"],
        ["--to"],
        ["--repository", "/nowhere"],
        ["--repository", __file__],
        ["--repository", str(ROOT)],
        ["--repository", ""],
    ],
}
STAMP = [
    [],
    ["nope"],
    ["folder"],
    ["folder", "{"],
    ["folder", "[]"],
    ["folder", "{}"],
    ["folder", ANSWERS, "x"],
    ["folder", ANSWERS.replace("blue", "BLUE")],
    ["derive", ANSWERS, "api"],
    ["derive", ANSWERS, "nope", "."],
    ["derive", ANSWERS, "api", __file__],
]


def run(cwd, *command):
    return subprocess.run(
        command, cwd=cwd, check=False, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL
    )


def refused(done):
    return (done.returncode, len(done.stderr.splitlines())) == (2, 1) and "Traceback" not in done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_refuses_wrong_arguments_in_one_line(name, tmp_path, record_property):
    cases = [*WRONG, *MORE.get(name, [])]
    for words in cases:
        done = run(tmp_path, ROOT / "scripts" / name, *words)
        assert refused(done), (words, done)
    record_property("wrong command lines of scripts", len(cases))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_shows_its_help(name, tmp_path):
    for option in ("-h", "--help"):
        done = run(tmp_path, ROOT / "scripts" / name, option)
        assert (done.returncode, done.stderr) == (0, "")
        assert "usage: " in done.stdout


def test_stamp_refuses_wrong_arguments_in_one_line(tmp_path, monkeypatch, record_property):
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "scripts"))
    for words in STAMP:
        done = run(tmp_path, sys.executable, "-B", "-m", "stamp", *words)
        assert refused(done), (words, done)
    record_property("wrong command lines of python -m stamp", len(STAMP))


def test_stamp_shows_its_help(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "scripts"))
    done = run(tmp_path, sys.executable, "-B", "-m", "stamp", "--help")
    assert (done.returncode, done.stderr) == (0, "")


def test_run_names_a_port_that_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = run(tmp_path, ROOT / "scripts" / "run", "--api-port", str(taken.getsockname()[1]))
    assert refused(done)
    assert "--api-port" in done.stderr
