from contract.tests.examples import body
from products import gateway

XSS = '"><script>alert(1)</script>'
FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}
MIXED = "כוס קפה ☕️ – فنجان"


class TestList:
    def test_shows_what_the_shop_sells(self, editor, api, product, categories):
        api.plan("list_products", 200, api.page(product, following="n", before="p"))

        html = editor.get("/products/?q=mug").text

        for shown in (
            "Blue mug",
            "MUG-BLUE",
            "€19.99",
            "Draft",
            "?q=mug&amp;cursor=n",
            "New product",
        ):
            assert shown in html
        assert len(api.requests) == 2

    def test_passes_on_what_the_contract_has_and_nothing_else(
        self, editor, api, product, categories
    ):
        api.plan("list_products", 200, api.page(product))
        asked = "q=mug&status=active&sort=-price&cursor=abc&category_id=" + product["category_id"]

        editor.get(f"/products/?{asked}&limit=&colour=red")

        assert sorted(api.requests[0].url.query.decode().split("&")) == sorted(asked.split("&"))

    def test_htmx_receives_the_table_alone(self, editor, api, product):
        api.plan("list_products", 200, api.page(product))

        response = editor.get("/products/?q=mug", headers=FRAGMENT)

        assert response.text.strip().startswith('<section id="results"')
        assert response.headers["Vary"].startswith("HX-Target")
        assert len(api.requests) == 1

    def test_out_of_stock_are_the_first_by_stock(self, editor, api, product):
        left = [product | {"name": name, "stock": n} for name, n in (("Cup", 0), ("Pot", 3))]
        api.plan("list_products", 200, api.page(*left, following="n"))

        page = editor.get("/products/out-of-stock/").text

        assert "Cup" in page
        assert "Pot" not in page
        assert "Next page" not in page
        assert "sort=stock" in api.requests[0].url.query.decode()

    def test_more_are_out_of_stock_than_a_page_has(self, editor, api, product):
        api.plan("list_products", 200, api.page(product | {"stock": 0}, following="n"))

        assert "?cursor=n" in editor.get("/products/out-of-stock/").text

    def test_nothing_is_out_of_stock(self, editor, api, product):
        api.plan("list_products", 200, api.page(product | {"stock": 1}))

        assert "there are some left" in editor.get("/products/out-of-stock/").text

    def test_status_of_a_newer_api_is_shown_as_it_is(self, editor, api, product, categories):
        product["status"] = "recalled"
        api.planned["list_products"] = [(200, body("ProductPage", items=[product]), 0)]

        assert 'data-state="recalled">Recalled' in editor.get("/products/").text

    def test_every_category_can_be_chosen(self, editor, api, product, categories):
        first = api.example("Category", name="Tea")
        api.planned["list_categories"].clear()
        api.plan("list_categories", 200, api.page(first, following="2"))
        api.plan("list_categories", 200, api.page(categories))
        api.plan("list_products", 200, api.page(product))

        html = editor.get("/products/").text

        assert ">Tea</option>" in html
        assert ">Kitchen</option>" in html

    def test_endless_categories_are_cut(self, editor, api, product, monkeypatch):
        monkeypatch.setattr(gateway, "MOST_CATEGORIES", 3)
        api.plan("list_categories", 200, api.page(api.example("Category"), following="more"))
        api.plan("list_products", 200, api.page(product))

        editor.get("/products/")

        assert len(api.requests) == 4
