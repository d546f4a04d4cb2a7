"""Production: what is deployed runs, on one database for half a year, and is used by a person and by the app."""

import http.cookiejar
import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS / "e2e"))
from servers import (  # type: ignore[import-not-found]  # noqa: E402
    EMPTY_API,
    SERVE_API,
    Program,
    free_port,
)

EDITOR, PASSWORD = "editor@example.com", "blue-sky-demo"


class Broken(Exception):
    """Something in production does not work."""


class Production:
    """The commits that were released, by version, and the data of production."""

    def __init__(self, folder: Path, hosts: dict[str, Path]) -> None:
        self.folder, self.hosts = folder, hosts
        self.commits: dict[tuple[str, str], str] = {}
        self.migrated: tuple[int, ...] = ()
        self.visits = 0

    def runs(self, environment: dict[str, Any], usages: dict[str, Any]) -> None:
        """Start all that runs there, use it, and stop it; raises Broken.

        The UI and the app ask the API of the major that they pin.
        """
        self.folder.mkdir(exist_ok=True)
        ui_port = free_port()
        programs: list[Program] = []
        try:
            apis = {version: self._api(version, ui_port, programs) for version in environment["api"]}
            [(version, pin)] = environment["consumers"]["web"].items()
            ui = self._ui(version, ui_port, apis[self._own(apis, pin)].url, programs)
            ui.start("/health/ready")
            person = Person(ui.url)
            person.sign_in()
            product = person.works(self.visits)
            for one, pinned in environment["consumers"]["mobile"].items():
                app(apis[self._own(apis, pinned)].url, ui.token(EDITOR), usages[one], product)
            self.visits += 1
        except AssertionError as error:
            raise Broken(str(error)) from error
        finally:
            for program in reversed(programs):
                program.stop()

    def _own(self, apis: dict[str, Program], pin: str) -> str:
        return next(version for version in apis if version.split(".")[0] == pin.split(".")[0])

    def _api(self, version: str, ui_port: int, programs: list[Program]) -> Program:
        key = tuple(map(int, version.split(".")))
        ui = f"http://127.0.0.1:{ui_port}"
        settings = {
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.folder}/shop.sqlite3",
            "AUTH_ISSUER": ui,
            "AUTH_JWKS": f"{ui}/.well-known/jwks.json",
        }
        program = self._program("api", version, free_port(), settings)
        # Nobody migrates back: an older API runs on the tables of the newer one.
        program.command = EMPTY_API if key > self.migrated else SERVE_API
        self.migrated = max(key, self.migrated)
        programs.append(program)
        program.start("/health/live")
        return program

    def _ui(self, version: str, port: int, api: str, programs: list[Program]) -> Program:
        settings = {
            "DATABASE_URL": f"sqlite:///{self.folder}/web.sqlite3",
            "SIGNING_KEY_FILE": f"{self.folder}/signing-key.pem",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "API_URL": api,
        }
        programs.append(self._program("web", version, port, settings))
        return programs[-1]

    def _program(self, part: str, version: str, port: int, settings: dict[str, str]) -> Program:
        folder = self.folder / f"{part}-{version}"
        if not folder.exists():
            subprocess.run(["git", "clone", "--quiet", self.hosts[part], folder], check=True)
            commit = self.commits[part, version]
            subprocess.run(["git", "-C", folder, "checkout", "--quiet", commit], check=True)
            (folder / ".venv").symlink_to(SCRIPTS.parent / part / ".venv")
        program = Program(part, port, self.folder, settings)
        program.folder = folder
        return program


class Form(HTMLParser):
    """The fields of the forms of a page that are posted, with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form and what is in it."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        if tag in ("input", "textarea") and given.get("name"):
            self.forms[-1].setdefault(given["name"], given.get("value", ""))
        self._select = given.get("name", "") if tag == "select" else self._select
        if tag == "option" and self._select and ("selected" in given or self._select not in self.forms[-1]):
            self.forms[-1][self._select] = given.get("value", "")

    def having(self, name: str) -> dict[str, str]:
        """Return the fields of the form that has one of this name."""
        return next(form for form in self.forms if name in form)


class Person:
    """An editor at the pages, without JavaScript."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def get(self, path: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        """Return the address and the text of a page, after redirects; with fields it posts them."""
        address = urllib.parse.urljoin(self.url, path)
        data = urllib.parse.urlencode(fields).encode() if fields else None
        try:
            request = urllib.request.Request(address, data, {"Referer": address})  # noqa: S310 - ours
            with self.browser.open(request, timeout=60) as answer:
                return answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            raise Broken(f"{address} answers {error.code}: {error.read().decode()[-3000:]}") from error

    def sign_in(self) -> None:
        """Sign in as an editor."""
        address, page = self.get("/")
        fields = Form(page).having("password") | {"username": EDITOR, "password": PASSWORD}
        self.get(address, fields)

    def works(self, number: int) -> str:
        """Create a category and a product, record stock, and read every list; return the product's id."""
        self._create("/categories/new/", name=f"Shelf {number}")
        fields = {"sku": f"MUG-{number}", "name": f"Mug {number}", "price": "19.99", "price_currency": "EUR"}
        address = self._create("/products/new/", **fields)
        _, page = self.get(address)
        stock = Form(page).having("pieces") | {"pieces": "5", "reason": "received", "note": "Counted."}
        self.get(f"{address}stock/", stock)
        for path in ("/", "/products/?q=mug", "/categories/", address):
            self.get(path)
        return address.rstrip("/").rsplit("/", 1)[-1]

    def _create(self, path: str, **fields: str) -> str:
        _, page = self.get(path)
        address, _ = self.get(path, Form(page).having("name") | fields)
        if address.endswith(path):
            raise Broken(f"{path} was shown again")
        return address


def app(api: str, token: str, usage: dict[str, Any], product: str) -> None:
    """Do what the app does: send what its usage says, read what it says."""
    values = {"quantity": -1, "reason": "sold", "note": "By the app."}
    body = {name: values[name] for name in usage["operations"]["create_stock_movement"]["body"]}
    for path, sent in (("/v1/products?q=mug", None), (f"/v1/products/{product}/stock-movements", body)):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if sent:
            headers["Idempotency-Key"] = f"{product}-{api}"[:60]
        data = json.dumps(sent).encode() if sent else None
        request = urllib.request.Request(api + path, data, headers)  # noqa: S310 - ours
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            raise Broken(f"{path} answers the app {error.code}: {error.read().decode()}") from error
        read = {"id", "name", "price", "sku"} if sent is None else {"stock_after"}
        missing = read - set(found["items"][0] if sent is None else found)
        if missing:
            raise Broken(f"{path} answers the app without {missing}")
