"""The matrix of what was typed and what can go wrong: its forms, its failures, and a cell of it."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

import httpx2
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect

from proxies import HttpProxy, break_contract, drip, fail, hang, problem, rubbish
from servers import Shop

EDITOR, PASSWORD = "editor@example.com", "corner-shop-demo"
WRITES = "^(POST|PUT|PATCH|DELETE) "
PATIENCE = 30  # seconds, for a site to be well again
numbers = count(1)


class Stand:
    """Both programs with the proxy between them, and what the tests put there."""

    def __init__(self, shop: Shop, proxy: HttpProxy, api: httpx2.Client) -> None:
        self.shop, self.proxy, self.api = shop, proxy, api

    def product(self, **values: Any) -> str:
        """Create a product and return its id."""
        number = next(numbers)
        price = {"amount_minor": 500, "currency": "EUR"}
        body = {"sku": f"TYPED-{number}", "name": f"Kettle {number}", "price": price} | values
        return str(self.api.post("products", json=body).raise_for_status().json()["id"])

    def category(self) -> str:
        """Create a category and return its id."""
        body = {"name": f"Category {next(numbers)}"}
        return str(self.api.post("categories", json=body).raise_for_status().json()["id"])

    def change(self, path: str, **values: Any) -> None:
        """Change a resource as a colleague does."""
        self.api.patch(path, json=values, headers={"If-Match": "*"}).raise_for_status()

    def read(self, path: str) -> Any:
        """Return a resource as JSON."""
        return self.api.get(path).raise_for_status().json()

    @contextmanager
    def role(self, name: str) -> Iterator[None]:
        """Give the editor another role within this block."""
        self._set_role(name)
        try:
            yield
        finally:
            self._set_role("editors")

    def _set_role(self, name: str) -> None:
        path = self.shop.ui.environment["DATABASE_URL"].removeprefix("sqlite:///")
        statement = """
            UPDATE accounts_user_groups
               SET group_id = (SELECT id FROM auth_group WHERE name = ?)
             WHERE user_id = (SELECT id FROM accounts_user WHERE email = ?)"""
        with closing(sqlite3.connect(path, timeout=20)) as database, database:
            assert database.execute(statement, (name, EDITOR)).rowcount == 1


@dataclass
class Form:
    """One form: how it is reached, what is typed, and how one knows that it was saved."""

    name: str
    address: Callable[[Stand], str]
    words: Mapping[str, str]  # what is typed, by label
    button: str
    saved: Callable[["Cell"], bool]
    wrong: Mapping[str, str] = field(default_factory=dict)  # what the page refuses, by label
    behind: str = ""  # the path at the API of what can be changed or deleted meanwhile
    clash: Mapping[str, Any] = field(default_factory=dict)  # what a colleague changes
    asks_only: bool = False  # a question: nothing is typed


class Cell:
    """One form in one kind of trouble, in one browser."""

    def __init__(self, form: Form, stand: Stand, context: BrowserContext, *, script: bool) -> None:
        self.form, self.stand, self.context, self.script = form, stand, context, script
        self.path = form.address(stand)
        self.id = next(iter(re.findall(r"/([0-9a-f-]{36})/", self.path)), "")
        self.words = words_of(form)
        self.dialogs: list[str] = []
        self.look: Callable[[Page], None] = lambda page: None  # at what it says
        self.open()

    def open(self) -> None:
        """Open the form in a new tab, once the site is well."""
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("dialog", self.answer)
        self.stays = False
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            response = self.page.goto(self.path)
            if response is not None and response.status == 200:
                return
        raise AssertionError(f"{self.path} is not well again")

    def answer(self, dialog: Dialog) -> None:
        """Answer the question before leaving."""
        self.dialogs.append(dialog.type)
        if self.stays:
            dialog.dismiss()
        else:
            dialog.accept()

    @property
    def main(self) -> Locator:
        """Return the page without its head."""
        return self.page.locator("#main")

    def type(self, words: Mapping[str, str] | None = None) -> None:
        """Type, as a person does: a key after the other where it is short."""
        for label, text in (words or self.words).items():
            box = self.main.get_by_label(label, exact=True).first
            if box.evaluate("box => box.localName") == "select":
                box.select_option(text)
            else:
                box.fill(text)

    def press(self) -> None:
        """Press the form's button, and wait for what follows."""
        button = self.main.get_by_role("button", name=re.compile(self.form.button)).first
        if self.script and button.and_(self.page.locator("[hx-post] button")).count():
            with self.page.expect_response(lambda r: r.request.method == "POST"):
                button.click()
            expect(self.page.locator(".htmx-request")).to_have_count(0)
        else:
            with self.page.expect_navigation():
                button.click()

    def sign_in(self) -> None:
        """Sign in on the page that asks for it."""
        self.page.get_by_label("Email").fill(EDITOR)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def forget(self, cookie: str) -> None:
        """Lose a cookie."""
        self.context.clear_cookies(name=f"corner_shop_{cookie}")

    def kept(self, words: Mapping[str, str] | None = None) -> None:
        """Expect the words in their boxes; of a question, the question."""
        for label, text in (words or self.words).items():
            expect(self.main.get_by_label(label, exact=True).first).to_have_value(text)
        button = self.main.get_by_role("button", name=re.compile(self.form.button)).first
        expect(button).to_be_visible()

    def told(self) -> None:
        """Expect a note that says what happened and what to do."""
        expect(self.main.locator(".note").first).to_contain_text(re.compile(r"\w+.*\."))
        self.look(self.page)

    def finish(self) -> None:
        """Press the button once more, and expect that it is saved, once."""
        self.press()
        expect(self.main.locator('.note[data-level="error"]')).to_have_count(0)
        assert self.form.saved(self), f"{self.form.name}: not saved"


