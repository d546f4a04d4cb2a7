import json
import shutil
import sys
from types import ModuleType

import msgspec
import pytest

from client import models, operations
from contract import cli
from contract.call import segment
from contract.document import PATH, Document, pinned
from contract.generate import Unsupported, generate, python_type
from contract.tests.examples import body, made


def document(schemas=None, paths=None):
    raw = {
        "info": {"version": "9.9.9"},
        "paths": paths or {},
        "components": {"schemas": schemas or {}},
    }
    return Document(raw)


@pytest.fixture
def module(monkeypatch):
    """Return what runs generated code as a module and returns its names."""

    def run(text):
        made = ModuleType("generated")
        monkeypatch.setitem(sys.modules, "generated", made)
        exec(compile(text, "generated", "exec"), vars(made))
        return vars(made)

    return run


class TestClient:
    def test_is_what_would_be_generated_from_the_pin(self):
        files = generate(pinned())

        assert {name: (cli.CLIENT / name).read_text() for name in files} == files

    def test_has_every_operation(self):
        assert {name for name in dir(operations) if name in pinned().operations} == set(
            pinned().operations
        )

    def test_left_out_differs_from_null(self):
        encode = msgspec.json.encode

        assert encode(models.ProductUpdate()) == b"{}"
        assert encode(models.ProductUpdate(category_id=None)) == b'{"category_id":null}'

    def test_answer_s_optional_field_takes_its_default(self):
        problem = body("ProblemDetails")
        for name in ("detail", "errors", "current"):
            del problem[name]

        read = msgspec.convert(problem, models.ProblemDetails)
        assert (read.detail, read.errors, read.current) == ("", [], {})

    def test_long_text_and_numbers_beyond_the_pin_are_read(self):
        category = made(models.Category, id="x" * 99, name="n" * 999, version=0, updated_at="soon")

        assert category.name == "n" * 999

    def test_path_segment_is_quoted(self):
        assert segment("a/b ü") == "a%2Fb%20%C3%BC"


