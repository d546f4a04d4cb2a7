"""The contract's reference in a browser: accessible, fits a phone, is searched by keyboard."""

import subprocess
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize

ROOT = Path(__file__).resolve().parents[2] / "contracts"
PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=900)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("site") / "reference.html"
    command = [str(ROOT / "scripts" / "contract"), "docs", "openapi.json", "--out", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return file.as_uri()


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(PHONE, "dark", id="phone, dark"),
        pytest.param(DESKTOP, "light", id="desktop, light"),
        pytest.param(PHONE, "light", id="phone, light", marks=pytest.mark.long),
        pytest.param(DESKTOP, "dark", id="desktop, dark", marks=pytest.mark.long),
    ],
)
def test_it_is_accessible_fits_and_breaks_no_policy(browser: Browser, address, size, scheme):
    page = browser.new_page(viewport=size, color_scheme=scheme)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(address)

    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert messages == []
    page.close()


def test_what_is_searched_is_found_and_opened_by_keyboard(browser: Browser, address):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(address)

    page.keyboard.press("/")
    page.keyboard.type("identity read")
    assert page.locator("#found").inner_text() == "1 found"
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    assert page.url.endswith("#read-identity")
    page.close()


def test_an_address_opens_the_response_that_it_names(browser: Browser, address):
    page = browser.new_page()
    page.goto(f"{address}#read-identity-200")

    assert page.locator("#read-identity-200").get_attribute("open") is not None
    page.close()
