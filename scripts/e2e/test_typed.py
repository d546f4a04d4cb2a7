"""Nothing that was typed is lost: every form in every trouble, with JavaScript and without."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from conftest import EDITOR
from proxies import HttpProxy
from servers import BULK_LOAD, Shop
from test_pages import problems
from typed import (
    FORMS,
    IMPOSSIBLE,
    NEEDS_SCRIPT,
    TROUBLES,
    Cell,
    Form,
    Stand,
    new_context,
    words_of,
)

MOST_IMPOSSIBLE = 1 / 5
EVERY = 19  # of the cells, one in so many is tried by default: every form, every trouble


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Both programs, with the proxy between them."""
    shop = Shop(tmp_path_factory.mktemp("typed"))
    proxy = HttpProxy(shop.api.port)
    shop.ui.environment["API_URL"] = proxy.url
    shop.api.environment["RATE_LIMIT_PER_MINUTE"] = BULK_LOAD
    shop.start()
    headers = {"Authorization": f"Bearer {shop.ui.token(EDITOR)}"}
    with httpx2.Client(base_url=f"{shop.api.url}/v1/", headers=headers, timeout=30) as client:
        client.event_hooks = {
            "request": [
                lambda r: r.headers.update({"Authorization": f"Bearer {shop.ui.token(EDITOR)}"})
            ]
        }
        yield Stand(shop, proxy, client)
    shop.stop()
    proxy.refuse()


def cells() -> Iterator[Any]:
    """Yield every cell that exists; those beyond the sample are long."""
    for script in (True, False):
        for row, form in enumerate(FORMS):
            for column, name in enumerate(TROUBLES):
                exists = (form.name, name) not in IMPOSSIBLE
                if exists and (script or name not in NEEDS_SCRIPT):
                    sampled = (row * 3 + column * 8 + script * 5) % EVERY == 0
                    marks = [] if sampled else [pytest.mark.long]
                    if name == "session ended":
                        marks.append(pytest.mark.fault("F26"))
                    yield pytest.param(
                        form,
                        name,
                        script,
                        id=f"{form.name}, {name}{'' if script else ', no script'}",
                        marks=marks,
                    )


@pytest.fixture
def context(
    browser: Browser, stand: Stand, script: bool, form: Form, signed_in: dict[bool, object]
) -> Iterator[BrowserContext]:
    """A browser of an editor; of nobody, for the sign-in."""
    context = new_context(browser, stand.shop, script=script)
    if form.name != "sign-in":
        if not signed_in:
            page = context.new_page()
            page.goto("/")
            cell = Cell.__new__(Cell)
            cell.page = page
            cell.sign_in()
            page.close()
            signed_in[True] = context.cookies()
        context.add_cookies(signed_in[True])  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture(scope="module")
def signed_in() -> dict[bool, object]:
    """The cookies of who has signed in."""
    return {}


@pytest.mark.parametrize(("form", "trouble", "script"), list(cells()))
def test_nothing_typed_is_lost(
    form: Form,
    trouble: str,
    script: bool,
    stand: Stand,
    context: BrowserContext,
    record_property,
):
    cell = Cell(form, stand, context, script=script)

    TROUBLES[trouble](cell)

    record_property("cells of forms and troubles, 0 lost", 1)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_starting_over_drops_nothing_that_is_typed_next(
    browser: Browser, stand: Stand, script: bool
):
    context = new_context(browser, stand.shop, script=script)
    first = Cell.__new__(Cell)
    first.page = context.new_page()
    first.page.goto("/")
    first.sign_in()
    form = next(form for form in FORMS if form.name == "new category")
    cell = Cell(form, stand, context, script=script)
    for _ in range(2):
        cell.type()
        cell.forget("session")
        cell.press()
        cell.sign_in()
        cell.kept()
        cell.page.get_by_role("link", name="Start over").click()
        expect(cell.main.get_by_label("Name", exact=True)).to_have_value("")
    cell.type()
    if script:
        cell.page.reload()
        cell.kept()
    cell.finish()
    context.close()


TEXTS = [form for form in FORMS if form.words and form.name != "sign-in"]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(f, id=f.name, marks=[pytest.mark.long] if i else [])
        for i, f in enumerate(TEXTS)
    ],
)
def test_two_tabs_of_a_form_are_two(form: Form, browser: Browser, stand: Stand, record_property):
    """Neither gets the other's words or key, and each gets its own when it is opened again."""
    context = new_context(browser, stand.shop, script=True)
    first = Cell.__new__(Cell)
    first.page = context.new_page()
    first.page.goto("/")
    first.sign_in()
    one = Cell(form, stand, context, script=True)
    one.type()
    two = Cell.__new__(Cell)
    vars(two).update(vars(one) | {"words": words_of(form)})
    two.open()
    expect(two.main.locator(".draft")).to_have_count(0)
    two.type()

    one.page.close()
    two.page.close()
    two.open()
    two.kept()
    one.open()
    one.kept()
    two.page.reload()
    two.kept()

    if form.name.startswith("new"):
        two.finish()
        one.finish()
    context.close()
    record_property("forms in two tabs", 1)


PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# The troubles whose pages no other one has, stopped where the page stands.
STATES = [
    ("edit product", "changed meanwhile (412)"),
    ("new product", "CSRF cookie gone"),
    ("new category", "session ended"),
    ("edit category", "deleted (404)"),
    ("status", "rate limited (429)"),
    ("stock of a product", "API 500"),
    ("new category", "tab opened again"),
]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(PHONE, "dark", id="phone, dark"),
        pytest.param(DESKTOP, "light", id="desktop, light", marks=pytest.mark.long),
    ],
)
def test_pages_of_trouble_are_accessible(
    browser: Browser, stand: Stand, size, scheme, tmp_path: Path, record_property
):
    """Each page that keeps words, when they are expected on it for the last time."""
    context = browser.new_context(base_url=stand.shop.ui.url, viewport=size, color_scheme=scheme)
    first = Cell.__new__(Cell)
    first.page = context.new_page()
    first.page.goto("/")
    first.sign_in()
    found: dict[str, list[str]] = {}
    forms = {form.name: form for form in FORMS}
    for name, trouble in STATES:
        cell = Cell(forms[name], stand, context, script=True)

        def look(page: Page, state: str = f"{name}, {trouble}") -> None:
            page.screenshot(path=tmp_path / f"{state}.png", full_page=True)
            found[state] = problems(page)

        cell.look = look
        TROUBLES[trouble](cell)
    context.close()

    assert len(found) == len(STATES)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    record_property("pages of trouble that are accessible", len(found))


def test_the_sample_has_every_form_and_every_trouble():
    sampled = [cell.values for cell in cells() if "long" not in {mark.name for mark in cell.marks}]

    assert {form.name for form, _, _ in sampled} == {form.name for form in FORMS}
    assert {trouble for _, trouble, _ in sampled} == {*TROUBLES}


def test_few_cells_cannot_exist(record_property):
    share = len(IMPOSSIBLE) / (len(FORMS) * len(TROUBLES))

    assert share <= MOST_IMPOSSIBLE
    record_property("cells cannot exist, each with its reason", len(IMPOSSIBLE))
