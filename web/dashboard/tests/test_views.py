import pytest

MOVED = {"day": "2026-11-23", "pieces_in": 12, "pieces_out": 3}


@pytest.fixture(autouse=True)
def statistics(api):
    """A shop in which something moved."""
    body = api.example(
        "Statistics",
        products=[{"status": "active", "count": 53}, {"status": "draft", "count": 4}],
        stock_values=[{"currency": "EUR", "amount_minor": 123456}],
        out_of_stock_count=2,
        movements=[MOVED],
        computed_at="2026-11-23T08:30:00Z",
    )
    api.plan("read_statistics", 200, body)
    return body


def test_landing_page_shows_how_the_shop_stands(editor, api):
    api.plan("list_products", 200, api.page())

    html = editor.get("/").text

    assert "€1,234.56" in html
    assert ">53</a>" in html
    assert "12 pieces came and 3 went" in html
    assert html.count("<rect") == 2


def test_without_movements_there_is_no_chart(editor, api, statistics):
    api.planned["read_statistics"] = []
    api.plan("read_statistics", 200, statistics | {"movements": [], "stock_values": []})
    api.plan("list_products", 200, api.page())

    assert "<svg viewBox" not in editor.get("/").text


def test_landing_page_shows_what_is_new_and_what_runs_out(editor, api):
    api.plan("list_products", 200, api.page(api.example("Product", name="Last mug", stock=0)))
    api.plan("list_products", 200, api.page(api.example("Product", name="New mug")))

    html = editor.get("/").text

    assert "Last mug" in html
    assert "New mug" in html
    assert [dict(r.url.params) for r in api.requests[1:]] == [
        {"status": "active", "sort": "stock", "limit": "6"},
        {"sort": "-created_at", "limit": "6"},
    ]


def test_empty_shop_is_a_page(viewer, api):
    api.plan("list_products", 200, api.page())

    html = viewer.get("/").text

    assert "No products yet." in html
    assert "New product" not in html


def test_one_must_be_signed_in(client):
    assert client.get("/").url == "/accounts/sign-in/?next=/"
