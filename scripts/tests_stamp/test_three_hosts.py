"""Three repositories of three owners on three hosts; that of the contracts is private.

The rehearsal of a release: proposed, released, pinned by both sides, each from a clone with nothing beside it.
"""

import contextlib
import hashlib
import json

import pytest

from conftest import PARTS, ROOT, commit, git, link_environment, run
from git_hosts import Host

OWNERS = {"contracts": "north", "api": "east", "web": "west"}
TOKEN = "t0ken-of-north"  # noqa: S105 - of a server that this test starts


class Rehearsal:
    """The hosts, and a clone of each repository at each owner's place."""

    def __init__(self, folder, stamped, hosts):
        self.folder, self.hosts, self.said = folder, hosts, []
        self.urls = {
            part: hosts[part].create(f"{OWNERS[part]}/{part}.git", stamped / f"blue-sky-raeder-{part}", run)
            for part in PARTS
        }
        self.at = {part: self.clone(part, OWNERS[part]) for part in PARTS}

    def clone(self, part, owner):
        place = self.folder / owner / part
        header = f"http.extraHeader=Authorization: Bearer {self.hosts[part].token}"
        run("git", "-c", header, "clone", "--quiet", self.urls[part], place)
        git(place, "config", "http.extraHeader", header.partition("=")[2])
        link_environment(ROOT / part, place)
        return place

    def call(self, part, script, *arguments, code=0, **variables):
        """Run a script of a clone; its last line, if it is to fail. No output ever has the token."""
        clean = {"CONTRACTS_URL": "", "CONTRACTS_TOKEN": ""} | variables
        done = run(self.at[part] / "scripts" / script, *arguments, check=False, **clean)
        assert done.returncode == code, done.stdout + done.stderr
        assert TOKEN not in done.stdout + done.stderr
        if code:
            [line] = done.stderr.splitlines()
            return line
        return done.stdout

    def push(self, part, branch="main"):
        git(self.at[part], "push", "--quiet", "origin", f"HEAD:{branch}")

    @property
    def place(self):
        return {"CONTRACTS_URL": self.urls["contracts"], "CONTRACTS_TOKEN": TOKEN}

    def pinned(self, part):
        return json.loads((self.at[part] / "contract.json").read_text(encoding="utf-8"))["info"]["version"]

    def draft(self, name):
        """The contracts' team edits the draft."""
        path = self.at["contracts"] / "openapi.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        field = {"type": "string", "maxLength": 35, "description": f"The {name}.", "examples": ["en"]}
        document["components"]["schemas"]["Identity"]["properties"][name] = field
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def release(self):
        """Release, push, and publish the files as a release of the host has them."""
        said = self.call("contracts", "contract", "release")
        commit(self.at["contracts"], "Release")
        self.push("contracts")
        published = self.hosts["contracts"].folder / "published"
        published.mkdir(exist_ok=True)
        for path in (self.at["contracts"] / "releases").iterdir():
            (published / path.name).write_bytes(path.read_bytes())
        return said


@pytest.fixture
def rehearsal(raeder, tmp_path):
    with contextlib.ExitStack() as stack:
        hosts = {}
        for part in PARTS:
            (tmp_path / "hosts" / part).mkdir(parents=True)
            token = TOKEN if part == "contracts" else ""
            hosts[part] = stack.enter_context(Host(tmp_path / "hosts" / part, token).serving())
        yield Rehearsal(tmp_path / "clones", raeder, hosts)


def test_a_release_reaches_both_sides_from_another_host(rehearsal):
    rehearsal.draft("locale")
    rehearsal.release()

    for part in ("api", "web"):
        assert "name one with --contracts PATH, or set CONTRACTS_URL" in rehearsal.call(part, "upgrade", code=2)
        url = {"CONTRACTS_URL": rehearsal.urls["contracts"]}
        assert "CONTRACTS_TOKEN" in rehearsal.call(part, "upgrade", code=2, **url)
        wrong = url | {"CONTRACTS_TOKEN": "wrong"}
        assert "CONTRACTS_TOKEN" in rehearsal.call(part, "upgrade", code=2, **wrong)
        assert rehearsal.call(part, "upgrade", **rehearsal.place) == "contract-1.1.0\n"
        assert rehearsal.pinned(part) == "1.1.0"
        assert git(rehearsal.at[part], "status", "--porcelain") == ""
        rehearsal.push(part, "contract-1.1.0")
        assert "1.1.0" in rehearsal.call(part, "contract", "verify", **rehearsal.place)
    for part in ("api", "web"):
        brought = "".join(rehearsal.hosts[part].tokens)
        assert TOKEN not in brought, "the token went to another host"


