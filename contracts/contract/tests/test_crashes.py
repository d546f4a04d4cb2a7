"""Whatever a file holds and whoever reads the answer: an exit code that means what it says, and never a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from contract.cli import main
from contract.tests.building import CODE, EXAMPLE
from contract.tests.everything import everything
from contract.tests.pairs import PAIRS, chained, doc, wide
from contract.tests.sampling import sample
from contract.tests.test_reading import REFUSED

READERS = {
    "check": ["check"],
    "lint": ["lint"],
    "lint a file": ["lint", "openapi.json"],
    "status": ["status"],
    "release": ["release"],
    "docs": ["docs"],
    "mock": ["mock", "--port", "0"],
    "diff": ["diff", "openapi.json", "openapi.json"],
}
RUN = [sys.executable, "-m", "contract"]


@pytest.mark.parametrize("command", READERS)
def test_no_file_that_cannot_be_read_ends_in_more_than_one_line(command, tmp_path, monkeypatch, capsys, tell):
    monkeypatch.chdir(tmp_path)
    for name, _, content, _ in REFUSED:
        (tmp_path / "openapi.json").write_bytes(content if isinstance(content, bytes) else content.encode())
        assert main(READERS[command]) == 2, name
        out, error = capsys.readouterr()
        assert (out, len(error.splitlines())) == ("", 1), name
        assert error.startswith("contract: "), name
        assert "fault of this tool" not in error, name
    tell(f"crashes: {command}, {len(REFUSED)} files refused in one line")


def test_no_document_of_any_kind_is_a_fault_of_the_tool(tmp_path, monkeypatch, capsys, tell, long):
    """Whatever can be read is linted, shown and compared, or refused with a reason."""
    monkeypatch.chdir(tmp_path)
    pairs = sample(PAIRS, lambda pair: pair[0], 3, long)
    documents = [data for *_, old, new in pairs for data in (old, new)]
    documents += [everything(version) for version in ("3.0", "3.1", "3.2")]
    documents += [wide(20, 4), chained(150, "string"), chained(1500, "string"), {**doc(), "components": {}}]
    codes = Counter()
    for data in documents:
        (tmp_path / "openapi.json").write_text(json.dumps(data))
        for command in ("lint", "docs", "status"):
            codes[main(READERS[command])] += 1
            out, error = capsys.readouterr()
            assert "fault of this tool" not in error, (command, error, data)
            assert "Traceback" not in out + error
    tell(f"crashes: {len(documents)} documents, exit codes {dict(codes)}")
    assert set(codes) <= {0, 1, 2}


def test_an_unforeseen_fault_is_two_and_one_line(monkeypatch, capsys):
    def broken(*_):
        raise KeyError("something\nof ours")

    monkeypatch.setattr("contract.cli.commands.compare", broken)
    assert main(["diff", str(EXAMPLE), str(EXAMPLE)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "a fault of this tool, please report it: KeyError" in line

    assert main(["--traceback", "diff", str(EXAMPLE), str(EXAMPLE)]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_endless_recursion_is_two_and_one_line(monkeypatch, capsys):
    def endless(*_):
        return endless()

    monkeypatch.setattr("contract.cli.commands.compare", endless)
    assert main(["diff", str(EXAMPLE), str(EXAMPLE)]) == 2
    assert capsys.readouterr().err == "contract: a document refers to itself in more ways than can be followed\n"


def test_a_closed_pipe_is_quiet(tmp_path):
    names = {f"f{number}": {"type": "string"} for number in range(4000)}
    for name, fields in (("old", names), ("new", {})):
        (tmp_path / f"{name}.json").write_text(json.dumps({**doc(), "components": {"schemas": fields}}))
    read, write = os.pipe()
    os.close(read)
    command = [*RUN, "diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--format", "json"]
    ended = subprocess.run(command, cwd=CODE, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (2, b"")


def test_an_interrupt_is_quiet():
    # A shell that starts a job in the background leaves SIGINT ignored.
    program = "import contract.cli, signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    program += "contract.cli.commands.compare = lambda *_: signal.raise_signal(signal.SIGINT)"
    run = f"{program}\nraise SystemExit(contract.cli.main(['diff', {str(EXAMPLE)!r}, {str(EXAMPLE)!r}]))"
    ended = subprocess.run([sys.executable, "-c", run], cwd=CODE, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGINT, b"")


def test_a_terminal_without_unicode_is_no_crash(tmp_path):
    for name, text in (("old", "é"), ("new", "漢")):
        (tmp_path / f"{name}.json").write_text(json.dumps(doc({"summary": text})))
    command = [*RUN, "diff", str(tmp_path / "old.json"), str(tmp_path / "new.json")]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, cwd=CODE, capture_output=True, check=False, env=environment)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"\\xe9" in ended.stdout