class TestGenerator:
    @pytest.mark.parametrize(
        ("schema", "annotation"),
        [
            ({"type": "string", "format": "date-time"}, "str"),
            ({"type": ["integer", "null"]}, "int | None"),
            ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "float | None"),
            ({"oneOf": [{"$ref": "#/c/A"}, {"$ref": "#/c/B"}]}, "Any"),
            ({"allOf": [{"$ref": "#/c/A"}]}, "A"),
            ({"type": "array", "items": {"type": "boolean"}}, "list[bool]"),
            ({"type": "array"}, "list[Any]"),
            ({"type": "object"}, "dict[str, Any]"),
            ({"enum": ["a"]}, "str"),
            ({"description": "Anything."}, "Any"),
        ],
        ids=range(10),
    )
    def test_schema_becomes_a_type(self, schema, annotation):
        assert python_type(schema) == annotation

    def test_what_has_no_type_is_said(self):
        with pytest.raises(Unsupported, match="patternProperties"):
            python_type({"patternProperties": {}})

    @pytest.mark.parametrize(
        ("spec", "words"),
        [
            ({"operationId": "get by/id"}, "'get by/id' is no name"),
            (
                {"operationId": "log_in", "requestBody": {"content": {"text/plain": {}}}},
                "log_in takes text/plain",
            ),
        ],
    )
    def test_operation_that_has_no_function_is_refused_by_name(self, spec, words):
        paths = {"/x": {"post": spec | {"responses": {"204": {}}}}}

        with pytest.raises(Unsupported, match=words):
            generate(document(paths=paths))

    def test_optional_fields_of_answers_and_requests(self, module):
        thing = {
            "type": "object",
            "description": "A thing. " * 20,
            "properties": {
                "id": {"type": "string"},
                "size": {"type": "integer", "default": 3},
                "tags": {"type": "array", "items": {"type": "string"}, "default": []},
                "note": {"type": "string"},
            },
            "required": ["id"],
        }
        names = module(generate(document({"Thing": thing}))["models.py"])

        made = msgspec.convert({"id": "1"}, names["Thing"])
        assert (made.size, made.tags, made.note) == (3, [], msgspec.UNSET)

    def test_shared_and_referred_parameters_and_headers(self, module):
        key = {"name": "idempotency-key", "in": "header", "schema": {"type": "string"}}
        item = {
            "parameters": [
                {"name": "thing-id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "post": {
                "operationId": "create_part",
                "summary": "Create a part.",
                "parameters": [
                    key,
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                ],
                "responses": {"200": {"content": {"text/csv": {}}}},
            },
        }
        text = generate(document(paths={"/things/{thing-id}/parts": item}))["operations.py"]

        call = module(text)["create_part"](thing_id="a/b", idempotency_key="k")
        assert (call.path, call.answer, call.repeatable) == (
            "/things/a%2Fb/parts",
            type(None),
            True,
        )


class TestCommandLine:
    @pytest.fixture
    def root(self, tmp_path, monkeypatch):
        """Return a folder with a pinned contract, and a contracts checkout beside it."""
        root = tmp_path / "web"
        root.mkdir()
        releases = tmp_path / "contracts" / "releases"
        releases.mkdir(parents=True)
        raw = json.loads(PATH.read_bytes())
        raw["info"]["version"] = "1.2.0"
        (root / "contract.json").write_text(json.dumps(raw))
        for version in ("1.9.0", "1.10.0"):
            raw["info"]["version"] = version
            (releases / f"{version}.json").write_text(json.dumps(raw))
        monkeypatch.setattr(cli, "PATH", root / "contract.json")
        monkeypatch.setattr(cli, "ROOT", root)
        monkeypatch.setattr(cli, "CLIENT", root / "client")
        return root

    def test_pin_takes_a_release_byte_for_byte(self, root, capsys):
        assert cli.main(["pin", "1.10.0"]) == 0

        release = root.parent / "contracts" / "releases" / "1.10.0.json"
        assert (root / "contract.json").read_bytes() == release.read_bytes()
        assert "1.10.0" in (root / "client" / "models.py").read_text()
        assert cli.main(["generate", "--check"]) == 0

    def test_status_knows_the_newest(self, root, capsys):
        cli.main(["generate"])
        assert cli.main(["status", "--contracts", str(root.parent / "contracts")]) == 0
        pinned = json.loads((root / "contract.json").read_text())["info"]["version"]
        lines = capsys.readouterr().out.splitlines()
        assert lines[-3:-1] == [f"pinned  {pinned}", "newest  1.10.0"]

    def test_status_tells_what_pinning_would_bring(self, root, capsys):
        changelog = "# Changelog\n\n## [1.10.0] - x\n\n- tags\n\n## [0.9.0] - x\n\n- old\n"
        (root.parent / "contracts" / "CHANGELOG.md").write_text(changelog)

        cli.main(["status", "--contracts", str(root.parent / "contracts")])

        said = capsys.readouterr().out
        assert "- tags" in said
        assert "- old" not in said

    def test_stale_client_has_an_exit_code_of_its_own(self, root, capsys):
        cli.main(["generate"])
        (root / "client" / "old.py").touch()

        assert cli.main(["generate", "--check"]) == 4
        assert "old.py" in capsys.readouterr().out
        assert cli.main(["generate"]) == 0
        assert not (root / "client" / "old.py").exists()

    def test_unknown_release_names_those_there_are(self, root, capsys):
        assert cli.main(["pin", "2.0.0"]) == 2
        assert capsys.readouterr().err.strip().endswith("there is 1.9.0, 1.10.0")

    def test_release_that_cannot_be_generated_changes_nothing(self, root, capsys):
        bad = root.parent / "contracts" / "releases" / "3.0.0.json"
        schema = {"type": "object", "properties": {"x": {"not": {}}}}
        raw = json.loads(PATH.read_bytes())
        raw["components"]["schemas"]["Bad"] = schema
        bad.write_text(json.dumps(raw))
        before = (root / "contract.json").read_bytes()

        assert cli.main(["pin", "3.0.0"]) == 2
        assert (root / "contract.json").read_bytes() == before

    def test_no_checkout_is_said_in_one_line(self, root, capsys):
        shutil.rmtree(root.parent / "contracts")

        assert cli.main(["status"]) == 2
        assert "--contracts PATH" in capsys.readouterr().err
