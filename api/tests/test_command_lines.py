"""Every command line: a wrong argument is one line on stderr and exit code 2; help is 0."""

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import __main__ as app
from app import development
from app.settings import Settings
from load_tests import crash_test, load_test, soak_test

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
MORE: dict[str, list[list[str]]] = {
    "contract": [
        [],
        [""],
        ["pin"],
        ["pin", "x"],
        ["pin", "9.9.9", "--force"],
        ["pin", "9.9.9", "--contracts", "/nowhere"],
        ["pin", "9.9.9", "--contracts", __file__],
        ["status", "9.9.9"],
        ["status", "--contracts"],
        ["propose", "9.9.9"],
        ["propose", "--contracts", "/nowhere"],
    ],
    "upgrade": [["/nowhere"], [__file__], ["--major", "/nowhere"], ["--major", "a", "b"]],
}
# What starts pytest or the application, slowly; the application's own are below.
SLOW = {
    "run": [["--port", "x"]],
    "token": [["--nope"]],
    "test": [["--nope"], ["nope.py"]],
}
COMMANDS = [
    *([command, *words] for command in ("serve", "migrate", "seed", "openapi") for words in WRONG),
    *([*words] for words in WRONG),
    [],
    [""],
    ["serve", "--host"],
    *(["serve", "--port", *value] for value in ([], [""], ["x"], ["-1"], ["65536"], ["8 0"])),
    *(["serve", "--workers", *value] for value in ([], [""], ["x"], ["-1"], ["0"], ["1.5"])),
    *(["token", *words] for words in (["x"], ["--scope"], ["--nope"])),
]
LOADS = [
    (crash_test.main, ["--creates", "0"]),
    (crash_test.main, ["--kills", "x"]),
    (load_test.main, ["--restarts", "0"]),
    (load_test.main, ["--restarts"]),
    (soak_test.main, ["--events", "nope"]),
    (soak_test.main, ["--minutes", "x"]),
    *(
        (main, words)
        for main in (crash_test.main, load_test.main, soak_test.main)
        for words in WRONG
    ),
]


def run(cwd: Path, *command: Path | str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | variables
    return subprocess.run(
        command, cwd=cwd, env=env, check=False, capture_output=True, text=True, errors="replace"
    )


def ends(main: Callable[[], object], words: list[str], patch: pytest.MonkeyPatch) -> object:
    """Return the exit code of a command line that is refused before it does anything."""
    patch.setattr(sys, "argv", ["x", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_refuses_wrong_arguments_in_one_line(
    name: str, tmp_path: Path, record_property: Callable[[str, int], None]
):
    cases = SLOW.get(name) or [*WRONG, *MORE.get(name, [])]
    for words in cases:
        done = run(tmp_path, ROOT / "scripts" / name, *words)
        told = [line for line in done.stderr.splitlines() if not line.startswith("reference: ")]
        assert (done.returncode, len(told)) == (2, 1), (words, done)
    record_property("wrong command lines of scripts", len(cases))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_shows_its_help(name: str, tmp_path: Path):
    for option in ("-h", "--help"):
        done = run(tmp_path, ROOT / "scripts" / name, option)
        assert (done.returncode, done.stderr) == (0, "")
        assert "usage: " in done.stdout


def test_the_application_refuses_wrong_arguments_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, int], None],
):
    cases = [*((app.main, words) for words in COMMANDS), *LOADS]
    cases = [(main, words) for main, words in cases if "\udcff" not in words]  # capsys cannot
    for main, words in cases:
        code = ends(main, words, monkeypatch)
        told = capsys.readouterr().err
        assert (code, len(told.splitlines())) == (2, 1), (words, told)
    record_property("wrong command lines of python -m app and load_tests", len(cases))


@pytest.mark.parametrize(
    "command", [[], ["serve"], ["migrate"], ["seed"], ["openapi"], ["token"]], ids=" ".join
)
def test_the_application_shows_its_help(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert ends(app.main, [*command, "--help"], monkeypatch) == 0
    assert capsys.readouterr().out.startswith("usage: ")


@pytest.mark.parametrize("own", [True, False])
def test_a_start_makes_the_key_of_this_machines_issuer_if_that_is_trusted(
    own: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(development, "KEY_FILE", tmp_path / "var" / "key.json")
    monkeypatch.setattr(development, "JWKS_FILE", tmp_path / "var" / "jwks.json")
    monkeypatch.chdir(tmp_path)
    trusted = "var/jwks.json" if own else "https://issuer.test/jwks.json"

    app.make_key(argparse.Namespace(), Settings(auth_jwks=trusted))

    assert development.JWKS_FILE.exists() is own


@pytest.mark.parametrize("host", ["999.1.1.1", "a..b", "taken"])
def test_an_address_that_cannot_be_used_is_named(host: str, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = ["--host", host, "--port", "0"]
        if host == "taken":
            where = ["--port", str(taken.getsockname()[1])]
        done = run(ROOT, sys.executable, "-m", "app", "serve", *where)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("python -m app serve: --host ")


@pytest.mark.parametrize("command", ["migrate", "serve --prepare --port 0"])
def test_a_database_that_is_away_is_named(command: str):
    away = "postgresql+asyncpg://x@127.0.0.1:1/x"
    done = run(ROOT, sys.executable, "-m", "app", *command.split(), DATABASE_URL=away)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("DATABASE_URL: ")
