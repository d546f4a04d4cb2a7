def test_landing_page_shows_what_is_new_and_what_runs_out(editor, api):
    api.plan("list_products", 200, api.page(api.example("Product", name="Last mug", stock=0)))
    api.plan("list_products", 200, api.page(api.example("Product", name="New mug")))

    html = editor.get("/").text

    assert "Last mug" in html
    assert "New mug" in html
    assert [dict(r.url.params) for r in api.requests] == [
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
