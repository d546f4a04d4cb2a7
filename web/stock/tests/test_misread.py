"""The history of a product fails only on what it reads of the product and its movements."""

import pytest

from contract.tests.examples import body
from core.tests.misread import Pages
from core.tests.page import filled
from stock.forms import StockMovementForm

URL = "/products/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10/stock/"


@pytest.fixture
def pages(editor, api, caplog):
    return Pages(editor, api, caplog)


@pytest.mark.parametrize(
    ("page", "about"),
    [
        (URL, "read_product"),
        (URL, "list_stock_movements"),
        (URL.removesuffix("stock/"), "list_stock_movements"),
    ],
)
def test_history(pages, editor, api, page, about, pytestconfig, record_property):
    movement = api.example("StockMovement")
    answers = {
        "read_product": (200, api.example("Product")),
        "read_category": (200, api.example("Category")),
        "list_stock_movements": (200, api.page(movement, movement, before="before")),
    }

    count = pages.check(pytestconfig, lambda: editor.get(page), answers, about)

    record_property("wrong answers, read or not, on pages", count)


def test_record(pages, editor, pytestconfig, record_property):
    data = filled(StockMovementForm(initial=body("StockMovementCreate")), pieces="3")
    answers = {"create_stock_movement": (201, body("StockMovement"))}

    count = pages.check(
        pytestconfig, lambda: editor.post(URL, data), answers, "create_stock_movement"
    )

    record_property("wrong answers to what was saved", count)
