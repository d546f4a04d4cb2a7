"""A running shop, a browser, and people who are signed in to it."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

import browser
from history import check_out
from servers import Shop

pytest_plugins = ["fault_table", "world"]
EDITOR, VIEWER, PASSWORD = "editor@example.com", "viewer@example.com", "corner-shop-demo"
# Two of these together are long: each is watched alone.
COMBINED = {"earlier_ui", "no_javascript"}

GetShop = Callable[[str | None], Shop]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="what takes long too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is long, unless it is asked for."""
    if config.getoption("--long"):
        return
    long = [item for item in items if is_long({mark.name for mark in item.iter_markers()})]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def is_long(marks: set[str]) -> bool:
    return "long" in marks or marks >= COMBINED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests counted: ``record_property(what, number)``."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for what, number in report.user_properties if report.when == "call" else ():
            counts[what] += number
    for what, number in counts.items():
        terminalreporter.write_line(f"{number:,} {what}")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the machine's browser, else Playwright's own; CHROMIUM names another."""
    return {"executable_path": browser.find(), "args": browser.FLAGS}


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that earlier releases are checked out into, once for all tests."""
    return tmp_path_factory.mktemp("releases")


@pytest.fixture(scope="session")
def shops(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GetShop]:
    """Both programs with the sample shop, started when a test first asks for this UI's release."""
    started: dict[str | None, Shop] = {}

    def get(release: str | None) -> Shop:
        if release not in started:
            shop = started[release] = Shop(tmp_path_factory.mktemp("shop"))
            if release:
                shop.ui.folder = check_out("web", release, releases)
            shop.start()
        return started[release]

    yield get
    for shop in started.values():
        shop.stop()


@pytest.fixture(scope="session")
def shop(request: pytest.FixtureRequest, shops: GetShop) -> Shop:
    """Today's programs; a test's parameter asks for the UI of an earlier release."""
    return shops(getattr(request, "param", None))


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
