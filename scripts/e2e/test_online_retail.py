"""A real shop's month, loaded through the API and looked at in the browser.

What the file's oddities mean here: a price of 0 makes a draft, since nobody sells at that; without
a description the name is the stock code; a code with a space is a code like any other. A line with
a positive quantity is a sale, a cancelled one (its invoice begins with C) is a return, any other
negative one is a loss, which is an adjustment.
"""

import csv
import random
import re
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import httpx2
import pytest
from playwright.sync_api import Page

from conftest import EDITOR, SignIn
from servers import Shop

pytestmark = pytest.mark.long
THREADS = 8
SORTS = ["name", "-name", "sku", "-sku", "price", "-price", "stock", "-stock", "created_at",
         "-created_at"]  # fmt: skip


class Loaded(NamedTuple):
    """The shop that holds the file, and what the file says."""

    shop: Shop
    lines: list[dict[str, str]]
    opening: dict[str, int]
    report: str


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=";"))


def product(code: str, lines: list[dict[str, str]]) -> dict[str, Any]:
    names = [line["Description"].strip() for line in lines]
    prices = [round(float(line["UnitPrice"].replace(",", ".")) * 100) for line in lines]
    price = next((price for price in prices if price), 0)
    return {
        "sku": code,
        "name": next((name for name in names if name), code),
        "price": {"amount_minor": price, "currency": "GBP"},
        "status": "active" if price else "draft",
    }


def movement(line: dict[str, str]) -> dict[str, Any]:
    quantity = int(line["Quantity"])
    if line["InvoiceNo"].startswith("C"):
        reason, change = "returned", -quantity
    elif quantity > 0:
        reason, change = "sold", -quantity
    else:
        reason, change = "adjusted", quantity
    return {"quantity": change, "reason": reason, "note": f"Invoice {line['InvoiceNo']}"}


class Caller:
    """Calls the API from many threads, with a fresh token when the last one has aged."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        limits = httpx2.Limits(max_connections=THREADS, max_keepalive_connections=THREADS)
        self.client = httpx2.Client(base_url=f"{shop.api.url}/v1/", limits=limits, timeout=60)
        self.token_age = float("-inf")
        self.requests = 0

    def post(self, path: str, body: dict[str, Any]) -> Any:
        if time.monotonic() - self.token_age > 120:
            self.token_age = time.monotonic()
            self.client.headers["Authorization"] = f"Bearer {self.shop.ui.token(EDITOR)}"
        response = self.client.post(path, json=body)
        self.requests += 1
        assert response.is_success, response.text
        return response.json()


@pytest.fixture(scope="session")  # pytest runs tests without a browser apart
def loaded(online_retail: Path, tmp_path_factory: pytest.TempPathFactory):
    lines = read(online_retail)
    by_code: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in lines:
        by_code[line["StockCode"]].append(line)
    shop = Shop(tmp_path_factory.mktemp("retail"), sample=False)
    shop.start()
    caller = Caller(shop)
    started = time.monotonic()

    ids: dict[str, str] = {}
    products = [product(code, of_code) for code, of_code in by_code.items()]
    for start in range(0, len(products), 500):
        answer = caller.post("products/bulk", {"items": products[start : start + 500]})
        assert {item["outcome"] for item in answer["items"]} == {"created"}
        ids |= {item["sku"]: item["id"] for item in answer["items"]}
    bulk_seconds = time.monotonic() - started

    # Enough for every line that takes away, in whatever order they arrive.
    opening: Counter[str] = Counter(dict.fromkeys(by_code, 1))
    for line in lines:
        opening[line["StockCode"]] += max(0, -movement(line)["quantity"])

    def record(item: tuple[str, dict[str, Any]]) -> None:
        caller.post(f"products/{ids[item[0]]}/stock-movements", item[1])

    with ThreadPoolExecutor(THREADS) as pool:
        stock = [(code, {"quantity": n, "reason": "received"}) for code, n in opening.items()]
        list(pool.map(record, stock))
        list(pool.map(record, [(line["StockCode"], movement(line)) for line in lines]))
    seconds = time.monotonic() - started
    report = (
        f"{len(products)} products ({bulk_seconds:.1f} s in bulk) and {len(lines)} lines"
        f" in {caller.requests} requests, {seconds:.1f} s"
    )
    yield Loaded(shop, lines, opening, report)
    caller.client.close()
    shop.stop()


@pytest.fixture
def page(loaded: Loaded, sign_in: SignIn) -> Page:
    return sign_in(EDITOR, shop=loaded.shop)


def rows(page: Page) -> list[str]:
    return page.locator('#results td[data-label="SKU"]').all_inner_texts()


def walk(page: Page, query: str) -> list[str]:
    """Follow the links to the next page as a person does; return every SKU seen."""
    page.goto(f"/products/?{query}")
    seen = rows(page)
    while (link := page.get_by_role("link", name="Next page")).count():
        page.goto(urljoin(page.url, str(link.get_attribute("href"))))
        seen += rows(page)
    return seen


def test_the_file_is_loaded(loaded: Loaded, record_property, capsys):
    record_property("load", loaded.report)
    with capsys.disabled():
        print(f"\n  loaded {loaded.report}")

    assert len({line["StockCode"] for line in loaded.lines}) == 2015


def test_search_finds_what_a_plain_scan_of_the_file_finds(loaded: Loaded, page: Page):
    names: dict[str, str] = {}
    for line in loaded.lines:
        if name := line["Description"].strip():
            names.setdefault(line["StockCode"], name)
    expected = {code for code, name in names.items() if "T-LIGHT" in name}

    assert set(walk(page, "q=T-LIGHT")) == expected
    assert len(expected) > 50


@pytest.mark.parametrize("sort", SORTS)
def test_every_product_is_seen_once_in_each_order(loaded: Loaded, page: Page, sort):
    seen = walk(page, f"sort={sort}")

    assert len(seen) == 2015
    assert set(seen) == {line["StockCode"] for line in loaded.lines}


def test_the_stock_of_ten_products_is_the_sum_of_the_file(loaded: Loaded, page: Page):
    # Not for secrets; the same ten each time, among those that move most and a few others.
    counts = Counter(line["StockCode"] for line in loaded.lines)
    codes = [code for code, _ in counts.most_common(5)]
    codes += random.Random(7).sample(sorted(counts), 5)  # noqa: S311
    for code in codes:
        expected = loaded.opening[code]
        for invoice, quantity in (
            (line["InvoiceNo"], int(line["Quantity"]))
            for line in loaded.lines
            if line["StockCode"] == code
        ):
            if quantity < 0 and not invoice.startswith("C"):
                expected += quantity
            else:
                expected -= quantity

        page.goto(f"/products/?q={code}")
        row = page.locator("#results tbody tr").filter(has=page.get_by_text(code, exact=True))
        row.get_by_role("link").click()

        shown = page.locator("#stock .figure").first.inner_text()
        assert int(re.sub(r"\D", "", shown)) == expected, code
