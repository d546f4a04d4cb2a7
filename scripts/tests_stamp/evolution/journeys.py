"""What people do with the UI, and what the previous client imports; in the environment of web/.

It reads addresses of APIs, one a line, and answers each with one line of JSON: what went wrong in each journey. The
folder that it stands in is a stamped repository of the UI.
"""

import json
import logging
import os
import re
import sys
import tempfile
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any, get_args, get_type_hints

Json = dict[str, Any]
PATIENCE = 60.0  # seconds, for an answer of an API on a busy machine
FOLDER = tempfile.TemporaryDirectory()
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DATABASE_URL": f"sqlite:///{FOLDER.name}/web.sqlite3",
    "SIGNING_KEY_FILE": f"{FOLDER.name}/key.pem",
    "PUBLIC_URL": "http://testserver",
    "API_URL": "http://127.0.0.1:9",
    "LOG_LEVEL": "WARNING",
}

import django  # noqa: E402

django.setup()

import msgspec  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.tokens import TokenSource  # noqa: E402
from client import models, operations  # noqa: E402
from contract.annotations import ending  # noqa: E402
from contract.document import pinned  # noqa: E402
from core import api as core_api  # noqa: E402
from core.fields import minor_digits  # noqa: E402
from core.tests.page import check_page, posted  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PRODUCTS, CATEGORIES = "/v1/products", "/v1/categories"
STAMPS = {"version", "updated_at", "next_statuses"}


class Page:
    """A page as a person sees it."""

    def __init__(self, person: "Person", path: str, response: Any) -> None:
        self.person, self.path, self.status = person, path, response.status_code
        self.html = response.content.decode()
        self.text = unescape(self.html)
        self.to = response.headers.get("Location", "")

    def says(self, *words: str) -> "Page":
        """Fail unless the words are on the page."""
        for word in words:
            assert word in self.text, f"{self.path} does not say {word!r}"
        return self

    def submit(self, to: str = "", answered: int = 302, **typed: Any) -> "Page":
        """Post the form as a browser does, with what is typed."""
        return self.person.post(to or self.path, posted(self.html, **typed), answered)

    def follow(self, status: int = 200) -> "Page":
        """Go where the page leads."""
        return self.person.get(self.to, status)


class Person:
    """Somebody in front of the UI; the API is known by its address."""

    def __init__(self, user: User, api: str, log: "Log") -> None:
        self.user, self.api, self.log = user, api, log
        self.client = Client()
        self.client.force_login(user)

    def get(self, path: str, status: int = 200, **headers: Any) -> Page:
        """Open a page."""
        return self._seen(path, self.client.get(path, headers=headers or None), status)

    def post(self, path: str, data: Json, status: int) -> Page:
        """Send a form."""
        return self._seen(path, self.client.post(path, data), status)

    def _seen(self, path: str, response: Any, status: int) -> Page:
        page = Page(self, path, response)
        if page.status != status:
            errors = [line.strip() for line in page.text.split("\n") if "error" in line and "<li>" in line]
            raise AssertionError(f"{path}: {page.status} instead of {status} {errors[:3]}")
        if "<html" in page.html:
            check_page(page.html)
        return page

    def stored(self) -> Json:
        """The rows that the API has, and the requests that it was sent."""
        with DIRECT.open(f"{self.api}/stored", timeout=PATIENCE) as answer:
            found: Json = json.load(answer)
        return found

    def rows(self, path: str) -> list[Json]:
        """The rows of a collection."""
        return [*self.stored()["rows"].get(path, {}).values()]

    def call(self, method: str, path: str, body: Any, **headers: str) -> None:
        """Call the API as somebody else."""
        headers |= {"Authorization": "Bearer other", "Content-Type": "application/json"}
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data, headers, method=method)  # noqa: S310
        DIRECT.open(request, timeout=PATIENCE).close()

    def sent(self, operation: str) -> list[Json]:
        """The bodies that were sent to an operation and taken."""
        requests = self.stored()["requests"]
        return [one["body"] for one in requests if one["operation"] == operation and one["status"] < 300]

    @contextmanager
    def changing(self, path: str, *rows: Json, **changes: Any) -> Iterator[None]:
        """Fail if within anything else is altered than these rows, and in them anything but these values."""
        ids = [row["id"] for row in rows]
        before = self.stored()["rows"]
        yield
        after = self.stored()["rows"]
        for where in (PRODUCTS, CATEGORIES):
            for name, was in before[where].items():
                now = after[where].get(name, {})
                touched = where == path and was["id"] in ids
                wanted, skipped = (was | changes, STAMPS) if touched else (was, set())
                wrong = {
                    key: (wanted.get(key, "nothing"), now.get(key, "nothing"))
                    for key in (wanted.keys() | now.keys()) - skipped
                    if wanted.get(key, "nothing") != now.get(key, "nothing")
                }
                assert not wrong, f"{name} has (wanted, got) {wrong}"


