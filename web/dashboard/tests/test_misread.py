"""The landing page fails only on what it reads of the statistics and the newest products."""

import pytest

from contract.tests.examples import body
from core.tests.misread import Pages


@pytest.mark.parametrize("about", ["read_statistics", "list_products"])
def test_landing_page(editor, api, caplog, about, pytestconfig, record_property):
    statistics = body(
        "Statistics",
        products=[{"status": "active"}],
        stock_values=[{"currency": "EUR"}],
        lowest_stock=[{"stock": 1}],
        movements=[{"day": "2026-11-23", "pieces_in": 3}],
        categories=[{"count": 2}],
    )
    answers = {
        "read_statistics": (200, statistics),
        "list_products": (200, api.page(api.example("Product"))),
    }

    count = Pages(editor, api, caplog).check(pytestconfig, lambda: editor.get("/"), answers, about)

    record_property("wrong answers, read or not, on pages", count)
