"""The table of formats: what each one says, whatever the names in a document are."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from contract.cli import main
from contract.compare import compare
from contract.output.formats import FORMATS
from contract.tests.building import CODE, S, asks, document, obj, tells
from contract.tests.naming import ODD

SCHEMA = json.loads((Path(CODE) / "docs" / "findings.schema.json").read_text("utf-8"))
ODDER = [*ODD, "a%b", "a::b", "a,b:c", "line\nfeed", "]]>", "\x00", "\u2028", "<&>\"'"]


def made(name):
    old = {**obj(**{name: S}), "required": [name]}
    return compare(tells(old), tells({**obj(**{name: {"type": ["string", "null"]}, "other": S}), "description": name}))


def render(name, findings, file="openapi.yaml"):
    return FORMATS[name].render(findings, file, False)


def test_every_format_takes_every_name(long, tell):
    names = ODDER if long else [*ODDER[::5], *ODDER[len(ODD) :]]
    for name in names:
        is_taken(made(name))
    tell(f"formats: {len(FORMATS)}, each with {len(names)} odd names")


def is_taken(findings):
    told = {one: render(one, findings) for one in FORMATS}
    jsonschema.validate(json.loads(told["json"]), SCHEMA)
    root = ElementTree.fromstring(told["junit"])
    assert root.attrib["failures"] == str(sum(finding.stops for finding in findings))
    run = json.loads(told["sarif"])["runs"][0]
    more = [finding.severity.value for finding in findings if finding.verdict != "words"]
    assert [one["level"] for one in run["results"]] == more
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
    commands = [line for line in told["github"].splitlines() if line.startswith("::")]
    assert len(commands) == sum(finding.severity.value in ("error", "warning") for finding in findings)
    assert all(re.fullmatch(r"::(error|warning) file=[^:]*,line=\d+,title=[^:]*::.+", one) for one in commands)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_that_differs_is_told_in_every_format(name):
    told = render(name, [])
    assert "the same" in told or json.loads(told)["runs"][0]["results"] == []


def test_a_finding_is_shown_at_the_line_of_its_operation(tmp_path):
    findings = compare(asks(S), asks({**S, "maxLength": 3}))
    for name, text in (
        ("a.json", '{\n "openapi": "3.1.0",\n "paths": {\n  "/things": {\n   "get": {},\n   "post": {}\n}}}'),
        ("a.yaml", "openapi: 3.1.0\npaths:\n  /other:\n    post:\n  /things:\n    post:\n"),
        ("b.yaml", "openapi: 3.1.0\npaths:\n\n\n\n  '/things':\n    parameters: []\n"),
    ):
        (tmp_path / name).write_text(text)
        assert f"line={6}," in render("github", findings, str(tmp_path / name))
    assert "line=1," in render("github", findings, "main:openapi.yaml")


def test_a_waived_finding_is_no_error_anywhere():
    findings = compare(asks(S), asks({**S, "maxLength": 3}))
    for finding in findings:
        finding.waiver = "nobody does that"
    assert "::error" not in render("github", findings)
    [skipped] = ElementTree.fromstring(render("junit", findings)).iter("skipped")
    assert "nobody does that" in skipped.attrib["message"]
    [result, *_] = json.loads(render("sarif", findings))["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "nobody does that"


@pytest.fixture
def pair(tmp_path):
    names = [str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    for name, one in zip(names, (asks(S), asks({**S, "maxLength": 3})), strict=True):
        Path(name).write_text(json.dumps(one.data))
    return names


@pytest.mark.parametrize(
    ("variables", "colours"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_shows_colours_unless_told_not_to(pair, variables, colours, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm", **variables}.items():
        monkeypatch.setenv(name, value)
    assert main(["diff", *pair]) == 1
    assert ("\x1b[" in capsys.readouterr().out) is colours


def test_a_real_terminal_shows_colours(pair):
    main_end, other_end = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm"}
    command = [sys.executable, "-m", "contract", "diff", *pair]
    with subprocess.Popen(command, cwd=CODE, stdout=other_end, env=environment) as running:
        os.close(other_end)
        seen = b""
        with contextlib.suppress(OSError):  # Linux: the other end is closed.
            while chunk := os.read(main_end, 4096):
                seen += chunk
        assert running.wait() == 1
    os.close(main_end)
    assert b"\x1b[" in seen


def test_a_pipe_has_no_colours(pair, capsys):
    assert main(["diff", *pair]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"contract \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_the_whole_document_has_a_line_of_its_own():
    findings = compare(document(tags=[{"name": "a"}]), document(tags=[{"name": "b"}]))
    assert all(render(name, findings) for name in FORMATS)