class Log(logging.Handler):
    """What the UI logged about the API, for the report."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message and what it carries."""
        data = getattr(record, "data", "")
        error = record.exc_info[1] if record.exc_info else ""
        self.lines.append(f"{record.getMessage()} {data} {error!r}"[:400])


def money(price: Json) -> str:
    """A price as pages write it; one in a currency that this UI does not know as it came."""
    if price["currency"] not in minor_digits():
        return f"{price['amount_minor']} {price['currency']}"
    digits = minor_digits()[price["currency"]]
    return f"{price['amount_minor'] / 10**digits:,.{digits}f}"


def browse(person: Person) -> None:
    """Look at every list, and at both kinds of rows: with all that is new, and without."""
    person.get("/")
    person.get("/health/ready")
    products, categories = person.rows(PRODUCTS), person.rows(CATEGORIES)
    first, second = products[:2]
    person.get("/products/").says(first["name"], first["sku"], second["name"])
    person.get("/products/?q=amber").says(first["name"])
    person.get(f"/products/?status={second['status']}").says(second["name"])
    person.get(f"/products/?category_id={second['category_id']}&sort=-price").says(second["sku"])
    person.get("/products/?tag=gift").says(first["name"])
    person.get("/products/?sort=stock", HX_Request="true", HX_Target="results").says(first["name"])
    page = person.get("/products/")
    following = page.text.partition('rel="next" href="')[2].partition('"')[0]
    person.get(f"/products/{following}").says(products[-1]["name"])
    person.get("/categories/").says(categories[0]["name"])
    for row in (first, second):
        shown = [row["name"], row["sku"]] + ([money(row["price"])] if "price" in row else [])
        person.get(f"/products/{row['id']}/").says(*shown)
        person.get(f"/products/{row['id']}/stock/")
        person.get(f"/products/{row['id']}/delete/").says(row["name"])
    for row in categories[:2]:
        person.get(f"/categories/{row['id']}/").says(row["name"])
        person.get(f"/categories/{row['id']}/delete/").says(row["name"])


def fill_in(person: Person) -> None:
    """See every field that the pinned release has in a body, but what it deprecates and nobody must send."""
    product, category = person.rows(PRODUCTS)[0], person.rows(CATEGORIES)[0]
    forms = {
        "/products/new/": "ProductCreate",
        f"/products/{product['id']}/edit/": "ProductUpdate",
        f"/products/{product['id']}/stock/": "StockMovementCreate",
        "/categories/new/": "CategoryCreate",
        f"/categories/{category['id']}/edit/": "CategoryUpdate",
    }
    for path, name in forms.items():
        inputs = posted(person.get(path).html)
        schema = pinned().schemas[name]
        wanted = schema["properties"].keys() - ending(pinned(), schema)
        missing = [one for one in wanted if not any(re.fullmatch(rf"{one}([_.]\w+)*", known) for known in inputs)]
        assert not missing, f"{path} has no field for {missing}"


def create(person: Person) -> None:
    """Make a product and a category of what was typed."""
    page = person.get("/products/new/")
    page.submit(sku="NEW-1", name="Green jug", price="12.50", tags="gift").follow().says("Green jug")
    row = person.rows(PRODUCTS)[-1]
    wanted = {"sku": "NEW-1", "name": "Green jug", "tags": ["gift"]}
    wrong = {name: row.get(name) for name in wanted.keys() & row.keys() if row[name] != wanted[name]}
    assert not wrong, f"stored {wrong}"
    assert row["price"]["amount_minor"] == 1250, f"stored {row['price']}"
    person.get("/categories/new/").submit(name="Cellar").follow().says("Cellar")
    assert person.rows(CATEGORIES)[-1]["name"] == "Cellar"


# A field, what is typed, what is stored.
EDITS: dict[str, tuple[Any, Any]] = {
    "name": ("Renamed", "Renamed"),
    "sku": ("OTHER-1", "OTHER-1"),
    "description": ("Other.", "Other."),
    "tags": ("a, b", ["a", "b"]),
}


def edit(person: Person) -> None:
    """Change one field after the other, in a row with all that is new and in one without."""
    for number in (0, 1):
        for name, (typed, value) in EDITS.items():
            row = person.rows(PRODUCTS)[number]
            typed = f"{typed}{number}" if name in ("name", "sku") else typed
            value = typed if name in ("name", "sku") else value
            with person.changing(PRODUCTS, row, **{name: value}):
                person.get(f"/products/{row['id']}/edit/").submit(**{name: typed}).follow()
            body = person.sent("PATCH /v1/products/{product_id}")[-1]
            assert body == {name: value}, f"sent {body}"


