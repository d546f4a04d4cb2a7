"""usage.json is what the pages send and read; its schema is that of the format."""

import json
import sys

import jsonschema_rs
import pytest

from contract import cli, gateways, usage
from contract.cli import record
from contract.document import PATH, Document, is_json
from contract.refused import Refused
from contract.usage import SCHEMA, USAGE

STALE = "usage.json is not what the pages send and read: run scripts/contract usage"


@pytest.fixture
def recorded(request):
    """What this run of all tests has recorded."""
    text = request.config.pluginmanager.getplugin("recording").text(request.session)
    if text is None:
        pytest.skip("some tests of the pages did not run, or failed: the whole suite tells")
    return text


def test_usage_is_of_the_format(recorded):
    jsonschema_rs.validate(json.loads(SCHEMA.read_bytes()), json.loads(recorded))


def test_every_path_is_one_of_the_contract(recorded):
    document = Document(json.loads(PATH.read_bytes()))
    operations = {operation.id: operation for operation in document.operations.values()}
    for name, use in json.loads(recorded)["operations"].items():
        operation = operations[name]
        answers = operation.spec["responses"]
        for place in gateways.PLACES:
            known = {
                p["name"].lower() if place == "header" else p["name"]
                for p in operation.parameters
                if p["in"] == place
            }
            assert {one.removesuffix("?") for one in use.get(place, ())} <= known
        for status, paths in use.get("reads", {}).items():
            media = next(one for name, one in answers[status]["content"].items() if is_json(name))
            assert set(paths) <= set(usage.schema_paths(document, media["schema"]))


def test_usage_is_current(recorded):
    if not USAGE.is_file():
        pytest.skip("there is no usage.json, so every change counts: run scripts/contract usage")
    made_for, pin = (json.loads(text)["contract"] for text in (USAGE.read_bytes(), recorded))
    if made_for != pin:
        pytest.skip(f"usage.json is of {made_for}, the pin is {pin}: run scripts/contract usage")
    if USAGE.read_text(encoding="utf-8") != recorded:
        pytest.fail(STALE, pytrace=False)


class TestCommand:
    @pytest.mark.parametrize("part", [["-k", "landing"], ["--deselect", "core/tests/test_home.py"]])
    def test_part_of_the_tests_writes_nothing(self, pytestconfig, part):
        if not pytestconfig.getoption("long"):
            pytest.skip("runs the tests of the pages")
        with pytest.raises(Refused, match="nothing is written"):
            record([sys.executable, "-m", "pytest", *part])

    def test_every_run_writes_the_same(self, pytestconfig):
        if not pytestconfig.getoption("long"):
            pytest.skip("runs the tests of the pages, twice")
        command = [sys.executable, "-m", "pytest"]
        assert record(command) == record([*command, "products"])

    @pytest.fixture
    def file(self, monkeypatch, tmp_path):
        """A usage of its own, and pages that send and read nothing."""
        monkeypatch.setattr(cli, "USAGE", tmp_path / "usage.json")
        monkeypatch.setattr(cli, "record", lambda command: b"{}")
        return tmp_path / "usage.json"

    def test_writes_the_file(self, file, capsys):
        assert cli.main(["usage"]) == 0
        assert file.read_bytes() == b"{}"
        assert "then commit it" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("content", "code"), [(b"{}", 0), (b"{ }", cli.STALE), (None, cli.STALE)]
    )
    def test_check_writes_nothing(self, file, content, code):
        if content:
            file.write_bytes(content)

        assert cli.main(["usage", "--check"]) == code
        assert (file.read_bytes() if file.exists() else None) == content
