"""Where documents come from: every kind of place gives the same findings, and every failure is one line."""

import contextlib
import io
import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from contract.cli import main
from contract.openapi.document import DocumentError
from contract.sources import web
from contract.tests.building import S, asks

NEW = {**S, "maxLength": 3}
PART = "Name: {$ref: '#/Text'}\nText: {type: string, maxLength: 3}\n"


def text(schema):
    return json.dumps(asks(schema).data)


FILES = {
    "openapi.yaml": text({"$comment": "elsewhere"}).replace(
        '"$comment": "elsewhere"', '"$ref": "parts/name.yaml#/Name"'
    ),
    "parts/name.yaml": PART,
    "whole.txt": text(NEW),
    "api/v 1.json": text(NEW),
}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository whose only commit has other files than its folder has now."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    named = [f"GIT_{role}_{part}" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")]
    for name in named:
        monkeypatch.setenv(name, "t")
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "First"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "parts" / "name.yaml").write_text("Name: {type: string}\n")
    (tmp_path / "old.json").write_text(text(S))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0].lstrip("/").replace("%20", " ")
        if path == "moved":
            self.send_response(302)
            self.send_header("Location", "/whole.txt")
            self.end_headers()
        elif path == "away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif path == "endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while not self.server.closing.wait(0.02):
                    self.wfile.write(b"x" * 2000)
        elif path in FILES:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(FILES[path].encode())
        else:
            self.send_error(404)

    def log_message(self, *words):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    serving = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    serving.closing = threading.Event()
    thread = threading.Thread(target=serving.serve_forever, args=[0.05])
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.closing.set()
    serving.shutdown()
    thread.join()
    serving.server_close()


def told(words, capsys):
    code = main(["diff", *words, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)["verdict"]


@pytest.mark.parametrize("new", ["whole.txt", "api/v 1.json", "./whole.txt"])
def test_a_file_may_have_any_name(repository, capsys, new):
    assert told(["old.json", new], capsys) == (1, "breaking")


@pytest.mark.parametrize(
    "new", ["main:openapi.yaml", "HEAD:whole.txt", ":whole.txt", "HEAD:./openapi.yaml", "HEAD:api/v 1.json"]
)
def test_a_revision_is_read_with_the_files_that_it_had_then(repository, capsys, new):
    assert told(["old.json", "openapi.yaml"], capsys) == (0, "compatible")
    assert told(["old.json", new], capsys) == (1, "breaking")


def test_a_path_that_begins_with_a_dot_counts_from_the_folder(repository, capsys, monkeypatch):
    monkeypatch.chdir(repository / "api")
    assert told(["../old.json", "main:./v 1.json"], capsys) == (1, "breaking")
    assert told(["../old.json", "main:../whole.txt"], capsys) == (1, "breaking")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("main:nowhere.yaml", "main:nowhere.yaml: no such file in that revision"),
        ("nope:openapi.yaml", "git has no revision nope here"),
        ("main:../../x.yaml", "no such file in that revision"),
    ],
)
def test_a_revision_that_is_not_there_is_one_line(repository, capsys, name, words):
    assert main(["diff", "old.json", name]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words in line


def test_a_path_within_a_folder_gets_the_advice_to_count_from_the_top(repository, capsys, monkeypatch):
    monkeypatch.chdir(repository / "parts")
    assert main(["diff", "../old.json", "main:name.yaml"]) == 2
    assert "paths count from the top: main:parts/name.yaml" in capsys.readouterr().err


def test_outside_of_a_repository_a_revision_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert main(["diff", "main:a.yaml", "b.yaml"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "the current folder is in no git repository" in line


@pytest.mark.parametrize("name", ["whole.txt", "openapi.yaml", "openapi.yaml?token=1#top", "moved", "api/v%201.json"])
def test_an_address_is_fetched_with_the_files_it_refers_to(repository, server, capsys, name):
    assert told(["old.json", f"{server}/{name}"], capsys) == (1, "breaking")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "answered 404"),
        ("away", "file"),
        ("", "answered 404"),
    ],
)
def test_an_address_that_fails_is_one_line(repository, server, capsys, name, words):
    assert main(["diff", "old.json", f"{server}/{name}"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words in line
    assert server in line


@pytest.mark.parametrize("name", ["http://127.0.0.1:9/a", "https://127.0.0.1:9/a", "http://", "http://nope.invalid/a"])
def test_no_server_is_one_line(repository, capsys, name, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    assert main(["diff", "old.json", name]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_password_in_an_address_is_refused_and_not_shown(repository, capsys):
    assert main(["diff", "old.json", "https://me:secret@shop.test/openapi.json"]) == 2
    line = capsys.readouterr().err
    assert "shop.test" in line
    assert "secret" not in line


def test_an_answer_has_a_largest_size_and_a_longest_time(server):
    with pytest.raises(DocumentError, match="larger than 9,000 bytes"):
        web.document(f"{server}/endless", most_bytes=9_000)
    begun = time.monotonic()
    with pytest.raises(DocumentError, match="did not arrive in time"):
        web.document(f"{server}/endless", seconds=0.2)
    assert time.monotonic() - begun < web.ANSWER_SECONDS


def test_standard_input_is_a_document(repository, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text(NEW).encode())))
    assert told(["old.json", "-"], capsys) == (1, "breaking")


def test_standard_input_refers_to_files_of_the_folder(repository, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FILES["openapi.yaml"].encode())))
    assert told(["old.json", "-"], capsys) == (0, "compatible")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_bad_standard_input_is_one_line(repository, capsys, monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["diff", "old.json", "-"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("contract: standard input: ")


def test_standard_input_is_one_document(capsys):
    assert main(["diff", "-", "-"]) == 2
    assert "name another one beside `-`" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["main:whole.txt", "-", "{server}/whole.txt"])
@pytest.mark.parametrize("command", ["lint", "docs"])
def test_every_command_that_reads_a_document_takes_any_place(repository, server, capsys, monkeypatch, name, command):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text(NEW).encode())))
    more = ["--out", str(Path("page.html"))] if command == "docs" else []
    assert main([command, name.replace("{server}", server), *more]) == 0
