"""The UI and the coupled site as servers, and the people who are signed in to them."""

import http.client
import json
import os
import secrets
import subprocess
import sysconfig
import uuid
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import servers

HERE = Path(__file__).resolve().parent
WEB = HERE.parents[1] / "web"
PYTHON = WEB / ".venv/bin/python"
HOST = servers.ISSUER.removeprefix("https://")
HEAD = f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\n"  # as behind a proxy that ends TLS


class Site(servers.Server):
    """A site of Django: gunicorn as the UI has it, one process with its threads."""

    def listens(self) -> list[str]:
        """Return the options that say where it listens."""
        return ["--bind", f"127.0.0.1:{self.port}"]

    def answers(self) -> bool:
        """Tell whether it serves."""
        try:
            return self.ask("/accounts/sign-in/").status == 200
        except OSError:
            return False

    def ask(self, target: str, cookie: str = "") -> "Answer":
        """Return the answer to a GET."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": cookie}
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        cookies = response.headers.get_all("Set-Cookie") or []
        answer = Answer(response.status, response.read().decode(), cookies)
        connection.close()
        return answer

    def run(self, *arguments: str) -> str:
        """Run a command with its settings; return what it prints."""
        environment = os.environ | self.variables
        return subprocess.run(
            [PYTHON, *arguments], cwd=WEB, env=environment, check=True, text=True, stdout=-1
        ).stdout

    def people(self, count: int) -> list[str]:
        """Make its tables, and people who are signed in; return the cookie of each."""
        self.run("manage.py", "migrate", "--verbosity", "0")
        cookies: list[str] = json.loads(self.run("-m", "peers.coupled.people", str(count)))
        return cookies

    def worker_mib(self) -> dict[str, float]:
        """Return the memory of its worker in MiB: its own alone, its share, and all it can reach.

        The share is what is its own, and a part of what several processes share (PSS).
        """
        assert self.process
        worker = servers.tree(self.process.pid)[-1]
        found = {"own": 0.0, "share": 0.0, "resident": 0.0}
        for line in Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines():
            for name, figure in (("Private_", "own"), ("Pss:", "share"), ("Rss:", "resident")):
                found[figure] += int(line.split()[1]) / 1024 if line.startswith(name) else 0
        return {name: round(mib, 1) for name, mib in found.items()}


class Answer:
    """A page that was read."""

    def __init__(self, status: int, text: str, cookies: list[str]) -> None:
        self.status, self.text, self.cookies = status, text, cookies


def site(name: str, folder: Path, settings: str, application: str, **variables: str) -> Site:
    """Return a site by the module of its settings."""
    key = folder / "signing-key.pem"
    key.write_bytes(servers.KEY.as_pem(private=True))
    command = [str(PYTHON), "-m", "gunicorn", "--config", "config/gunicorn.py", application]
    found = Site(
        name,
        command,
        folder,
        DJANGO_SETTINGS_MODULE=settings,
        PYTHONPATH=str(HERE),
        MALLOC_ARENA_MAX="2",  # as in the image
        ENVIRONMENT="production",
        SECRET_KEY=servers.SECRET * 2,
        API_URL="https://api.test",
        PUBLIC_URL=servers.ISSUER,
        TOKEN_AUDIENCE=servers.AUDIENCE,
        SIGNING_KEY_FILE=str(key),
        BENCH_FOLDER=str(folder),
        BENCH_PACKAGES=sysconfig.get_path("purelib"),
        **variables,
    )
    found.root = WEB
    return found


def ui(folder: Path, database_url: str, api: servers.Server) -> Site:
    """The UI as it is, everything on."""
    address = f"http://127.0.0.1:{api.port}"
    urls = {"DATABASE_URL": database_url, "BENCH_API_URL": address}
    return site("ui", folder, "peers.coupled.environment", "config.wsgi:application", **urls)


def coupled(folder: Path, database_url: str) -> Site:
    """The same pages as one site."""
    urls = {"DATABASE_URL": database_url, "BENCH_API_URL": "http://127.0.0.1:9"}
    application = "peers.coupled.wsgi:application"
    return site("coupled", folder, "peers.coupled.settings", application, **urls)


class Fields(HTMLParser):
    """What a browser posts of the largest form of a page that nobody has touched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.select = ""
        self.feed(html)
        self.values = max(self.forms, key=len)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the value of an input, and the option of a select that is chosen or the first."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self.select = found["name"]
        elif tag in ("input", "textarea") and "name" in found:
            self.forms[-1][found["name"]] = found.get("value", "")
        elif tag == "option" and ("selected" in found or self.select not in self.forms[-1]):
            self.forms[-1][self.select] = found["value"]


class Form:
    """The form of a new product, as one person was given it."""

    def __init__(self, site: Site, target: str, cookie: str) -> None:
        page = site.ask(target, cookie)
        csrf = next(each.partition(";")[0] for each in page.cookies if "csrf" in each)
        self.target, self.cookie = target, f"{cookie}; {csrf}"
        self.fields = Fields(page.text).values

    def post(self) -> bytes:
        """Return the request that creates a product that was not there."""
        sku = f"PAGE-{secrets.token_hex(8)}"
        typed = {"sku": sku, "name": f"Blue mug {sku}", "description": "Holds 300 ml."}
        typed |= {"price": "7.99", "price_minor": "799", "currency": "EUR", "tags": ""}
        values = self.fields | {n: value for n, value in typed.items() if n in self.fields}
        if "key" in values:
            values["key"] = str(uuid.uuid4())
        body = urlencode(values)
        head = f"Cookie: {self.cookie}\r\nOrigin: {servers.ISSUER}\r\n"
        head += (
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        )
        return f"POST {self.target} HTTP/1.1\r\n{HEAD}{head}\r\n{body}".encode()


def get(target: str, cookie: str, fields: str = "") -> bytes:
    """Return the request for a page."""
    return f"GET {target} HTTP/1.1\r\n{HEAD}Cookie: {cookie}\r\n{fields}\r\n".encode()
