"""scripts/contract: releases from an address or a git repository."""

import base64
import hashlib
import os
import subprocess
import sys

import pytest

from contract import address, cli, source
from tests import checkouts
from tests import publishing as serving
from tests.checkouts import ROOT, dump
from tests.publishing import Site

TOKEN = "s3cret-token"
RELEASE, SUMS = "/releases/1.10.0.json", "/releases/SHA256SUMS"


def sums(content, name="1.10.0.json"):
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()


def document(version, **info):
    made = checkouts.document(version)
    made["info"] |= info
    return dump(made).encode()


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with a pinned contract and nothing beside it."""
    root = tmp_path / "api"
    root.mkdir()
    (root / "contract.json").write_bytes(document("1.9.0"))
    monkeypatch.setattr(cli, "ROOT", root)
    monkeypatch.setattr(cli, "PINNED", root / "contract.json")
    own = ["CONTRACTS_URL", "CONTRACTS_TOKEN", "SSL_CERT_FILE"]
    for name in [*(one for one in os.environ if one.lower().endswith("_proxy")), *own]:
        monkeypatch.delenv(name, raising=False)
    return root


@pytest.fixture
def site():
    """A server that publishes 1.10.0 as it should."""
    content = document("1.10.0")
    with serving.serving(Site({RELEASE: content, SUMS: sums(content)})) as site:
        yield site


def refused(capsys, root, *arguments):
    """The one line of a refusal, which changes nothing."""
    before = files(root)
    capsys.readouterr()
    assert cli.main(list(arguments)) == 2
    said = capsys.readouterr()
    [line] = said.err.splitlines()
    assert (said.out, files(root)) == ("", before)
    return line


# What is published badly: at which path, what, and a word of the line that says so.
BAD = {
    "no document": (RELEASE, None, "answers 404"),
    "no sums": (SUMS, None, "SHA256SUMS is missing"),
    "no access": (RELEASE, serving.status(401), "answers 401; if it is private"),
    "a fault": (RELEASE, serving.status(500), "answers 500"),
    "no sums for a fault": (SUMS, serving.status(503), "answers 503"),
    "cut off": (RELEASE, serving.cut_off, "was cut off"),
    "sums that are cut off": (SUMS, serving.cut_off, "was cut off"),
    "chunks that are cut off": (RELEASE, serving.cut_off_in_chunks, "cannot be read"),
    "too large": (RELEASE, serving.endless, "is larger than 16 MiB"),
    "a page": (RELEASE, b"<!doctype html>", "was changed after its release"),
    "sums that are a page": (SUMS, b"<!doctype html>", "no checksum and file"),
    "no HTTP": (RELEASE, serving.raw(b"SSH-2.0-x\r\n"), "cannot be read"),
    "nothing": (RELEASE, serving.raw(b""), "cannot be read"),
    "a length that is none": (
        RELEASE,
        serving.raw(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"),
        "",
    ),
    "another scheme": (
        RELEASE,
        serving.status(302, Location="https://127.0.0.1/x.json"),
        "redirects to another scheme",
    ),
    "a file": (RELEASE, serving.status(302, Location="file:///etc/hostname"), "answers 302"),
    "no place": (RELEASE, serving.status(301), "answers 301"),
    "in circles": (RELEASE, serving.status(302, Location=RELEASE), "answers 302"),
    "another version": (RELEASE, document("1.11.0"), "says that it is 1.11.0"),
    "another API": (RELEASE, document("1.10.0", title="Depot"), "the contract of 'Depot'"),
    "no JSON": (RELEASE, b"{", "is not JSON"),
    "no JSON, too deep": (RELEASE, b"[" * 100_000, "is not JSON"),
    "no OpenAPI": (RELEASE, b"[]", "is not an OpenAPI document"),
}


class TestAddress:
    @pytest.mark.parametrize("path", [RELEASE, "/releases", "/releases/", f"{RELEASE}?signature=x"])
    def test_a_published_release_is_pinned_byte_for_byte(self, root, site, path):
        assert cli.main(["pin", "1.10.0", "--from", f"{site.url}{path}"]) == 0

        assert (root / "contract.json").read_bytes() == site.files[RELEASE]

    def test_a_document_of_any_name_is_found_in_the_sums_by_its_version(self, root, site):
        site.files["/releases/openapi.json"] = site.files.pop(RELEASE)

        assert cli.main(["pin", "1.10.0", "--from", f"{site.url}/releases/openapi.json"]) == 0

    @pytest.mark.parametrize("listed", [True, False])
    def test_a_checksum_may_be_given(self, root, site, capsys, listed):
        if not listed:
            del site.files[SUMS]
        right = hashlib.sha256(site.files[RELEASE]).hexdigest()
        there = ["pin", "1.10.0", "--from", f"{site.url}{RELEASE}", "--sha256"]

        assert "is not what --sha256 names" in refused(capsys, root, *there, "0" * 64)
        assert "64 hexadecimal digits" in refused(capsys, root, *there, right[1:])
        assert cli.main([*there, right]) == 0

    def test_a_checksum_does_not_excuse_other_sums(self, root, site, capsys):
        site.files[SUMS] = sums(b"other")
        right = hashlib.sha256(site.files[RELEASE]).hexdigest()

        line = refused(
            capsys, root, "pin", "1.10.0", "--from", site.url + RELEASE, "--sha256", right
        )
        assert "was changed after its release" in line

    @pytest.mark.parametrize("what", BAD)
    def test_what_is_published_badly_is_one_line_and_changes_nothing(
        self, root, site, capsys, record_property, what
    ):
        path, answer, words = BAD[what]
        site.files.pop(path) if answer is None else site.files.update({path: answer})
        if isinstance(answer, bytes) and path == RELEASE and not answer.startswith(b"<"):
            site.files[SUMS] = sums(answer)

        assert words in refused(capsys, root, "pin", "1.10.0", "--from", site.url + RELEASE)
        record_property("ways in which a release is published badly", 1)

    @pytest.mark.parametrize("behaviour", [serving.silent, serving.dripping])
    def test_a_server_that_takes_too_long_is_one_line(
        self, root, site, capsys, monkeypatch, behaviour
    ):
        monkeypatch.setattr(address, "SECONDS", 0.3)
        site.files[RELEASE] = behaviour(site)

        line = refused(capsys, root, "pin", "1.10.0", "--from", site.url + RELEASE)
        assert "took longer than" in line

    def test_a_server_that_says_nothing_is_one_line(self, root, site, capsys, monkeypatch):
        monkeypatch.setattr(address, "IDLE_SECONDS", 0.1)
        site.files[RELEASE] = serving.silent(site)

        assert "timed out" in refused(capsys, root, "pin", "1.10.0", "--from", site.url + RELEASE)

    def test_nobody_listens(self, root, site, capsys):
        with serving.serving(Site({})) as gone:
            url = gone.url

        assert "refused" in refused(capsys, root, "pin", "1.10.0", "--from", f"{url}/1.10.0.json")

    @pytest.mark.parametrize(
        "url",
        ["", "x", "file:///etc/passwd", "ftp://h/1.json", "http://", "http://h:x/", "http://[/",
         "https://h/ä.json", "http://h/\n", "data:,x", "HTTP:x", "http:///x.json"],
    )  # fmt: skip
    def test_what_is_no_address_is_refused(self, root, capsys, url):
        assert refused(capsys, root, "pin", "1.10.0", "--from", url)

    @pytest.mark.parametrize("option", ["--from", "--contracts"])
    def test_a_password_in_an_address_is_refused_and_not_printed(self, root, capsys, option):
        line = refused(capsys, root, "pin", "1.10.0", option, f"http://me:{TOKEN}@127.0.0.1:1/r")

        assert "set CONTRACTS_TOKEN" in line
        assert TOKEN not in line

    def test_proxies_are_those_of_the_environment(self, root, site, monkeypatch):
        """The address is no host of this machine: the server answers as its proxy."""
        monkeypatch.setenv("http_proxy", site.url)
        host = "http://contracts.invalid"
        site.files |= {host + path: site.files[path] for path in (RELEASE, SUMS)}

        assert cli.main(["pin", "1.10.0", "--from", f"{host}/releases"]) == 0


class TestToken:
    @pytest.fixture(autouse=True)
    def token(self, root, monkeypatch):
        monkeypatch.setenv("CONTRACTS_TOKEN", TOKEN)

    def test_goes_to_the_address_and_along_its_own_redirects(self, root, site):
        site.files |= {
            "/private/1.10.0.json": serving.status(302, Location=RELEASE),
            "/private/SHA256SUMS": serving.status(307, Location=f"{site.url}{SUMS}"),
        }

        assert cli.main(["pin", "1.10.0", "--from", f"{site.url}/private"]) == 0
        assert {token for _, token in site.asked} == {f"Bearer {TOKEN}"}
        assert len(site.asked) == 4

    @pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
    def test_goes_to_no_other_host(self, root, site, code):
        moved = serving.status(code, Location=f"{site.url}{RELEASE}")
        other = {"/1.10.0.json": moved, "/SHA256SUMS": site.files[SUMS]}
        with serving.serving(Site(other)) as first:
            assert cli.main(["pin", "1.10.0", "--from", first.url]) == 0

        assert [token for _, token in first.asked] == [f"Bearer {TOKEN}"] * 2
        assert site.asked == [(RELEASE, None)]

    def test_with_a_user_is_basic(self, root, site, monkeypatch):
        monkeypatch.setenv("CONTRACTS_TOKEN", f"me:{TOKEN}")
        cli.main(["pin", "1.10.0", "--from", f"{site.url}/releases"])

        wanted = base64.b64encode(f"me:{TOKEN}".encode()).decode()
        assert {token for _, token in site.asked} == {f"Basic {wanted}"}

    @pytest.mark.parametrize("code", [401, 403, 404])
    def test_is_not_printed_where_it_does_not_help(self, root, site, capsys, code):
        site.files[RELEASE] = serving.status(code)

        line = refused(capsys, root, "pin", "1.10.0", "--from", site.url + RELEASE)
        assert "may CONTRACTS_TOKEN read it?" in line
        assert TOKEN not in line

    @pytest.mark.parametrize("token", ["a b", "a\r\nX-Other: b", "tökén"])
    @pytest.mark.parametrize("option", ["--from", "--contracts"])
    def test_that_is_none_is_refused(self, root, site, capsys, monkeypatch, token, option):
        monkeypatch.setenv("CONTRACTS_TOKEN", token)

        line = refused(capsys, root, "pin", "1.10.0", option, f"{site.url}/releases")
        assert "CONTRACTS_TOKEN is not a token" in line
        assert site.asked == []

    def test_goes_to_the_host_of_a_git_repository_and_no_further(self, root, site, capsys):
        with serving.serving(Site({})) as other:
            refs = "/acme/contracts.git/info/refs"
            for answer in (
                serving.status(401, WWW_Authenticate="Basic"),
                serving.status(302, Location=f"{other.url}{refs}?service=git-upload-pack"),
            ):
                site.files[refs] = answer
                url = f"{site.url}/acme/contracts.git"
                line = refused(capsys, root, "pin", "1.10.0", "--contracts", url)
                assert TOKEN not in line
        pair = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        assert {token for _, token in site.asked} == {f"Basic {pair}"}
        assert other.asked == []


def git(folder, *arguments):
    named = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    command = ["git", "-C", str(folder), *named, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def contracts(tmp_path):
    """A git repository of the contracts with releases 1.9.0 and 1.10.0."""
    folder = tmp_path / "elsewhere"
    (folder / "releases").mkdir(parents=True)
    for version in ("1.9.0", "1.10.0"):
        (folder / "releases" / f"{version}.json").write_bytes(document(version))
        with (folder / "releases" / "SHA256SUMS").open("ab") as file:
            file.write(sums(document(version), f"{version}.json"))
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Release")
    return folder


class TestGit:
    @pytest.mark.parametrize("command", [["pin", "1.10.0"], ["status"], ["verify"]])
    def test_a_repository_is_cloned_for_the_moment(
        self, root, contracts, tmp_path, monkeypatch, command
    ):
        (tmp_path / "tmp").mkdir()
        monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
        monkeypatch.setattr("tempfile.tempdir", None)
        monkeypatch.setenv("CONTRACTS_URL", f"file://{contracts}")

        assert cli.main(command) == 0
        assert list((tmp_path / "tmp").iterdir()) == []

    def test_what_is_not_committed_there_is_no_release(self, root, contracts, capsys):
        (contracts / "releases" / "1.11.0.json").write_bytes(document("1.11.0"))

        line = refused(capsys, root, "pin", "1.11.0", "--contracts", f"file://{contracts}")
        assert "no release 1.11.0; there are 1.9.0, 1.10.0" in line

    @pytest.mark.parametrize("url", ["file:///nowhere", "http://127.0.0.1:1/a.git", "x://y"])
    def test_a_repository_that_cannot_be_cloned_is_one_line(self, root, capsys, url):
        refused(capsys, root, "pin", "1.10.0", "--contracts", url)

    def test_a_host_that_takes_too_long_is_one_line(self, root, site, capsys, monkeypatch):
        monkeypatch.setattr(source, "CLONE_SECONDS", 0.3)
        site.files["/acme/contracts.git/info/refs"] = serving.silent(site)

        line = refused(
            capsys, root, "pin", "1.10.0", "--contracts", f"{site.url}/acme/contracts.git"
        )
        assert "to clone" in line

    def test_a_named_place_is_asked_before_the_variable(self, root, contracts, monkeypatch):
        monkeypatch.setenv("CONTRACTS_URL", "file:///nowhere")

        assert cli.main(["pin", "1.10.0", "--contracts", str(contracts)]) == 0


class TestVerify:
    def test_a_pin_that_is_not_what_was_released_is_refused(self, root, contracts, capsys):
        """Two branches released 1.9.0; the other one was published."""
        (root / "contract.json").write_bytes(document("1.9.0", description="Mine."))

        assert cli.main(["verify"]) == 0
        line = refused(capsys, root, "verify", "--contracts", str(contracts))
        assert "contract.json is not release 1.9.0" in line
        cli.main(["status", "--contracts", str(contracts)])
        said = capsys.readouterr().out
        assert "1.9.0 (not as it was released: scripts/contract pin 1.9.0)" in said

    def test_a_draft_is_refused(self, root, capsys):
        made = document("1.9.0", **{"x-draft": True})
        (root / "contract.json").write_bytes(made)

        assert "is a draft after 1.9.0" in refused(capsys, root, "verify")

    def test_scripts_check_release_runs_it(self):
        """Without its other checks, which have their own environment."""
        assert "scripts/contract verify" in (ROOT / "scripts" / "check").read_text()


@pytest.mark.parametrize(
    "line",
    ["", "pin", "pin 1.0.0 extra", "pin 1.0.0 --from", "pin 1.0.0 --from http://h/ --contracts x",
     "pin draft", "peel", "status x", "verify --from x", "pin --contracts", "pin 1.0.0 --force",
     "propose x", "propose --draft"],
)  # fmt: skip
def test_a_command_line_that_is_none_is_one_line_and_two(root, line):
    command = [sys.executable, "-m", "contract", *line.split()]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
