"""The sample's pages: what the API answers to them, and everything that people do on them."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from contract.tests.examples import body
from core.tests.page import Page, posted

ID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
PRODUCT, CATEGORY = f"/products/{ID}/", f"/categories/{ID}/"
# What is asked for each page.
READS = {
    "/": ("read_statistics", "list_products"),
    "/products/?sort=sku": ("list_products", "list_categories"),
    "/products/new/": ("list_categories",),
    PRODUCT: ("read_product", "read_category", "list_stock_movements"),
    f"{PRODUCT}edit/": ("read_product", "list_categories"),
    f"{PRODUCT}delete/": ("read_product",),
    f"{PRODUCT}stock/": ("read_product", "list_stock_movements"),
    "/categories/": ("list_categories",),
    CATEGORY: ("read_category",),
    f"{CATEGORY}edit/": ("read_category",),
    f"{CATEGORY}delete/": ("read_category",),
}
Act = Callable[[], Any]


def answers(api: Any) -> dict[str, tuple[int, Any]]:
    """Return a right answer of every operation that these pages call."""
    product = api.example("Product", id=ID, name="Blue mug", next_statuses=["active"])
    category, movement = api.example("Category", id=ID, name="Kitchen"), body("StockMovement")
    statistics = body(
        "Statistics",
        products=[{"status": "active"}],
        stock_values=[{"currency": "EUR"}],
        lowest_stock=[{"stock": 1}],
        movements=[{"day": "2026-11-23", "pieces_in": 3}],
        categories=[{"count": 2}],
    )
    around = {"following": "next", "before": "before"}
    return {
        "read_statistics": (200, statistics),
        "list_products": (200, api.page(product, **around)),
        "read_product": (200, product),
        "create_product": (201, product),
        "update_product": (200, product),
        "update_product_status": (200, product),
        "delete_product": (204, None),
        # The filter of products asks for one page after the other.
        "list_categories": (200, api.page(category, before="before")),
        "read_category": (200, category),
        "create_category": (201, category),
        "update_category": (200, category),
        "delete_category": (204, None),
        "list_stock_movements": (200, api.page(movement, movement, **around)),
        "create_stock_movement": (201, movement),
    }


def writes(client: Any, api: Any) -> dict[str, list[Act]]:
    """Return what sends each write: all fields, few of them, or each one changed alone."""
    product = answers(api)["read_product"][1]
    data = {"version": "1", "name": "Blue mug"}

    def send(url: str, page: str, **typed: Any) -> Act:
        needed = {
            field["name"]: "7"  # a later release may ask for more than is typed here
            for field in Page(page).all("input", "textarea")
            if "required" in field and not field.get("value")
        }
        return lambda: client.post(url, posted(page, **needed | typed))

    def page(url: str) -> str:
        text: str = client.get(url).text
        return text

    new, edit = page("/products/new/"), page(f"{PRODUCT}edit/")
    all_of_it = {"sku": "MUG-BLUE", "name": "Blue mug", "price": "19,99", "price_currency": "EUR"}
    more = {"description": "Blue.", "tags": "blue, new", "category_id": ID, "status": "draft"}
    changes = {"sku": "MUG-RED", "name": "Red mug", "description": "Red.", "price": "5,00"}
    changes |= {"category_id": "", "tags": "red"}
    fields = {field["name"] for field in Page(edit).all("input", "textarea", "select")}
    movement = {"quantity": "3", "reason": "received"}
    return {
        "create_product": [
            send("/products/new/", new, **all_of_it, **more),
            send("/products/new/", new, **all_of_it, category_id=""),
        ],
        "update_product": [
            send(f"{PRODUCT}edit/", edit, **{name: value})
            for name, value in changes.items()
            if name in fields
        ],
        "update_product_status": [
            lambda: client.post(
                f"{PRODUCT}status/", {"status": "active", "seen": json.dumps(product)}
            )
        ],
        "delete_product": [lambda: client.post(f"{PRODUCT}delete/", data)],
        "create_category": [
            send("/categories/new/", page("/categories/new/"), name="Kitchen", description="Pots."),
            send("/categories/new/", page("/categories/new/"), name="Kitchen"),
        ],
        "update_category": [
            send(f"{CATEGORY}edit/", page(f"{CATEGORY}edit/"), name="Bath"),
            send(f"{CATEGORY}edit/", page(f"{CATEGORY}edit/"), description="Towels."),
        ],
        "delete_category": [lambda: client.post(f"{CATEGORY}delete/", data)],
        "create_stock_movement": [
            send(f"{PRODUCT}stock/", page(f"{PRODUCT}stock/"), **movement, note="New."),
            send(f"{PRODUCT}stock/", page(f"{PRODUCT}stock/"), **movement),
        ],
    }


def reads(client: Any) -> list[Act]:
    """Return what asks for each page, and for each list by each of its parameters."""
    asked = {
        "/products/": f"q=mug sort=sku status=active category_id={ID} tag=blue cursor=next".split(),
        "/categories/": ["q=kit", "sort=-name", "cursor=next"],
        f"{PRODUCT}stock/": ["cursor=next"],
    }
    urls = [*READS, *(f"{url}?{query}" for url, queries in asked.items() for query in queries)]
    return [partial(client.get, url) for url in urls]
