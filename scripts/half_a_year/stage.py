"""Where the rehearsal is played: three git hosts, the clones of each team, and a calendar."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from half_a_year.production import Broken, Production
from half_a_year.transcript import LINES, Transcript

SCRIPTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS / "tests_stamp"))
from git_hosts import Host  # type: ignore[import-not-found]  # noqa: E402

PARTS = ("contracts", "api", "web")
OWNERS = {"contracts": "north", "api": "east", "web": "west"}
TOKEN = "t0ken-of-north"  # noqa: S105 - of a server of this rehearsal
FIRST_MONDAY = dt.date(2027, 1, 4)
CALENDAR = Path(__file__).resolve().parent / "calendar"


class Stumbled(Exception):
    """A command that did not do what the story needs."""


class Stage:
    """The hosts, the people's folders, and the day."""

    def __init__(self, folder: Path, show: Callable[[str], object], suites: str) -> None:
        self.folder, self.suites, self.day = folder, suites, FIRST_MONDAY
        self.hosts: dict[str, Any] = {}
        self.transcript = Transcript(show, {})
        self.person = ""
        places = {part: folder / "hosts" / part / OWNERS[part] / f"blue-sky-{part}.git" for part in PARTS}
        self.production = Production(folder / "production", places)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Start the three hosts; that of the contracts is private."""
        with contextlib.ExitStack() as stack:
            for part in PARTS:
                (self.folder / "hosts" / part).mkdir(parents=True)
                host = Host(self.folder / "hosts" / part, TOKEN if part == "contracts" else "")
                self.hosts[part] = stack.enter_context(host.serving())
                self.transcript.names[self.hosts[part].url] = f"https://git.{OWNERS[part]}.example"
            yield

    def week(self, number: int, title: str, weekday: int = 0) -> None:
        """Begin a chapter on a day of a week."""
        self.day = FIRST_MONDAY + dt.timedelta(weeks=number - 1, days=weekday)
        self.transcript.heading(self.day, number, title)

    def says(self, text: str) -> None:
        """Tell what happens and why."""
        self.transcript.prose(text)

    def by(self, person: str) -> None:
        """Let a person go on: commands run in this person's folder."""
        self.person = person
        self.transcript.names[f"{self.folder / person}/"] = "../"

    def types(self, part: str, command: str) -> None:
        """Show a command, with who types it and where."""
        self.transcript.line(f"{self.person}@{part}$ {command}" if part else f"{self.person}$ {command}")

    def place(self, part: str) -> Path:
        """Return the person's clone of a repository."""
        return self.folder / self.person / f"blue-sky-{part}"

    def run(self, part: str, command: str, code: int = 0, show: int | str = LINES, shown: str = "") -> str:
        """Run a command in the person's clone, as typed, and show it (or `shown`) with its answer."""
        self.types(part, shown or command)
        answer = self.quietly(part, command, code)
        self.transcript.answer(answer, show)
        return answer

    def quietly(self, part: str, command: str, code: int = 0) -> str:
        """Run a command that the page does not show; raises Stumbled if it ends otherwise."""
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.place(part) if part else self.folder / self.person,
            env=self.environment(part),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        if done.returncode != code:
            tail = "\n".join(done.stdout.splitlines()[-40:])
            raise Stumbled(f"{self.day}: {self.person}/{part}$ {command}\nends with {done.returncode}\n{tail}")
        if TOKEN in done.stdout:
            raise Stumbled(f"{self.day}: {self.person}/{part}$ {command}\nshows the token")
        return done.stdout

    def environment(self, part: str) -> dict[str, str]:
        """Return what a command sees: the person's git, the address of the contracts, the day."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "CONTRACTS_"))}
        moment = f"{self.day}T09:00:00+00:00"
        clean |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_EDITOR": "true"}
        for role in ("AUTHOR", "COMMITTER"):
            clean |= {f"GIT_{role}_NAME": self.person.title(), f"GIT_{role}_EMAIL": f"{self.person}@blue-sky.example"}
            clean |= {f"GIT_{role}_DATE": moment}
        if part == "contracts":
            clean |= {"PYTHONPATH": str(CALENDAR), "REHEARSAL_DAY": str(self.day)}
        if part in ("api", "web"):
            url = f"{self.hosts['contracts'].url}/north/blue-sky-contracts.git"
            clean |= {"CONTRACTS_URL": url, "CONTRACTS_TOKEN": TOKEN}
        return clean

    def clone(self, part: str) -> None:
        """Clone a repository from its host into the person's folder, with the environment that is there already."""
        (self.folder / self.person).mkdir(exist_ok=True)
        url = f"{self.hosts[part].url}/{OWNERS[part]}/blue-sky-{part}.git"
        token = f"-c 'http.extraHeader=Authorization: Bearer {TOKEN}'" if part == "contracts" else ""
        self.types("", f"git clone {url}")
        self.quietly("", f"git clone -q {token} {url}")
        (self.place(part) / ".venv").symlink_to(SCRIPTS.parent / part / ".venv")
        (self.place(part) / ".git" / "info" / "exclude").write_text(".venv\n")

    def edit(self, part: str, name: str, *changes: tuple[str, str]) -> None:
        """Replace texts of a file; show what changed. An old text that is empty means the end of the file."""
        path = self.place(part) / name
        old = text = path.read_text(encoding="utf-8")
        for before, after in changes:
            if before and before not in text:
                raise Stumbled(f"{self.day}: {part}/{name} does not have {before!r}")
            text = text.replace(before, after, 1) if before else text + after
        path.write_text(text, encoding="utf-8")
        self.types(part, f"$EDITOR {name}")
        self.transcript.change(old, text)

    def edit_draft(self, change: Callable[[Any], None], name: str = "openapi.json") -> None:
        """Let the person edit the draft of the contract."""
        path = self.place("contracts") / name
        old = path.read_text(encoding="utf-8")
        document = json.loads(old)
        change(document)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8")
        self.types("contracts", f"$EDITOR {name}")
        self.transcript.change(old, text)

    def write(self, part: str, name: str, text: str) -> None:
        """Write a file by hand."""
        path = self.place(part) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.types(part, f"$EDITOR {name}")

    def test(self, part: str, what: str = "", code: int = 0) -> str:
        """Run a part of a suite, or all of it; only an announced break may leave it red."""
        runs = self.suites == "all" or (self.suites == "touched" and what)
        self.types(part, f"scripts/test {what}".rstrip())
        answer = self.quietly(part, f"scripts/test -q {what}", code) if runs else ""
        self.transcript.line("# green" if code == 0 else "# red")
        return answer

    def commit(self, part: str, message: str, branch: str = "main") -> None:
        """Commit all, and push."""
        self.types(part, f'git commit -am "{message}" && git push')
        self.quietly(part, f'git add -A && git commit -qm "{message}" && git push -q origin HEAD:{branch}')
        if part == "api":
            self.built(part, json.loads((self.place(part) / "contract.json").read_bytes())["info"]["version"])

    def built(self, part: str, version: str) -> None:
        """Note the commit that a version of a program is built from."""
        self.production.commits[part, version] = self.quietly(part, "git rev-parse HEAD").strip()

    def use_production(self) -> None:
        """Start what runs in production, and use it as people and the app do."""
        if self.suites != "none":
            contracts = self.place("contracts")
            environment = json.loads((contracts / "environments" / "production.json").read_text(encoding="utf-8"))
            usages = {path.stem: json.loads(path.read_bytes()) for path in (contracts / "consumers/mobile").iterdir()}
            try:
                self.production.runs(environment, usages)
            except Broken as broken:
                raise Stumbled(f"{self.day}: production, {environment}: {broken}") from broken
        self.transcript.line("# in production the pages and the app work")

    def pull(self, part: str = "contracts") -> None:
        """Bring a clone up to date."""
        self.quietly(part, "git pull -q --ff-only")
