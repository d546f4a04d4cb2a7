"""Products fail only on what they read of products and categories."""

import json

import pytest

from core.tests.misread import Pages

URL = "/products/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10/"
READS = {
    "/products/?sort=sku": ("list_products", "list_categories"),
    "/products/new/": ("list_categories",),
    URL: ("read_product", "read_category"),
    f"{URL}edit/": ("read_product", "list_categories"),
    f"{URL}delete/": ("read_product",),
}
CASES = [(url, about) for url, read in READS.items() for about in read]


@pytest.fixture
def answers(api, product):
    category = api.example("Category", name="Kitchen")
    return {
        "list_products": (200, api.page(product, following="next", before="before")),
        "list_categories": (200, api.page(category)),
        "read_product": (200, product),
        "read_category": (200, category),
    }


@pytest.mark.usefixtures("detail")
@pytest.mark.parametrize(("page", "about"), CASES)
def test_pages(editor, api, caplog, answers, page, about, pytestconfig, record_property):
    pages = Pages(editor, api, caplog)

    count = pages.check(pytestconfig, lambda: editor.get(page), answers, about)

    record_property("wrong answers, read or not, on pages", count)


def test_next_status(editor, api, caplog, product, pytestconfig, record_property):
    pages, data = Pages(editor, api, caplog), {"status": "active", "seen": json.dumps(product)}
    answers = {"update_product_status": (200, product)}

    count = pages.check(
        pytestconfig, lambda: editor.post(f"{URL}status/", data), answers, "update_product_status"
    )

    record_property("wrong answers to what was saved", count)