def edit_price(person: Person) -> None:
    """Change the amount: the currency and whatever else a price may have stay."""
    for number in (0, 1):
        row = person.rows(PRODUCTS)[number]
        price = row["price"] | {"amount_minor": 500}
        if price["currency"] not in minor_digits():
            continue  # Nobody can say here what its amount is.
        typed = money(price)
        page = person.get(f"/products/{row['id']}/edit/")
        names = [name for name in posted(page.html) if name.startswith("price")]
        if not names:
            return  # It is deprecated, and nobody has to send it.
        with person.changing(PRODUCTS, row, price=price):
            page.submit(**{min(names, key=len): typed}).follow()


def edit_category(person: Person) -> None:
    """Put a product into another category; change a category."""
    row, other = person.rows(PRODUCTS)[0], person.rows(CATEGORIES)[1]
    with person.changing(PRODUCTS, row, category_id=other["id"]):
        person.get(f"/products/{row['id']}/edit/").submit(category_id=other["id"]).follow()
    for number in (0, 1):
        for name in ("name", "description"):
            row = person.rows(CATEGORIES)[number]
            with person.changing(CATEGORIES, row, **{name: f"Other {number}"}):
                person.get(f"/categories/{row['id']}/edit/").submit(**{name: f"Other {number}"}).follow()


def save_unchanged(person: Person) -> None:
    """Save without a change: nothing is altered."""
    for path, where in ((PRODUCTS, "products"), (CATEGORIES, "categories")):
        for row in person.rows(path)[:2]:
            with person.changing(path, row):
                person.get(f"/{where}/{row['id']}/edit/").submit().follow()


def next_status(person: Person) -> None:
    """Take a product to its next status."""
    row = person.rows(PRODUCTS)[1]
    page = person.get(f"/products/{row['id']}/").says("Mark as active")
    with person.changing(PRODUCTS, row, status="active"):
        page.submit(f"/products/{row['id']}/status/", status="active")
    person.get(f"/products/{row['id']}/").says("Mark as archived")


def next_status_of_the_newest(person: Person) -> None:
    """Take the row that shows what is new to a status that it offers."""
    row = person.rows(PRODUCTS)[0]
    step = row["next_statuses"][0]
    with person.changing(PRODUCTS, row, status=step):
        data = posted(person.get(f"/products/{row['id']}/").html, status=step)
        person.post(f"/products/{row['id']}/status/", data, 302)


def move_stock(person: Person) -> None:
    """Record pieces that came."""
    for row in person.rows(PRODUCTS)[:2]:
        page = person.get(f"/products/{row['id']}/")
        with person.changing(PRODUCTS, row, stock=row["stock"] + 4):
            page.submit(f"/products/{row['id']}/stock/", pieces="4", reason="received", note="Box dry.")
        moved = person.rows(f"{PRODUCTS}/{row['id']}/stock-movements")[-1]
        assert (moved["pieces"], moved["reason"]) == (4, "received")
        person.get(f"/products/{row['id']}/stock/").says("Received")


def conflict(person: Person) -> None:
    """Somebody else changes the same field: one chooses, and what only one has changed is saved."""
    row = person.rows(PRODUCTS)[0]
    path = f"/products/{row['id']}/edit/"
    page = person.get(path)
    if "name" not in posted(page.html):
        return  # It is deprecated, and the page does not show it.
    other = {"name": "Theirs"}
    person.call("PATCH", f"{PRODUCTS}/{row['id']}", other, **{"If-Match": "*"})
    typed = {"name": "Mine", "description": "Mine, too."}
    clash = page.submit(answered=409, **typed).says("Theirs", "Mine")
    with person.changing(PRODUCTS, person.rows(PRODUCTS)[0], **typed):
        clash.submit(**{"take-name": "mine"}).follow()


def no_conflict(person: Person) -> None:
    """Somebody else saves it meanwhile, changing nothing that this UI shows: both are kept."""
    row = person.rows(PRODUCTS)[0]
    page = person.get(f"/products/{row['id']}/edit/")
    person.call("PATCH", f"{PRODUCTS}/{row['id']}", {"name": row["name"]}, **{"If-Match": "*"})
    with person.changing(PRODUCTS, person.rows(PRODUCTS)[0], name="Mine"):
        page.submit(name="Mine").follow()


def delete(person: Person) -> None:
    """Delete what may be deleted; read why the other may not."""
    row = person.rows(PRODUCTS)[0]
    person.get(f"/products/{row['id']}/delete/").submit().follow()
    assert row["id"] not in [one["id"] for one in person.rows(PRODUCTS)]
    used, *_, free = person.rows(CATEGORIES)
    page = person.get(f"/categories/{used['id']}/delete/").submit(answered=409)
    page.says("Products are in this category.")
    person.get(f"/categories/{free['id']}/delete/").submit().follow()
    assert free["id"] not in [one["id"] for one in person.rows(CATEGORIES)]


