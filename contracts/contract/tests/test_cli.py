"""The command line: what it prints, and its exit codes."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import yaml

from contract.cli import main
from contract.openapi.document import load
from contract.release.store import ReleaseStore, dump
from contract.tests.building import CODE, S, asks, obj, tells


@pytest.fixture
def write(tmp_path):
    def made(name, document):
        path = tmp_path / name
        text = json.dumps(document.data) if name.endswith("json") else yaml.safe_dump(document.data)
        path.write_text(text)
        return str(path)

    return made


def test_the_same_in_json_and_yaml_is_the_same(write, capsys):
    assert main(["diff", write("a.json", asks(S)), write("b.yaml", asks(S))]) == 0
    assert capsys.readouterr().out == "the same\n"


def test_a_break_is_one_and_shows_its_witness(write, capsys):
    old, new = write("a.json", asks(obj(a=S))), write("b.json", asks({**obj(a=S), "required": ["a"]}))
    assert main(["diff", old, new]) == 1
    out = capsys.readouterr().out
    assert "POST /things request body: a is now required" in out
    assert "no longer accepted: {}" in out
    assert main(["diff", new, old]) == 0


def test_machines_read_json(write, capsys):
    old, new = write("a.json", tells(S)), write("b.json", tells({"type": ["string", "null"]}))
    assert main(["diff", old, new, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "breaking"
    [finding] = [one for one in told["findings"] if one["verdict"] == "wire"]
    assert finding["witness"]["value"] is None
    assert finding["operation"] == "POST /things"


def test_a_pull_request_reads_markdown(write, capsys):
    old, new = write("a.json", asks(S)), write("b.json", asks({**S, "maxLength": 3}))
    assert main(["diff", old, new, "--format", "markdown"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("### Contract: breaking (1 wire)")
    assert "- **POST /things request body: it must now be at most 3 characters long**" in out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("a: [", "not YAML"),
        ("swagger: '2.0'", "not an OpenAPI 3 document"),
        ("openapi: 3.3.0", "only 3.0, 3.1 and 3.2"),
        ("[]", "not an OpenAPI 3 document"),
        ("openapi: 3.1.0\npaths: {/a: {get: {responses: []}}}", "#/paths/~1a/get/responses is not an object"),
        ("openapi: 3.1.0\npaths: {/a: {get: {parameters: [1]}}}", "#/paths/~1a/get/parameters/0 is not an object"),
        ("openapi: 3.1.0\nwebhooks: {a: 5}", "#/webhooks/a is not an object"),
        ("openapi: 3.1.0\nsecurity: [{a: [1]}]", "#/security/0/a/0 is not a text"),
    ],
)
def test_what_cannot_be_read_is_two_and_one_line(tmp_path, capsys, text, words):
    path = tmp_path / ("a.json" if text == "{" else "a.yaml")
    path.write_text(text)
    assert main(["diff", str(path), str(path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words in line


def test_a_missing_file_is_two(capsys):
    assert main(["diff", "nowhere.json", "nowhere.json"]) == 2
    assert capsys.readouterr().err == "contract: nowhere.json: No such file or directory\n"


def test_an_unresolvable_reference_is_two_and_named(write, capsys):
    broken = asks({})
    content = broken.data["paths"]["/things"]["post"]["requestBody"]["content"]
    content["application/json"]["schema"] = {"$ref": "#/components/schemas/Gone"}
    old, new = write("a.json", broken), write("b.json", asks(S))
    assert main(["diff", old, new]) == 2
    assert "#/components/schemas/Gone cannot be resolved" in capsys.readouterr().err


def test_references_into_other_files_are_followed(write, tmp_path):
    old, new = asks({}), asks({**S, "maxLength": 3})
    old.data["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["schema"] = {
        "$ref": "parts.yaml#/Name"
    }
    (tmp_path / "parts.yaml").write_text("Name: {$ref: '#/Text'}\nText: {type: string}\n")
    assert main(["diff", write("a.json", old), write("b.json", new)]) == 1


def test_unknown_releases_are_named(capsys, tmp_path):
    assert main(["--root", str(tmp_path), "diff", "9.9.9", "9.9.9"]) == 2
    assert "there is no release 9.9.9; there are: none yet" in capsys.readouterr().err


def test_yaml_is_read_as_json_would_say_it(tmp_path):
    words = "openapi: 3.1.0\npaths: {/a: {get: {summary: no, responses: {200: {description: 2026-01-01}}}}}\n"
    (tmp_path / "a.yaml").write_text(words)
    data = load(tmp_path / "a.yaml").data["paths"]["/a"]["get"]
    assert data == {"summary": "no", "responses": {"200": {"description": "2026-01-01"}}}


BAD = {
    "no file": None,
    "a folder": ...,
    "nothing": b"",
    "no JSON": b"{",
    "a conflict": b"<<<<<<< HEAD\n{}\n",
    "no text": b"\xff\xfe\x00",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no version": b"{}",
    "a version that is none": b'{"openapi": 3.1}',
    "another format": b'{"swagger": "2.0"}',
    "info that is a list": b'{"openapi": "3.1.0", "info": [], "paths": {}}',
    "paths that are a list": b'{"openapi": "3.1.0", "info": {"version": "1.0.0"}, "paths": []}',
    "a reference to nothing": b'{"openapi": "3.1.0", "info": {"version": "1.0.0"}, "paths": {"/a": {"$ref": "#/b"}}}',
    "very deep": b'{"openapi": "3.1.0", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
COMMANDS = (["check"], ["status"], ["release"], ["lint"], ["docs", "openapi.json"], ["diff", "openapi.json", "1.0.0"],
            ["mock", "openapi.json", "--port", "0"])  # fmt: skip


def put(path, content):
    path.unlink()
    if content is ...:
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)


@pytest.mark.parametrize("what", BAD)
def test_a_bad_draft_is_one_line_and_two_in_every_command(tmp_path, capsys, monkeypatch, what):
    monkeypatch.chdir(tmp_path)
    good = asks(S)
    ReleaseStore(tmp_path).draft.write_text(dump(good.data))
    (tmp_path / ".contract.toml").write_text('[lint]\nrules = ["treaty"]\n')
    assert main(["release"]) == 2  # the house rules
    (tmp_path / "releases").mkdir()
    shutil.copy(ReleaseStore(tmp_path).draft, tmp_path / "releases" / "1.0.0.json")
    ReleaseStore(tmp_path).record(tmp_path / "releases" / "1.0.0.json")
    put(tmp_path / "openapi.json", BAD[what])
    capsys.readouterr()

    for command in COMMANDS:
        if what == "a reference to nothing" and command == ["lint"]:
            continue  # A house rule names it.
        assert main(command) == 2, command
        said = capsys.readouterr()
        assert len(said.err.splitlines()) == 1, (command, said.err)
        assert "fault of this tool" not in said.err


@pytest.mark.parametrize("what", BAD)
def test_a_bad_release_is_one_line_and_two(tmp_path, capsys, what):
    store = ReleaseStore(tmp_path)
    store.draft.write_text(dump(asks(S).data))
    (tmp_path / "releases").mkdir()
    release = tmp_path / "releases" / "1.0.0.json"
    release.write_text(dump(asks(S).data))
    store.record(release)
    put(release, BAD[what])

    for command in (["check"], ["status"], ["release"]):
        assert main(["--root", str(tmp_path), *command]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_fault_of_the_tool_is_two_and_one_line(write, capsys, monkeypatch):
    def fails(*documents):
        return {}["nothing"]

    monkeypatch.setattr("contract.cli.commands.compare", fails)

    assert main(["diff", write("a.json", asks(S)), write("b.json", asks(S))]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "a fault of this tool" in line
    assert "KeyError: 'nothing'" in line


def test_a_reader_that_leaves_is_quiet(write):
    old, new = write("a.json", asks({**S, "maxLength": 9})), write("b.json", asks({**S, "maxLength": 3}))
    command = [sys.executable, "-c", "import sys; from contract.cli import main; sys.exit(main(sys.argv[1:]))"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*command, "diff", old, new], cwd=CODE, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (2, b"")