def words_of(form: Form) -> dict[str, str]:
    """Return what is typed, other words each time."""
    number = next(numbers)
    return {label: text.format(number=number) for label, text in form.words.items()}


def items(cell: Cell, path: str, **query: str) -> list[Any]:
    found: list[Any] = cell.stand.api.get(path, params=query).raise_for_status().json()["items"]
    return found


def product_saved(cell: Cell) -> bool:
    found = items(cell, "products", q=cell.words["SKU"])
    return [each["name"] for each in found] == [cell.words["Name"]]


def product_changed(cell: Cell) -> bool:
    return bool(cell.stand.read(f"products/{cell.id}")["name"] == cell.words["Name"])


def status_changed(cell: Cell) -> bool:
    return bool(cell.stand.read(f"products/{cell.id}")["status"] == "active")


def stock_recorded(cell: Cell) -> bool:
    found = items(cell, f"products/{cell.id}/stock-movements")
    return [each["note"] for each in found] == [cell.words["Note optional"]]


def category_saved(cell: Cell) -> bool:
    found = items(cell, "categories", q=cell.words["Name"])
    return [each["name"] for each in found] == [cell.words["Name"]]


def category_changed(cell: Cell) -> bool:
    return bool(cell.stand.read(f"categories/{cell.id}")["name"] == cell.words["Name"])


def product_gone(cell: Cell) -> bool:
    return cell.stand.api.get(f"products/{cell.id}").status_code == 404


def category_gone(cell: Cell) -> bool:
    return cell.stand.api.get(f"categories/{cell.id}").status_code == 404


def signed_in(cell: Cell) -> bool:
    return bool(cell.page.get_by_role("button", name="Sign out").count())


PRODUCT, CATEGORY = "products/{id}", "categories/{id}"
MOVEMENT = {"Pieces": "7", "Reason": "received", "Note optional": "Note {number}"}
FORMS = [
    Form(
        "new product",
        lambda stand: "/products/new/",
        {"SKU": "WORDS-{number}", "Name": "Words {number}", "Amount": "19.99",
         "Description optional": "Typed by hand.\n{number} lines."},
        "^Save$",
        product_saved,
        {"Amount": "2,555"},
    ),
    Form(
        "edit product",
        lambda stand: f"/products/{stand.product()}/edit/",
        {"Name": "Words {number}", "Description optional": "Typed by hand.\n{number} lines."},
        "^Save",
        product_changed,
        {"Amount": "2,555"},
        PRODUCT,
        {"name": "Theirs"},
    ),
    Form(
        "status",
        lambda stand: f"/products/{stand.product(status='draft')}/",
        {},
        "^Mark as active$",
        status_changed,
        behind=PRODUCT,
        asks_only=True,
    ),
    Form(
        "stock of a product",
        lambda stand: f"/products/{stand.product()}/",
        MOVEMENT,
        "^Record$",
        stock_recorded,
        {"Pieces": "100000", "Reason": "sold"},
        PRODUCT,
    ),
    Form(
        "stock in its history",
        lambda stand: f"/products/{stand.product()}/stock/",
        MOVEMENT,
        "^Record$",
        stock_recorded,
        {"Pieces": "100000", "Reason": "sold"},
        PRODUCT,
    ),
    Form(
        "new category",
        lambda stand: "/categories/new/",
        {"Name": "Words {number}", "Description optional": "Typed by hand.\n{number} lines."},
        "^Save$",
        category_saved,
        {"Name": "Bakery"},
    ),
    Form(
        "edit category",
        lambda stand: f"/categories/{stand.category()}/edit/",
        {"Name": "Words {number}", "Description optional": "Typed by hand.\n{number} lines."},
        "^Save",
        category_changed,
        {"Name": "Bakery"},
        CATEGORY,
        {"name": "Theirs {number}"},
    ),
    Form(
        "delete product",
        lambda stand: f"/products/{stand.product()}/delete/",
        {},
        "^Delete",
        product_gone,
        behind=PRODUCT,
        clash={"name": "Theirs"},
        asks_only=True,
    ),
    Form(
        "delete category",
        lambda stand: f"/categories/{stand.category()}/delete/",
        {},
        "^Delete",
        category_gone,
        behind=CATEGORY,
        clash={"name": "Theirs {number}"},
        asks_only=True,
    ),
    Form(
        "sign-in",
        lambda stand: "/accounts/sign-in/",
        {"Email": EDITOR},
        "^Sign in$",
        signed_in,
    ),
]  # fmt: skip