def test_a_published_release_is_pinned_by_its_address(rehearsal):
    rehearsal.draft("locale")
    rehearsal.release()
    address = f"{rehearsal.hosts['contracts'].url}/published/1.1.0.json"
    right = hashlib.sha256((rehearsal.at["contracts"] / "releases" / "1.1.0.json").read_bytes()).hexdigest()

    for part in ("api", "web"):
        pin = ("contract", "pin", "1.1.0", "--from", address)
        assert "answers 401" in rehearsal.call(part, *pin, code=2)
        assert "--sha256" in rehearsal.call(part, *pin, "--sha256", "0" * 64, code=2, CONTRACTS_TOKEN=TOKEN)
        rehearsal.call(part, *pin, "--sha256", right, CONTRACTS_TOKEN=TOKEN)
        assert rehearsal.pinned(part) == "1.1.0"


@pytest.mark.long
def test_a_proposal_of_the_api_and_a_draft_for_the_ui(rehearsal):
    contracts = rehearsal.clone("contracts", "east")
    served = rehearsal.call("api", "contract", "propose", "--contracts", str(contracts))
    assert "nothing to propose" in served

    rehearsal.draft("locale")
    commit(rehearsal.at["contracts"], "Draft")
    rehearsal.push("contracts")
    rehearsal.call("web", "contract", "pin", "draft", **rehearsal.place)
    assert "locale" in (rehearsal.at["web"] / "client" / "models.py").read_text(encoding="utf-8")
    assert "cannot be released" in rehearsal.call("web", "contract", "status", **rehearsal.place)
    assert "is a draft after 1.0.0" in rehearsal.call("web", "contract", "verify", code=2)

    rehearsal.release()
    git(contracts, "pull", "--quiet")
    behind = rehearsal.call("api", "contract", "propose", "--contracts", str(contracts), code=2)
    assert "your pin is 1.0.0, the newest is 1.1.0: pin it first" in behind
    rehearsal.call("web", "contract", "pin", "1.1.0", **rehearsal.place)
    rehearsal.call("web", "contract", "verify", **rehearsal.place)


@pytest.mark.long
def test_two_teams_release_at_once_and_neither_edits_a_file_by_hand(rehearsal):
    other = rehearsal.clone("contracts", "west")
    rehearsal.draft("locale")
    rehearsal.release()
    first, rehearsal.at["contracts"] = rehearsal.at["contracts"], other
    rehearsal.draft("zone")
    rehearsal.call("contracts", "contract", "release")
    commit(other, "Release")
    git(other, "config", "user.name", "t")
    git(other, "config", "user.email", "t@localhost")

    assert run("git", "-C", other, "pull", "--quiet", "--no-rebase", check=False).returncode
    assert "contract release --again" in rehearsal.call("contracts", "contract", "check", code=2)
    assert "1.1.0 of the other branch is 1.2.0 now" in rehearsal.call("contracts", "contract", "release", "--again")
    git(other, "commit", "--quiet", "--no-edit")
    assert git(other, "status", "--porcelain") == ""
    assert "The draft is release 1.2.0." in rehearsal.call("contracts", "contract", "check")
    rehearsal.push("contracts")
    published, mine = (first / "releases" / "1.1.0.json"), other / "releases"
    assert (mine / "1.1.0.json").read_bytes() == published.read_bytes()
    text = (mine / "1.2.0.json").read_text(encoding="utf-8")
    assert ('"locale"' in text, '"zone"' in text) == (True, True)
    rehearsal.call("web", "contract", "pin", "1.2.0", **rehearsal.place)
