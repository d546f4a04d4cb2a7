"""Every command line: a wrong argument is one line on stderr and exit code 2; help is 0."""

import subprocess
from pathlib import Path

import pytest

from contract.cli import main

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path.name for path in (ROOT / "scripts").iterdir() if path.is_file())
COMMANDS = ["baseline", "check", "diff", "docs", "lint", "mock", "release", "rules", "status"]
# What no script takes.
WRONG = [["--nope"], ["-Z"], ["a\nb"], ["--a\\nb"], ["--nope", "x"], ["\udcff"], ["a", "b", "c", "d"]]
VALUES = [
    *([option, "x"] for option in ("--port", "--seeds", "--delay-ms", "--fail-rate", "--status")),
    *([option, "-1"] for option in ("--port", "--seeds", "--delay-ms", "--fail-rate", "--status")),
    *([option] for option in ("--port", "--seeds", "--delay-ms", "--fail-rate", "--status")),
    ["--port", "65536"],
    ["--fail-rate", "1.1"],
    ["--fail-rate", "nan"],
    ["--status", "9999"],
    ["/nowhere.json"],
    ["9.9.9"],
    [""],
    ["."],
]
# Files, folders and values that are wrong for one command.
OTHERS = [
    [],
    [""],
    ["nope"],
    ["--root"],
    ["--root", "/nowhere", "check"],
    ["--root", __file__, "status"],
    ["--root", str(Path(__file__).parent), "mock"],
    ["--root", str(Path(__file__).parent), "check"],
    ["check", "--format", "x"],
    ["diff", "1.0.0"],
    ["diff", "1.0.0", "/nowhere.json"],
    ["diff", ".", "1.0.0"],
    ["diff", __file__, __file__],
    ["lint", "/nowhere.json"],
    ["lint", ""],
    ["lint", "9.9.9"],
    ["release", "x"],
    ["release", "1.0.0"],
    ["docs", "/nowhere.json"],
    ["docs", ""],
    ["docs", "--out", str(Path(__file__).parent)],
    *(["mock", *values] for values in VALUES),
    *([command, *words] for command in COMMANDS for words in WRONG),
]
MORE = {"notice": [[], [""], ["9.9.9"]], "pairs": [[], [""], ["/nowhere"], [__file__]]}
# What starts pytest or the tool, slowly; the tool's own are below.
SLOW = {"contract": [["nope"]], "run": [["--nope"]], "test": [["--nope"], ["nope.py"]]}


def run(name, words, cwd):
    command = [ROOT / "scripts" / name, *words]
    return subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True, errors="replace")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_refuses_wrong_arguments_in_one_line(name, tmp_path, tell):
    cases = SLOW.get(name) or [*WRONG, *MORE.get(name, [])]
    for words in cases:
        done = run(name, words, tmp_path)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), (words, done)
        assert "Traceback" not in done.stderr
    tell(f"wrong command lines of scripts/{name}: {len(cases)}, each refused in one line")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_shows_its_help(name, tmp_path):
    for option in ("-h", "--help"):
        done = run(name, [option], tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "usage: " in done.stdout


def test_the_tool_refuses_wrong_arguments_in_one_line(tmp_path, monkeypatch, capsys, tell):
    monkeypatch.chdir(ROOT)
    for words in OTHERS:
        try:
            code = main(words)
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        assert (code, len(captured.err.splitlines())) == (2, 1), (words, captured)
    tell(f"wrong command lines of python -m contract: {len(OTHERS)}, each refused in one line")


@pytest.mark.parametrize("command", ["deployed", "can-i-deploy"])
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["web=1", "--pin", "1.0.0", "web=2", "--to", "p"], "web=2 stands behind an option: name all that runs there"),
        (["web=1", "--to", "p", "web=2", "api=1.0.0"], "web=2 stands behind an option: name all that runs there"),
        (["web=1", "--pin", "1.0.0", "--pin", "1.1.0", "--to", "p"], "--pin holds for all that is named: give it once"),
        (["web=1", "--to", "p", "web"], "unrecognized arguments: web; see --help"),
    ],
)
def test_what_an_option_would_tear_apart_is_refused_with_what_to_do(command, words, told, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, *words])
    captured = capsys.readouterr()
    assert (ended.value.code, len(captured.err.splitlines())) == (2, 1)
    assert told in captured.err


@pytest.mark.parametrize("words", [[], *([command] for command in COMMANDS)])
def test_the_tool_shows_its_help(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: ")
