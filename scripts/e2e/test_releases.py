"""Two teams, two days: either side a release ahead of the other."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from conftest import EDITOR, PASSWORD
from history import check_out
from servers import ROOT, Shop

PINNED = json.loads((ROOT / "web" / "contract.json").read_text())["info"]["version"]
OLD = "1.0.0"


@pytest.fixture(scope="module")
def old_api(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A UI of today, and an API that has not been released yet."""
    shop = Shop(tmp_path_factory.mktemp("old-api"))
    shop.api.folder = check_out("api", OLD, releases)
    shop.api.start("/health/live")
    shop.ui.start("/health/live")
    yield shop
    shop.stop()


@pytest.mark.fault("F17")
def test_a_ui_ahead_of_the_api_says_maintenance_and_comes_back_without_a_restart(
    old_api: Shop, browser: Browser
):
    not_ready = httpx2.get(f"{old_api.ui.url}/health/ready")
    assert not_ready.status_code == 503
    assert f"the API speaks {OLD}, I need {PINNED}" in not_ready.text

    page = browser.new_page(base_url=old_api.ui.url)
    page.goto("/")
    page.get_by_label("Email").fill(EDITOR)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("aintenance")

    old_api.api.stop()
    old_api.api.folder = ROOT / "api"
    old_api.api.start("/health/ready")

    page.goto("/products/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Products")
    assert httpx2.get(f"{old_api.ui.url}/health/ready").status_code == 200
    page.close()