# The troubles. Each types, gets into trouble, and expects the words.


def session_ended(cell: Cell) -> None:
    cell.type()
    cell.forget("session")
    cell.press()
    cell.sign_in()
    cell.kept()
    cell.told()
    cell.finish()


def csrf_cookie_gone(cell: Cell) -> None:
    cell.type()
    cell.forget("csrf")
    cell.press()
    cell.kept()
    cell.told()
    fill_in_password(cell)
    cell.finish()


def fill_in_password(cell: Cell) -> None:
    """A password is never kept."""
    if cell.form.name == "sign-in":
        expect(cell.page.get_by_label("Password", exact=True)).to_have_value("")
        cell.page.get_by_label("Password", exact=True).fill(PASSWORD)


def role_changed(cell: Cell) -> None:
    cell.type()
    with cell.stand.role("viewers"):
        cell.press()
        cell.kept()
        cell.told()
    cell.finish()


def deleted(cell: Cell) -> None:
    cell.type()
    path = cell.form.behind.format(id=cell.id)
    cell.stand.api.delete(path, headers={"If-Match": "*"}).raise_for_status()
    cell.press()
    cell.told()
    if cell.form.name.startswith("delete"):
        expect(cell.main.locator(".note")).to_contain_text("was deleted")
    else:
        cell.kept()


def changed_meanwhile(cell: Cell) -> None:
    cell.type()
    path = cell.form.behind.format(id=cell.id)
    if cell.form.name == "status":
        cell.stand.api.put(
            f"{path}/status", json={"status": "active"}, headers={"If-Match": "*"}
        ).raise_for_status()
    theirs = {n: str(v).format(number=next(numbers)) for n, v in cell.form.clash.items()}
    if theirs:
        cell.stand.change(path, **theirs)
    cell.press()
    cell.told()
    for text in [*cell.words.values(), *theirs.values()]:
        if "\n" not in text:
            expect(cell.main).to_contain_text(text)
    if cell.form.name == "status":
        return
    if cell.words:
        cell.main.get_by_role("radio", name=re.compile("^Yours")).first.check()
    cell.finish()


def invalid(cell: Cell) -> None:
    if cell.form.name == "sign-in":
        cell.type({**cell.words, "Password": "wrong"})
        cell.press()
    elif cell.form.wrong:
        cell.type({**cell.words, **cell.form.wrong})
        cell.press()
        cell.kept({**cell.words, **cell.form.wrong})
    else:
        with cell.stand.proxy.failing(problem(422, "Not like this."), meets=WRITES):
            cell.press()
    cell.told()
    if not cell.form.wrong:
        cell.kept()
        fill_in_password(cell)
        cell.finish()


def rate_limited(cell: Cell) -> None:
    if cell.form.name == "sign-in":
        cell.words = {"Email": f"nobody{next(numbers)}@example.com"}
        for _ in range(9):
            cell.type({**cell.words, "Password": "wrong"})
            cell.press()
        expect(cell.main).to_contain_text("Try again in")
        cell.kept()
        return
    cell.type()
    busy = problem(429, "Too many requests.", **{"Retry-After": "7"})
    with cell.stand.proxy.failing(busy, meets=WRITES):
        cell.press()
        cell.told()
    expect(cell.main).to_contain_text("Try again in 7 seconds.")
    cell.kept()
    cell.finish()


def api_refused(cell: Cell) -> None:
    cell.type()
    with cell.stand.proxy.refusing():
        cell.press()
        cell.told()
        cell.kept()
    finish_when_well(cell)