def refused(person: Person) -> None:
    """What is refused is said at its field, and nothing typed is lost."""
    taken = person.rows(PRODUCTS)[1]["sku"]
    page = person.get("/products/new/")
    page.submit(answered=422, sku=taken, name="Twin", price="1").says("A product with this SKU exists.", "Twin")
    row = person.rows(PRODUCTS)[0]
    page = person.get(f"/products/{row['id']}/edit/").submit(answered=422, sku=taken, name="Twin")
    page.says("A product with this SKU exists.", "Twin")


def gone_meanwhile(person: Person) -> None:
    """A page of what nobody has is "not found"."""
    nobody = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2dff"
    for path in ("products", "categories"):
        person.get(f"/{path}/{nobody}/", 404)


def import_new(person: Person) -> None:
    """The previous client's import: it creates, and updates by the SKU what it names."""
    row = person.rows(PRODUCTS)[0]
    price = {"amount_minor": 4200, "currency": "EUR"}
    with person.changing(PRODUCTS, row, name="Imported", price=row["price"] | price):
        result = upsert(person, [
            {"sku": row["sku"], "name": "Imported", "price": price}, {"sku": "IMP-1", "name": "Jar", "price": price}
        ])  # fmt: skip
    assert [one.sku for one in result.items] == [row["sku"], "IMP-1"]
    assert [one.outcome for one in result.items][1] in ("created", "brand_new")
    assert person.rows(PRODUCTS)[-1]["sku"] == "IMP-1"


def import_again(person: Person) -> None:
    """It sends back all that it knows of every row: nothing is altered."""
    rows = person.rows(PRODUCTS)[:2]
    items_of = get_type_hints(models.ProductBatch)["items"]
    one = next(kind for kind in _parts(items_of) if isinstance(kind, type) and issubclass(kind, msgspec.Struct))
    known = {field.encode_name for field in msgspec.structs.fields(one)} - {"version"}
    money_fields = {field.encode_name for field in msgspec.structs.fields(models.Money)}
    items = [{name: row[name] for name in known & row.keys()} for row in rows]
    for item in items:
        item["price"] = {name: value for name, value in item["price"].items() if name in money_fields}
    with person.changing(PRODUCTS, *rows):
        upsert(person, items)


def _parts(kind: Any) -> Iterator[Any]:
    """Yield a type, and those that it is made of."""
    yield kind
    for part in get_args(kind):
        yield from _parts(part)


def upsert(person: Person, items: list[Json]) -> Any:
    """Call the bulk operation with the client that was generated for this UI's release."""
    api = core_api.Api(TokenSource(person.user))
    body = msgspec.convert({"items": items}, models.ProductBatch)
    return api.send(operations.upsert_products(idempotency_key="import-1", body=body))


JOURNEYS: tuple[Callable[[Person], None], ...] = (
    browse, fill_in, create, edit, edit_price, edit_category, save_unchanged, next_status, next_status_of_the_newest,
    move_stock, conflict, no_conflict, refused, gone_meanwhile, import_new, import_again, delete,
)  # fmt: skip


def prepare() -> User:
    """Return an editor of a UI that waits longer for its API than people do."""
    setup_test_environment()
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    core_api.CALL_SECONDS = core_api.PAGE_SECONDS = PATIENCE
    core_api.Api.__init__.__kwdefaults__["seconds"] = PATIENCE
    from django.contrib.auth.models import Group

    user = User.objects.create_user("editor@example.com")
    user.groups.add(Group.objects.get(name="editors"))
    return user


def play(user: User, url: str, log: Log) -> dict[str, str]:
    """Return what went wrong in each journey."""
    settings.API_URL = url
    core_api.pool.cache_clear()
    person, failed = Person(user, url, log), {}
    for journey in JOURNEYS:
        DIRECT.open(f"{url}/reset", timeout=PATIENCE).close()
        log.lines.clear()
        try:
            journey(person)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            refused = [
                f"{one['path']} answered {one['status']} {one.get('at', '')}"
                for one in person.stored()["requests"]
                if one["status"] >= 400
            ]
            failed[journey.__name__] = " | ".join([words, *log.lines, *refused])[:1500]
    return failed


def main() -> None:
    """Play until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    log, user = Log(), prepare()
    for name in ("web.api", "django.request"):
        logging.getLogger(name).addHandler(log)
    for line in sys.stdin:
        print(json.dumps(play(user, line.strip(), log)), file=answers, flush=True)


if __name__ == "__main__":
    main()
