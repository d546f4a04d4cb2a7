"""`.contract.toml`: what it switches, where it is found, and that a mistake in it is one line."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from contract.cli import main
from contract.lint.rules import RULES as LINT
from contract.lint.ruleset import names, rule_set
from contract.release.store import ReleaseStore, dump
from contract.tests.building import I, S, asks, obj, shop, tells

TODAY = dt.datetime.now(dt.UTC).date()
LATER, BEFORE = TODAY + dt.timedelta(days=9), TODAY - dt.timedelta(days=1)
# A pair for each verdict.
PAIRS = {
    "wire": (asks(S), asks({**S, "maxLength": 3})),
    "unproven": (asks(S), asks({**S, "format": "made-up"})),
    "source": (tells(obj(a=S, b=S)), tells(obj(a=S))),
    "compatible": (asks({**S, "maxLength": 3}), asks(S)),
}
STOPS = {"wire": ["wire"], "unproven": ["wire", "unproven"], "source": ["wire", "unproven", "source"]}
NAME = "POST-things/request-body/maxLength"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(verdict, settings=None):
    for name, one in zip(("a.json", "b.json"), PAIRS[verdict], strict=True):
        Path(name).write_text(json.dumps(one.data))
    if settings is not None:
        Path(".contract.toml").write_text(settings)
    return ["diff", "a.json", "b.json"]


@pytest.mark.parametrize("fail_on", [None, *STOPS])
@pytest.mark.parametrize("verdict", PAIRS)
def test_what_stops_is_a_switch(folder, verdict, fail_on, capsys):
    code = int(verdict in STOPS[fail_on or "unproven"])
    command = write(verdict)
    assert main([*command, *(["--fail-on", fail_on] if fail_on else [])]) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith("breaking" if code else "compatible")
    assert main(write(verdict, f'fail-on = "{fail_on}"' if fail_on else "")) == code


def test_the_command_line_wins_over_the_file(folder):
    assert main([*write("source", 'fail-on = "source"'), "--fail-on", "wire"]) == 0


@pytest.mark.parametrize(
    ("verdict", "rule", "severity", "code"),
    [
        ("wire", "maxLength", "warning", 0),
        ("wire", "maxLength", "note", 0),
        ("wire", "maxLength", "error", 1),
        ("wire", "minLength", "warning", 1),
        ("source", "field-removed", "error", 1),
        ("unproven", "format", "off", 0),
    ],
)
def test_a_rule_has_a_severity(folder, verdict, rule, severity, code):
    assert main(write(verdict, f'[severities]\n{rule} = "{severity}"')) == code


@pytest.mark.parametrize(("side", "code"), [("response", 1), ("request", 0)])
def test_a_severity_may_hold_for_one_direction(folder, side, code):
    assert main(write("source", f'[severities]\nfield-removed = {{ {side} = "error" }}')) == code


def test_what_is_off_is_not_told(folder, capsys):
    main(write("wire", '[severities]\nmaxLength = "off"'))
    assert "maxLength" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("waiver", "code", "told"),
    [
        (f'name = "{NAME}"\nreason = "r"', 0, ""),
        (f'name = "{NAME}"\nreason = "r"\nexpires = {LATER}', 0, ""),
        (f'name = "{NAME}"\nreason = "r"\nexpires = {TODAY}', 0, ""),
        (f'name = "{NAME}"\nreason = "r"\nexpires = {BEFORE}', 1, f"the waiver of {NAME} expired on {BEFORE}"),
        (f'name = "{NAME}"\nreason = "r"\nexpires = "{LATER}"', 0, ""),
        ('rule = "maxLength"\nreason = "r"', 0, ""),
        ('rule = "maxLength"\noperation = "POST /t*"\nreason = "r"', 0, ""),
        ('rule = "maxLength"\noperation = "GET *"\nreason = "r"', 1, "accepts nothing"),
        ('rule = "minLength"\nreason = "r"', 1, "the waiver of minLength at * accepts nothing"),
        ('name = "POST-things"\nreason = "r"', 1, "accepts nothing"),
    ],
)
def test_a_waiver_accepts_what_it_names_until_its_day(folder, capsys, waiver, code, told):
    assert main(write("wire", f"[[waivers]]\n{waiver}\n")) == code
    said = capsys.readouterr()
    assert told in said.err if told else said.err == ""
    assert ("waived: r" in said.out) is (code == 0)


def test_a_baseline_accepts_what_is_there_today_and_nothing_later(folder, capsys):
    command = write("wire")
    assert main(["baseline", *command[1:]]) == 0
    assert main(command) == 0
    assert "waived: in the baseline" in capsys.readouterr().out
    write("unproven")
    assert main(command) == 1
    assert main(["baseline", *command[1:]]) == 0
    assert main(command) == 0
    write("wire")
    assert main(command) == 1


def test_a_baseline_may_have_any_name(folder):
    command = write("wire", 'baseline = "old/accepted.json"')
    assert main(command) == 2
    assert main(["baseline", *command[1:], "--out", "old/accepted.json"]) == 2
    write("wire", "")
    assert main(["baseline", *command[1:], "--out", "old/accepted.json"]) == 0
    write("wire", 'baseline = "old/accepted.json"')
    assert main(command) == 0


def test_the_file_is_found_beside_the_document_or_above_it_up_to_the_root(folder, monkeypatch):
    inner = folder / "repository" / "api" / "v1"
    inner.mkdir(parents=True)
    write("source", 'fail-on = "source"')
    for name in ("a.json", "b.json"):
        shutil.move(name, inner / name)
    command = ["diff", str(inner / "a.json"), str(inner / "b.json")]
    assert main(command) == 0
    shutil.move(".contract.toml", folder / "repository" / ".contract.toml")
    assert main(command) == 0
    (folder / "repository" / ".git").mkdir()
    assert main(command) == 1
    (inner / ".contract.toml").write_text('fail-on = "wire"')
    assert main(command) == 0
    assert main(["--config", str(folder / "repository" / ".contract.toml"), *command]) == 1
    assert main([*command, "--config", str(folder / "repository" / ".contract.toml")]) == 1


MISTAKES = {
    "fail_on = 1": "fail_on is not known; known are fail-on",
    "fail-on = 1": "fail-on is not a text",
    'fail-on = "all"': "fail-on is 'all', and not one of wire, unproven, source",
    "severities = 1": "severities is not a table",
    '[severities]\nnope = "error"': "severities.nope is no rule; contract rules lists them",
    '[severities]\nenum = "fatal"': "severities.enum is 'fatal', and not one of error, warning, note, off",
    '[severities]\nenum = { requests = "error" }': "severities.enum.requests is not known; known are request, response",
    "[severities]\nenum = 1": "severities.enum is not a text",
    "[waivers]": "waivers is not a list of tables",
    "waivers = [1]": "waivers is not a list of tables",
    '[[waivers]]\nname = "a"': "waivers[0].reason is missing: say why it is accepted",
    '[[waivers]]\nname = "a"\nreason = " "': "waivers[0].reason is missing",
    '[[waivers]]\nreason = "a"': "waivers[0].name or `rule` says what is waived",
    '[[waivers]]\nname = "a"\nrule = "enum"\nreason = "a"': "waivers[0].name or `rule`",
    '[[waivers]]\nrule = "nope"\nreason = "a"': "waivers[0].rule names no rule: nope",
    '[[waivers]]\nname = "a"\nreason = "a"\nexpires = "soon"': "waivers[0].expires is not a date such as 2027-01-31",
    '[[waivers]]\nname = "a"\nreason = "a"\nexpires = 1': "waivers[0].expires is not a date",
    '[[waivers]]\nname = "a"\nreason = "a"\nuntil = 1': "waivers[0].until is not known",
    'baseline = "nope.json"': "nope.json: No such file or directory; contract baseline writes it",
    "baseline = 1": "baseline is not a text",
    "[lint]\nrules = 1": "lint.rules is not a list of texts",
    "[lint]\nrules = [1]": "lint.rules is not a list of texts",
    "[lint]\nrule = []": "lint.rule is not known; known are rules, severities, exceptions",
    "[layout]\nfolder = 'a'": "layout.folder is not known; known are draft, releases",
    "[layout]\nreleases = '/a'": "layout.releases is a path within the folder of the contract",
    "[layout]\ndraft = '../a'": "layout.draft is a path within",
    "[layout]\ntag = 'v1'": "layout.tag has to contain {version}",
    "fail-on": "not TOML: ",
    "a = 1\na = 2": "not TOML: ",
    "\xff": "not TOML: ",
}


@pytest.mark.parametrize("settings", MISTAKES)
def test_a_mistake_is_one_line_with_file_and_key(folder, settings, capsys):
    command = write("compatible")
    Path(".contract.toml").write_bytes(settings.encode("latin-1"))
    assert main(command) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert MISTAKES[settings] in line
    assert ".contract.toml" in line or "nope.json" in line


def test_mistakes_are_counted(tell):
    tell(f"mistakes in .contract.toml: {len(MISTAKES)}, each one line with file and key")


# Lint.


def test_no_house_rule_is_applied_unless_asked_for(folder, capsys):
    Path("a.json").write_text(json.dumps(asks(I).data))
    assert main(["lint", "a.json"]) == 0
    assert main(["lint", "a.json", "--rules", "treaty"]) == 1
    said = capsys.readouterr().out
    Path(".contract.toml").write_text('[lint]\nrules = ["treaty"]')
    assert main(["lint", "a.json"]) == 1
    assert capsys.readouterr().out.splitlines() == said.splitlines()[1:]


def test_rules_of_lint_have_severities_and_exceptions_by_path(folder, capsys):
    Path("a.json").write_text(json.dumps(asks(I).data))
    Path("team.toml").write_text(
        'extends = ["openapi"]\n[rules]\noperation-tag = "error"\noperation-id = "warning"\n[exceptions]\n'
        'operation-tag = ["/things"]\n'
    )
    assert main(["lint", "a.json", "--rules", "team.toml"]) == 0
    assert capsys.readouterr().out.startswith("warning: operation-id: POST /things")
    Path(".contract.toml").write_text(
        '[lint]\nrules = ["team.toml"]\n[lint.severities]\noperation-id = "error"\noperation-summary = "note"\n'
        '[lint.exceptions]\noperation-summary = ["POST /t*"]'
    )
    assert main(["lint", "a.json"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 finding"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[rules]\nnope = "error"', "nope is no rule of lint"),
        ('[exceptions]\nnope = ["a"]', "nope is no rule of lint"),
        ('[rules]\nsecurity = "grave"', "rules.security is 'grave'"),
        ('[exceptions]\nsecurity = "a"', "exceptions.security is not a list"),
        ('extends = ["team.toml"]', "extends itself"),
        ('extends = ["nope"]', "there is no set of rules nope: name a file, or one of openapi, treaty"),
        ("a = 1", "a is not known"),
        ("[", "not TOML"),
    ],
)
def test_a_mistake_in_a_set_of_rules_is_one_line(folder, text, words, capsys):
    Path("a.json").write_text(json.dumps(asks(S).data))
    Path("team.toml").write_text(text)
    assert main(["lint", "a.json", "--rules", "team.toml"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words in line


def test_the_house_rules_are_all_rules():
    assert {rule.name for rule in LINT} == set(rule_set(["treaty"], Path()).severities)
    assert names() == ["openapi", "treaty"]


# Layout.

LAYOUT = """[layout]
draft = "api/openapi.yaml"
releases = "published"
notes = "docs/next.md"
changelog = "docs/changes.md"
tag = "api-{version}"
"""
DRAFT = """# The contract of a shop.
openapi: 3.1.0
info:
  # Everybody knows it.
  title: Shop
  version: 0.9.0  # set by the release
