"""Every page, for everyone: accessible, no wider than a phone, nothing blocked by the policy."""

from pathlib import Path

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

from conftest import EDITOR, SignIn
from servers import Shop

MOST_KIB, MOST_REQUESTS = 60, 5  # of a first visit
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PATHS = {
    "home": "/",
    "products": "/products/",
    "nothing found": "/products/?q=nothing-has-this-name",
    "product": "/products/{product}/",
    "new product": "/products/new/",
    "edit product": "/products/{product}/edit/",
    "delete product": "/products/{product}/delete/",
    "categories": "/categories/",
    "new category": "/categories/new/",
    "edit category": "/categories/{category}/edit/",
    "not found": "/products/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10/",
}


@pytest.fixture
def paths(api: httpx2.Client) -> dict[str, str]:
    product = api.get("products", params={"q": "BAK-SOUR"}).json()["items"][0]["id"]
    category = api.get("categories").json()["items"][0]["id"]
    return {name: path.format(product=product, category=category) for name, path in PATHS.items()}


def problems(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(PHONE, "light", id="phone, light"),
        pytest.param(DESKTOP, "dark", id="desktop, dark"),
        pytest.param(PHONE, "dark", id="phone, dark", marks=pytest.mark.long),
        pytest.param(DESKTOP, "light", id="desktop, light", marks=pytest.mark.long),
    ],
)
def test_every_page_is_accessible_fits_and_breaks_no_policy(
    sign_in: SignIn, paths, size, scheme, tmp_path: Path
):
    page = sign_in(EDITOR, color_scheme=scheme, viewport=size)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    found = {}
    for name, path in paths.items():
        page.goto(path)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        found[name] = problems(page) + ([f"{overflow} px too wide"] if overflow > 0 else [])

    assert {name: list for name, list in found.items() if list} == {}
    assert [text for text in messages if "404" not in text] == []


def test_the_sign_in_page_is_accessible(shop: Shop, browser: Browser):
    page = browser.new_page()
    page.goto(shop.ui.url)

    assert problems(page) == []
    page.close()


def first_visit(page: Page, path: str) -> tuple[float, int]:
    """Return the KiB and the requests of a page that is opened with an empty cache."""
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))
    page.goto(path, wait_until="load")
    sizes = [request.sizes() for request in loaded]
    weight = sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)
    page.context.close()
    return weight / 1024, len(loaded)


def test_first_visit_of_every_page_is_light(sign_in: SignIn, paths):
    sign_in(EDITOR)  # so that each page below is signed in, and its cache is empty
    weights = {name: first_visit(sign_in(EDITOR), path) for name, path in paths.items()}

    heavy = {n: w for n, w in weights.items() if w[0] > MOST_KIB or w[1] > MOST_REQUESTS}
    assert heavy == {}