def finish_when_well(cell: Cell) -> None:
    """Press again until the site is well, as the page advises."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        cell.press()
        if cell.form.saved(cell):
            return
        cell.kept()
    raise AssertionError(f"{cell.form.name}: not saved")


def api(fault: Any) -> Callable[[Cell], None]:
    """Return the trouble of an API that answers everything so."""

    def trouble(cell: Cell) -> None:
        cell.type()
        with cell.stand.proxy.failing(fault):
            cell.press()
            cell.told()
            cell.kept()
        finish_when_well(cell)

    return trouble


def contract_broken(cell: Cell) -> None:
    cell.type()
    with cell.stand.proxy.failing(break_contract, meets=WRITES):
        cell.press()
    cell.told()
    if cell.form.name.startswith("delete"):
        assert cell.form.saved(cell)
    else:
        cell.kept()
        assert cell.form.saved(cell)


def back(cell: Cell) -> None:
    cell.type()
    cell.page.goto("/health/live")
    cell.page.go_back()
    cell.kept()
    fill_in_password(cell)
    cell.finish()


def reload(cell: Cell) -> None:
    """Without JavaScript, of the page that came back: a browser empties one that was not sent."""
    cell.type()
    if cell.script:
        cell.page.reload()
        cell.kept()
        fill_in_password(cell)
        cell.finish()
    elif cell.form.name == "sign-in":
        cell.type({"Password": "wrong"})
        cell.press()
        cell.page.reload()
        cell.kept()
    else:
        busy = problem(429, "Too many requests.", **{"Retry-After": "7"})
        with cell.stand.proxy.failing(busy, meets=WRITES):
            cell.press()
            cell.page.reload()
            cell.kept()
        cell.finish()


def tab_opened_again(cell: Cell) -> None:
    cell.type()
    fill_in_password(cell)
    cell.page.close()
    cell.open()
    cell.kept()
    cell.told()
    fill_in_password(cell)
    cell.finish()
    if cell.form.name == "sign-in":
        return
    cell.open()
    label, text = [*cell.words.items()][-1]
    if cell.form.name.startswith(("new", "stock")):
        expect(cell.main.get_by_label(label, exact=True).first).not_to_have_value(text)
    expect(cell.main.locator(".draft")).to_have_count(0)


def asked_before_leaving(cell: Cell) -> None:
    cell.type()
    cell.stays = True
    cell.page.get_by_role("link", name="Corner Shop").click(no_wait_after=True)
    while not cell.dialogs:
        cell.page.wait_for_timeout(20)
    assert cell.dialogs == ["beforeunload"]
    cell.kept()
    cell.stays = False
    cell.finish()
    assert cell.dialogs == ["beforeunload"]


TROUBLES: dict[str, Callable[[Cell], None]] = {
    "session ended": session_ended,
    "CSRF cookie gone": csrf_cookie_gone,
    "role changed (403)": role_changed,
    "deleted (404)": deleted,
    "changed meanwhile (412)": changed_meanwhile,
    "invalid (422)": invalid,
    "rate limited (429)": rate_limited,
    "API refused": api_refused,
    "API hung": api(hang),
    "API dripping": api(drip),
    "API 500": api(fail),
    "API 502 rubbish": api(rubbish),
    "API of another contract": contract_broken,
    "back": back,
    "reload": reload,
    "tab opened again": tab_opened_again,
    "question before leaving": asked_before_leaving,
}
NEEDS_SCRIPT = ("tab opened again", "question before leaving")
NOT_ASKED = "sign-in asks nothing of the API"
NOTHING_TYPED = "nothing is typed: the page asks again"
# The cells that cannot exist, and why.
IMPOSSIBLE = {
    ("new product", "deleted (404)"): "what is not there yet cannot be deleted",
    ("new category", "deleted (404)"): "what is not there yet cannot be deleted",
    ("new product", "changed meanwhile (412)"): "what is not there yet has no version",
    ("new category", "changed meanwhile (412)"): "what is not there yet has no version",
    ("stock of a product", "changed meanwhile (412)"): "movements are added, never changed",
    ("stock in its history", "changed meanwhile (412)"): "movements are added, never changed",
    ("sign-in", "session ended"): "there is no session yet",
    ("sign-in", "question before leaving"): "a password is never kept, and an address is no work",
    **{("sign-in", name): NOT_ASKED for name in TROUBLES if "API" in name or ("(4" in name and
       name not in ("invalid (422)", "rate limited (429)"))},
    **{(form.name, name): NOTHING_TYPED for form in FORMS if form.asks_only
       for name in NEEDS_SCRIPT},
}  # fmt: skip


def new_context(browser: Browser, shop: Shop, *, script: bool) -> BrowserContext:
    """Return a browser of its own."""
    return browser.new_context(base_url=shop.ui.url, java_script_enabled=script)