paths:
  /orders:
    get:
      responses: {204: {description: Done.}}
"""


def test_a_release_works_in_any_layout_and_leaves_yaml_as_it_is_written(folder, capsys):
    Path(".contract.toml").write_text(LAYOUT)
    Path("api").mkdir()
    Path("api/openapi.yaml").write_text(DRAFT)
    assert main(["release"]) == 0
    assert "git tag api-1.0.0" in capsys.readouterr().out
    assert Path("api/openapi.yaml").read_text() == DRAFT.replace("0.9.0", "1.0.0")
    assert json.loads(Path("published/1.0.0.json").read_text())["info"]["version"] == "1.0.0"
    added = DRAFT.replace("0.9.0", "1.0.0") + "  /carts:\n    get:\n      responses: {204: {description: Done.}}\n"
    Path("api/openapi.yaml").write_text(added)
    assert main(["check"]) == 0
    assert main(["release"]) == 0
    assert main(["diff", "1.0.0", "1.1.0"]) == 0
    assert "## [1.1.0]" in Path("docs/changes.md").read_text()
    assert sorted(path.name for path in Path().iterdir()) == [".contract.toml", "api", "docs", "published"]
    assert main(["status"]) == 0
    Path("api/openapi.yaml").write_text(added.replace("/orders", "/others").replace("1.0.0", "1.1.0"))
    assert main(["release"]) == 2
    assert "contract release 2.0.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "info", ["info: {title: Shop, version: 0.9.0}", "info: &i\n  title: Shop\n  version: &v 0.9.0"]
)
def test_a_version_that_cannot_be_set_in_yaml_is_one_line_and_nothing_is_released(folder, capsys, info):
    Path(".contract.toml").write_text(LAYOUT)
    Path("api").mkdir()
    Path("api/openapi.yaml").write_text(f"openapi: 3.1.0\n{info}\npaths: {{}}\n")
    assert main(["release"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "write info.version on a line of its own" in line
    assert not Path("published").exists()


def test_a_draft_of_several_files_is_not_released(folder, capsys):
    Path("part.json").write_text('{"type": "string"}')
    data = shop()
    data["components"]["schemas"]["Part"] = {"$ref": "part.json"}
    ReleaseStore(folder).draft.write_text(dump(data))
    assert main(["release"]) == 2
    assert "bundle it first" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["notes", "settings"])
def test_a_waiver_of_an_edit_holds_for_every_operation_and_is_remembered(folder, capsys, by):
    def draft(**more):
        part = {"type": "object", "required": ["a"], "properties": {"a": S}, **more}
        body = {"required": True, "content": {"application/json": {"schema": part}}}
        paths = {
            f"/{name}": {"post": {"requestBody": body, "responses": {"204": {"description": "Done."}}}}
            for name in "xyz"
        }
        ReleaseStore(folder).draft.write_text(
            dump({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths})
        )

    draft()
    assert main(["release"]) == 0
    draft(properties={"a": {**S, "maxLength": 3}})
    assert main(["check"]) == 1
    [name] = [line.split("name: ")[1] for line in capsys.readouterr().out.splitlines() if "name: " in line]
    if by == "notes":
        Path("NEXT.md").write_text(f"# Notes\n\n## Waived\n\n- `{name}`: nobody does\n")
    else:
        Path(".contract.toml").write_text(f'[[waivers]]\nname = "{name}"\nreason = "nobody does"\n')
    assert main(["check"]) == 0
    assert main(["release"]) == 0
    Path(".contract.toml").unlink(missing_ok=True)
    draft(properties={"a": {**S, "maxLength": 3}, "b": S})
    assert main(["check"]) == 0, capsys.readouterr().out
    assert Path("releases/WAIVED.md").read_text().count("nobody does") == 3
