"""scripts/contract: what is pinned was released, byte for byte."""
# ruff: noqa: E501 - a table, one line a kind

import hashlib
import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checkouts import contract, document, dump, edit, files, make, refusal, release


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make(tmp_path)


class TestStatus:
    def test_tells_what_pinning_the_newest_would_bring(self, repository: Path):
        said = contract(repository, "status").stdout

        assert said.startswith("pinned 1.9.0, newest 1.10.0\n")
        assert "- new" in said
        assert "- old" not in said

    def test_without_a_contracts_checkout_it_says_what_to_name(self, repository: Path):
        shutil.rmtree(repository.parent / "contracts")

        assert "--contracts PATH" in refusal(contract(repository, "status"))

    def test_without_a_release_there_is_none(self, repository: Path):
        for path in (repository.parent / "contracts" / "releases").iterdir():
            path.unlink()

        assert contract(repository, "status").stdout.startswith("pinned 1.9.0, newest none\n")


BOM = b"\xef\xbb\xbf"
Edit = Callable[[Path], object]
# What is wrong with releases/ (or with what is asked), and a word of the line that says so.
ALTERED: dict[str, tuple[Edit, str]] = {
    "one letter": (
        lambda r: edit(r / "1.10.0.json", b"maxLength", b"minLength"),
        "was changed after its release",
    ),
    "line ends": (lambda r: edit(r / "1.10.0.json", b"\n", b"\r\n"), "has CRLF line ends"),
    "a byte order mark": (lambda r: prepend(r / "1.10.0.json", BOM), "byte order mark"),
    "both": (lambda r: both(r / "1.10.0.json"), "CRLF"),
    "emptied": (lambda r: (r / "1.10.0.json").write_bytes(b""), "was changed after its release"),
    "no final line end": (
        lambda r: edit(r / "1.10.0.json", b"}\n}\n", b"}\n}"),
        "was changed after its release",
    ),
    "no SHA256SUMS": (lambda r: (r / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
    "an empty SHA256SUMS": (
        lambda r: (r / "SHA256SUMS").write_bytes(b""),
        "lists 1.10.0.json 0 times",
    ),
    "not listed": (
        lambda r: keep(r, lambda line: b"1.10.0" not in line),
        "lists 1.10.0.json 0 times",
    ),
    "listed twice": (lambda r: double(r), "lists 1.10.0.json 2 times"),
    "listed twice, once wrong": (lambda r: double(r, b"0" * 64), "lists 1.10.0.json 2 times"),
    "listed in another folder": (
        lambda r: edit(r / "SHA256SUMS", b"1.10.0", b"a/1.10.0"),
        "no checksum and file",
    ),
    "sums with CRLF": (
        lambda r: edit(r / "SHA256SUMS", b"\n", b"\r\n"),
        "SHA256SUMS has CRLF line ends",
    ),
    "sums with a byte order mark": (
        lambda r: prepend(r / "SHA256SUMS", BOM),
        "has a byte order mark",
    ),
    "sums in capitals": (
        lambda r: (r / "SHA256SUMS").write_bytes((r / "SHA256SUMS").read_bytes().upper()),
        "no checksum",
    ),
    "a conflict in the sums": (
        lambda r: prepend(r / "SHA256SUMS", b"<<<<<<< HEAD\n"),
        "no checksum and file",
    ),
    "sums that are no text": (
        lambda r: prepend(r / "SHA256SUMS", b"\xff\xfe\n"),
        "no checksum and file",
    ),
    "another name": (
        lambda r: again(r, "1.10.0", lambda d: d["info"].update(version="1.11.0")),
        "says that it is 1.11.0",
    ),
    "no version": (
        lambda r: again(r, "1.10.0", lambda d: d["info"].pop("version")),
        "no `info.version`",
    ),
    "another API": (
        lambda r: again(r, "1.10.0", lambda d: d["info"].update(title="Depot")),
        "the contract of 'Depot'",
    ),
    "no title": (
        lambda r: again(r, "1.10.0", lambda d: d["info"].pop("title")),
        "the contract of None",
    ),
    "no document": (lambda r: listed(r, b"[]\n"), "is not an OpenAPI document"),
    "no JSON": (lambda r: listed(r, b"{\n"), "is not JSON"),
    "a folder": (
        lambda r: a_folder(r),
        "no release 1.10.0",
    ),
    "a broken pin": (
        lambda r: (r.parents[1] / "api" / "contract.json").write_text("<<<<<<<"),
        "contract.json is not JSON",
    ),
}


def a_folder(releases: Path) -> None:
    (releases / "1.10.0.json").unlink()
    (releases / "1.10.0.json").mkdir()


def both(path: Path) -> None:
    edit(path, b"\n", b"\r\n")
    prepend(path, BOM)


def prepend(path: Path, text: bytes) -> None:
    path.write_bytes(text + path.read_bytes())


def keep(releases: Path, wanted: Callable[[bytes], bool]) -> None:
    lines = (releases / "SHA256SUMS").read_bytes().splitlines(keepends=True)
    (releases / "SHA256SUMS").write_bytes(b"".join(line for line in lines if wanted(line)))


def double(releases: Path, digest: bytes | None = None) -> None:
    lines = (releases / "SHA256SUMS").read_bytes().splitlines(keepends=True)
    (releases / "SHA256SUMS").write_bytes(
        b"".join([*lines, (digest or lines[-1][:64]) + lines[-1][64:]])
    )


def again(releases: Path, version: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Release a changed document under its old name, listed as it is."""
    data = json.loads((releases / f"{version}.json").read_text())
    change(data)
    listed(releases, dump(data).encode())


def listed(releases: Path, content: bytes) -> None:
    keep(releases, lambda line: b"1.10.0" not in line)
    (releases / "1.10.0.json").write_bytes(content)
    with (releases / "SHA256SUMS").open("a") as sums:
        sums.write(f"{hashlib.sha256(content).hexdigest()}  1.10.0.json\n")


class TestPin:
    def test_takes_a_release_byte_for_byte(self, repository: Path):
        assert contract(repository, "pin", "1.10.0").returncode == 0

        made = repository.parent / "contracts" / "releases" / "1.10.0.json"
        assert (repository / "contract.json").read_bytes() == made.read_bytes()

    @pytest.mark.parametrize("what", ALTERED)
    def test_refuses_what_was_not_released_in_one_line(self, repository: Path, what: str):
        alter, words = ALTERED[what]
        alter(repository.parent / "contracts" / "releases")
        before = files(repository.parent)

        assert words in refusal(contract(repository, "pin", "1.10.0"))
        assert files(repository.parent) == before

    def test_the_pinned_release_is_verified_too(self, repository: Path):
        edit(
            repository.parent / "contracts" / "releases" / "1.9.0.json", b"maxLength", b"minLength"
        )

        assert "was changed after its release" in refusal(contract(repository, "pin", "1.9.0"))

    @pytest.mark.parametrize(
        "name",
        ["1.3", "1", "v1.10.0", "1.10.0.json", "01.10.0", "1.10.0-rc1", "1.10.0 ", "../x", "../../api/contract",
         "/etc/passwd", "latest", "", "1.10.0\n", "１.10.0", "SHA256SUMS"],
    )  # fmt: skip
    def test_refuses_what_is_no_version(self, repository: Path, name: str):
        assert "is not a version such as 1.3.0; there are 1.9.0, 1.10.0" in refusal(
            contract(repository, "pin", name)
        )

    def test_names_the_releases_there_are(self, repository: Path):
        assert refusal(contract(repository, "pin", "9.9.9")).endswith(
            "no release 9.9.9; there are 1.9.0, 1.10.0"
        )

    def test_a_second_time_nothing_is_written(self, repository: Path):
        contract(repository, "pin", "1.10.0")
        before = (repository / "contract.json").stat()

        result = contract(repository, "pin", "1.10.0")

        assert (result.returncode, result.stdout, result.stderr) == (
            0,
            "1.10.0 is pinned already\n",
            "",
        )
        assert (repository / "contract.json").stat().st_mtime_ns == before.st_mtime_ns

    def test_the_first_pin_may_be_of_any_api(self, repository: Path):
        (repository / "contract.json").unlink()

        assert contract(repository, "pin", "1.10.0").returncode == 0

    @pytest.mark.parametrize(
        ("version", "words"),
        [("1.8.0", "is older than the pinned 1.9.0"), ("2.0.0", "is another major than 1.9.0")],
    )
    def test_says_that_a_release_is_older_or_of_another_major(
        self, repository: Path, version: str, words: str
    ):
        release(repository.parent / "contracts" / "releases", document(version))

        result = contract(repository, "pin", version)

        assert (result.returncode, words in result.stdout) == (0, True)

    def test_what_cannot_be_written_leaves_the_old_pin(self, repository: Path):
        release(
            repository.parent / "contracts" / "releases",
            document("1.11.0", Big={"description": "x" * 200_000}),
        )
        before = files(repository)
        limited = ["bash", "-c", f'ulimit -f 100; exec "{repository}/scripts/contract" pin 1.11.0']

        result = subprocess.run(limited, capture_output=True, text=True, check=False)

        assert result.returncode in (2, -signal.SIGXFSZ)
        assert {
            path: content for path, content in files(repository).items() if path in before
        } == before
