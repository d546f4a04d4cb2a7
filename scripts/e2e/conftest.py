"""A running shop, a browser, and people who are signed in to it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

import browser
from history import check_out
from servers import Shop

EDITOR, VIEWER, PASSWORD = "editor@example.com", "viewer@example.com", "corner-shop-demo"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the machine's browser, else Playwright's own; CHROMIUM names another."""
    return {"executable_path": browser.find(), "args": browser.FLAGS}


@pytest.fixture(scope="session")
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """Both programs, with the sample shop; a test may ask for the UI of an earlier release."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    if release := getattr(request, "param", None):
        shop.ui.folder = check_out("web", release, tmp_path_factory.mktemp("ui"))
    shop.start()
    yield shop
    shop.stop()


SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str], StorageState]:
    """The cookies of those who have signed in, by UI and person."""
    return {}


@pytest.fixture
def sign_in(
    shop: Shop, browser: Browser, sessions: dict[tuple[str, str], StorageState]
) -> Iterator[SignIn]:
    """Open pages for people: ``sign_in(EDITOR, color_scheme="dark")``."""
    contexts: list[BrowserContext] = []

    def open_page(who: str, *, shop: Shop = shop, **options: Any) -> Page:
        state = sessions.get((shop.ui.url, who))
        context = browser.new_context(base_url=shop.ui.url, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        if state is None:
            page.goto("/")
            page.get_by_label("Email").fill(who)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
            sessions[shop.ui.url, who] = context.storage_state()
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def editor(sign_in: SignIn) -> Page:
    """The page of one who may change things."""
    return sign_in(EDITOR)


@pytest.fixture
def viewer(sign_in: SignIn) -> Page:
    """The page of one who may look."""
    return sign_in(VIEWER)


@pytest.fixture
def api(shop: Shop) -> Iterator[httpx2.Client]:
    """The API as a program calls it, with an editor's token."""
    headers = {"Authorization": f"Bearer {shop.ui.token(EDITOR)}"}
    with httpx2.Client(base_url=f"{shop.api.url}/v1/", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def online_retail() -> Path:
    """10,000 real invoice lines, where they are at hand (UCI "Online Retail", CC BY 4.0)."""
    root = Path(__file__).resolve().parents[3]
    default = root / "shared" / "data" / "online-retail-sample.csv"
    path = Path(os.environ.get("ONLINE_RETAIL_CSV", default))
    if not path.exists():
        pytest.skip("set ONLINE_RETAIL_CSV to the data set's file to run this")
    return path
