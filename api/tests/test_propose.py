"""scripts/contract propose: what others wrote into the draft stays."""
# ruff: noqa: E501 - a table, one line a kind

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checkouts import contract, document, dump, files, make, refusal, release


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that has pinned the newest release."""
    made = make(tmp_path)
    shutil.copy(tmp_path / "contracts" / "releases" / "1.10.0.json", made / "contract.json")
    return made


def serve(
    repository: Path, change: Callable[[dict[str, Any]], object], version: str = "1.10.0"
) -> None:
    """Let the repository's code serve a changed document."""
    data = document(version)
    change(data)
    (repository / "served.json").write_text(dump(data))


def draft(repository: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        (repository.parent / "contracts" / "openapi.json").read_text()
    )
    return read


def fields(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["components"]["schemas"]["Order"]["properties"]
    return found


def colleague(repository: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Another person edits the draft."""
    data = draft(repository)
    change(data)
    (repository.parent / "contracts" / "openapi.json").write_text(dump(data))


def add(name: str, **schema: Any) -> Callable[[dict[str, Any]], object]:
    return lambda data: fields(data).update({name: {"type": "integer", **schema}})


def require(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda data: data["components"]["schemas"]["Order"]["required"].append(name)


def add_operation(data: dict[str, Any]) -> None:
    data["paths"]["/identity"] = {"get": {"operationId": "read_identity"}}


def parameter(name: str, **more: Any) -> Callable[[dict[str, Any]], object]:
    """Add a query parameter to the list of orders."""

    def change(data: dict[str, Any]) -> None:
        item = data["paths"]["/orders"]["get"]
        item.setdefault("parameters", []).append({"name": name, "in": "query", **more})

    return change


def tag(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda data: data.setdefault("tags", []).append({"name": name})


# Two changes of one contract, each alone fine: a person's and a colleague's.
TOGETHER: dict[str, tuple[Callable[[dict[str, Any]], object], Callable[[dict[str, Any]], object]]] = {
    "two fields": (add("weight"), add("barcode")),
    "the same field": (add("weight"), add("weight")),
    "a field and an operation": (add("weight"), add_operation),
    "a field required, another too": (require("sku"), require("name2")),
    "a limit and a field": (lambda data: fields(data)["sku"].update(maxLength=12), add("barcode")),
    "two keywords of a field": (
        lambda data: fields(data)["sku"].update(maxLength=12), lambda data: fields(data)["sku"].update(pattern="x")),
    "a field less and one more": (lambda data: fields(data).pop("sku"), add("barcode")),
    "a parameter each": (parameter("q"), parameter("sort")),
    "a tag each": (tag("depots"), tag("routes")),
    "a schema and a field": (lambda data: data["components"]["schemas"].update(Depot={"type": "object"}), add("barcode")),
}  # fmt: skip
AGAINST: dict[str, tuple[Callable[[dict[str, Any]], object], Callable[[dict[str, Any]], object], str]] = {
    "two limits": (
        lambda data: fields(data)["sku"].update(maxLength=12), lambda data: fields(data)["sku"].update(maxLength=20),
        "/components/schemas/Order/properties/sku/maxLength"),
    "a field of two types": (
        add("weight", type="string"), add("weight"), "/components/schemas/Order/properties/weight/type"),
    "1 and true": (add("weight", const=1), add("weight", const=True), "/components/schemas/Order/properties/weight/const"),
    "a field less, and changed": (
        lambda data: fields(data).pop("sku"), lambda data: fields(data)["sku"].update(maxLength=20),
        "/components/schemas/Order/properties/sku"),
    "a parameter of two types": (
        parameter("q", schema={"type": "string"}), parameter("q", schema={"type": "integer"}),
        "/paths//orders/get/parameters/query q/schema/type"),
    "lists without names": (
        lambda data: fields(data)["sku"].update(examples=[1]), lambda data: fields(data)["sku"].update(examples=[2]),
        "/components/schemas/Order/properties/sku/examples"),
}  # fmt: skip


class TestPropose:
    def test_replaces_a_draft_that_is_the_pinned_release(self, repository: Path):
        serve(repository, add("weight"))
        shutil.copy(repository / "contract.json", repository.parent / "contracts" / "openapi.json")

        assert contract(repository, "propose").returncode == 0
        assert (repository.parent / "contracts" / "openapi.json").read_bytes() == (
            repository / "served.json"
        ).read_bytes()

    @pytest.mark.parametrize("case", TOGETHER)
    def test_merges_with_a_colleague_s_draft(self, repository: Path, case: str):
        mine, theirs = TOGETHER[case]
        serve(repository, mine)
        colleague(repository, theirs)
        wanted = document("1.10.0")
        mine(wanted)
        if not (mine is theirs or case == "the same field"):
            theirs(wanted)

        assert contract(repository, "propose").returncode == 0
        assert draft(repository) == wanted

    @pytest.mark.parametrize("case", AGAINST)
    def test_refuses_in_one_line_where_both_changed_one_place(self, repository: Path, case: str):
        mine, theirs, place = AGAINST[case]
        serve(repository, mine)
        colleague(repository, theirs)
        before = files(repository.parent)

        said = refusal(contract(repository, "propose"))

        assert f"holds another change of {place}:" in said
        assert "--force" in said
        assert files(repository.parent) == before

    def test_force_replaces_the_draft(self, repository: Path):
        serve(repository, add("weight", type="string"))
        colleague(repository, add("weight"))

        assert contract(repository, "propose", "--force").returncode == 0
        assert draft(repository) == json.loads((repository / "served.json").read_text())

    def test_again_and_again_while_the_code_changes(self, repository: Path):
        colleague(repository, add("barcode"))
        for limit in (1, 2, 3):
            serve(repository, add("weight", minimum=limit))
            assert contract(repository, "propose").returncode == 0
            assert fields(draft(repository))["weight"]["minimum"] == limit
        serve(repository, lambda data: None)
        contract(repository, "propose")

        assert fields(draft(repository)) == {
            **fields(document("1.9.0")),
            "barcode": {"type": "integer"},
        }

    def test_again_after_a_colleague_wrote_too(self, repository: Path):
        serve(repository, add("weight"))
        contract(repository, "propose")
        colleague(repository, add("barcode"))
        serve(repository, lambda data: (add("weight")(data), add("colour")(data)))

        assert contract(repository, "propose").returncode == 0
        assert {"weight", "barcode", "colour"} <= fields(draft(repository)).keys()

    def test_a_second_time_there_is_nothing_to_propose(self, repository: Path):
        serve(repository, add("weight"))
        contract(repository, "propose")
        before = draft(repository)

        assert contract(repository, "propose").stdout.endswith("nothing to propose\n")
        assert draft(repository) == before

    @pytest.mark.parametrize("keyword", ["required", "type"])
    def test_another_order_of_names_is_nothing_to_propose(self, repository: Path, keyword: str):
        def other(*names: str) -> Callable[[dict[str, Any]], object]:
            return lambda data: data["components"]["schemas"].update(Other={keyword: names})

        serve(repository, other("string", "null"))
        contract(repository, "propose")
        before = draft(repository)
        serve(repository, other("null", "string"))

        assert contract(repository, "propose").stdout.endswith("nothing to propose\n")
        assert draft(repository) == before

    def test_a_branch_that_is_behind_is_told_to_pin_first(self, repository: Path):
        newer = document("1.11.0")
        add("barcode")(newer)
        release(repository.parent / "contracts" / "releases", newer)
        (repository.parent / "contracts" / "openapi.json").write_text(dump(newer))
        serve(repository, add("weight"))
        before = files(repository.parent)

        said = refusal(contract(repository, "propose"))

        assert "your pin is 1.10.0, the newest is 1.11.0: pin it first" in said
        assert files(repository.parent) == before

    def test_a_branch_of_an_older_major_is_told_that_the_draft_is_another(self, repository: Path):
        newer = document("2.0.0")
        release(repository.parent / "contracts" / "releases", newer)
        (repository.parent / "contracts" / "openapi.json").write_text(dump(newer))
        serve(repository, add("weight"))

        said = refusal(contract(repository, "propose"))

        assert "the draft follows 2.0.0, your pin is 1.10.0: pin 2.0.0 first" in said

    def test_a_hotfix_has_a_draft_of_its_own(self, repository: Path):
        newer = document("1.11.0")
        release(repository.parent / "contracts" / "releases", newer)
        (repository.parent / "contracts" / "openapi.json").write_text(dump(newer))
        serve(repository, add("weight"), "1.10.0")
        hotfix = repository.parent / "hotfix.json"

        assert contract(repository, "propose", "--draft", str(hotfix)).returncode == 0
        assert hotfix.read_bytes() == (repository / "served.json").read_bytes()
        assert draft(repository) == newer

    def test_a_clone_is_no_place_to_write_into(self, repository: Path):
        serve(repository, add("weight"))

        said = refusal(contract(repository, "propose", "--contracts", "https://h.invalid/c.git"))
        assert "clone that address" in said

    def test_notes_of_the_next_release_stay(self, repository: Path):
        notes = repository.parent / "contracts" / "NEXT.md"
        before = notes.read_bytes()
        serve(repository, add("weight"))

        for force in ([], ["--force"]):
            assert contract(repository, "propose", *force).returncode == 0
            assert notes.read_bytes() == before

    def test_the_contract_of_another_api_is_refused(self, repository: Path):
        release(
            repository.parent / "contracts" / "releases",
            {**document("1.11.0"), "info": {"title": "Depot", "version": "1.11.0"}},
        )
        serve(repository, add("weight"))

        assert "the contract of 'Depot'" in refusal(contract(repository, "propose"))

    @pytest.mark.parametrize("text", [b"<<<<<<< HEAD\n", b"[]", b"\xff\xfe", b"{"])
    def test_a_draft_that_cannot_be_read_is_refused(self, repository: Path, text: bytes):
        serve(repository, add("weight"))
        path = repository.parent / "contracts" / "openapi.json"
        path.write_bytes(text)

        refusal(contract(repository, "propose"))
        assert path.read_bytes() == text

    def test_code_that_does_not_start_is_one_line(self, repository: Path):
        path = repository / ".venv" / "bin" / "python"
        path.write_text(
            "#!/bin/sh\nprintf 'Traceback:\\n  File\\nValueError: DATABASE_URL is wrong\\n' >&2; exit 1\n"
        )

        assert refusal(contract(repository, "propose")).endswith(
            "ValueError: DATABASE_URL is wrong"
        )
