import pytest

from contract.document import pinned

MOVED = {"day": "2026-11-23", "pieces_in": 12, "pieces_out": 3}
KITCHEN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
UNSORTED = {"category_id": None, "name": "", "count": 13}


@pytest.fixture(autouse=True)
def statistics(api):
    """A shop in which something moved."""
    body = api.example(
        "Statistics",
        products=[{"status": "active", "count": 53}, {"status": "draft", "count": 4}],
        stock_values=[{"currency": "EUR", "amount_minor": 123456}],
        out_of_stock_count=2,
        categories=[{"category_id": KITCHEN, "name": "Kitchen", "count": 40}, UNSORTED],
        lowest_stock=[api.example("LowStock", name="Last mug", stock=0)],
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
    assert html.count('<rect class="') == 2


def test_categories_are_written_and_drawn(editor, api):
    api.plan("list_products", 200, api.page())

    html = editor.get("/").text

    assert f'?category_id={KITCHEN}">Kitchen</a><span class="number">40</span>' in html
    assert html.count('<rect width="100.0"') == 1


def test_without_movements_there_is_no_chart(editor, api, statistics):
    api.planned["read_statistics"] = []
    api.plan("read_statistics", 200, statistics | {"movements": [], "stock_values": []})
    api.plan("list_products", 200, api.page())

    assert "Nothing came or went." in editor.get("/").text


def test_landing_page_shows_what_is_new_and_what_runs_out(editor, api):
    api.plan("list_products", 200, api.page(api.example("Product", name="New mug")))

    html = editor.get("/").text

    assert "Last mug" in html
    assert "New mug" in html
    assert dict(api.requests[1].url.params) == {"sort": "-created_at", "limit": "6"}


def test_empty_shop_is_a_page(viewer, api, statistics):
    api.planned["read_statistics"] = []
    empty = ("products", "stock_values", "categories", "lowest_stock", "movements")
    api.plan("read_statistics", 200, statistics | {name: [] for name in empty})
    api.plan("list_products", 200, api.page())

    html = viewer.get("/").text

    assert "No products yet." in html
    assert "No active products yet." in html
    # A viewer lacks the scope, unless a release asks for none.
    assert ("New product" in html) == (not pinned().operations["create_product"].scopes)


def test_one_must_be_signed_in(client):
    assert client.get("/").url == "/accounts/sign-in/?next=/"
