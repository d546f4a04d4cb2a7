import pytest

from contract.document import pinned
from contract.tests.examples import body
from core.tests.page import filled
from products.views import products

CHOSEN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d12"
MIXED = "כוס קפה ☕️ – فنجان"


class TestCreate:
    @pytest.fixture
    def data(self, categories):
        return filled(
            products.create_form(initial=body("ProductCreate")),
            sku="MUG-BLUE",
            name="Blue mug",
            description="",
            price="19,99",
            price_currency="EUR",
            category_id=categories["id"],
            status="draft",
        )

    def test_sends_minor_units(self, editor, api, product, data):
        api.plan("create_product", 201, product)

        response = editor.post("/products/new/", data)

        assert response.url == f"/products/{product['id']}/"
        assert api.sent[0]["price"] == {"amount_minor": 1999, "currency": "EUR"}

    def test_what_is_required_suffices(self, editor, api, product, categories):
        api.plan("create_product", 201, product)
        example, needed = body("ProductCreate"), pinned().schemas["ProductCreate"]["required"]
        form = products.create_form(initial={name: example[name] for name in needed})

        editor.post("/products/new/", filled(form, price="5", price_currency="EUR"))

        assert api.sent[0]["price"] == {"amount_minor": 500, "currency": "EUR"}

    def test_no_category_is_null(self, editor, api, product, data):
        api.plan("create_product", 201, product)

        if "category_id" in data:
            data["category_id"] = ""
        editor.post("/products/new/", data)

        assert api.sent[0].get("category_id") is None

    def test_nothing_typed_is_lost_while_the_api_is_away(self, editor, api, data):
        api.planned["list_categories"].clear()
        api.plan_failure("list_categories")
        api.plan_failure("create_product")

        typed = data | {"name": MIXED, "category_id": CHOSEN}
        response = editor.post("/products/new/", typed)

        assert response.status_code == 503
        assert MIXED in response.text
        assert f'value="{CHOSEN}" selected' in response.text
        assert "Nothing you typed is lost, and nothing is saved twice." in response.text

    def test_form_that_is_looked_at_again_is_as_typed_while_the_api_is_away(
        self, editor, api, data
    ):
        api.planned["list_categories"].clear()
        api.plan_failure("list_categories")

        typed = data | {"name": MIXED, "category_id": CHOSEN, "look": "1"}
        response = editor.post("/products/new/", typed)

        assert MIXED in response.text
        assert f'value="{CHOSEN}" selected' in response.text

    def test_categories_that_cannot_be_read_do_not_stop_a_save(self, editor, api, product, data):
        api.planned["list_categories"] = [(200, {"items": None}, 0)]
        api.plan("create_product", 201, product)

        response = editor.post("/products/new/", data)

        assert response.url == f"/products/{product['id']}/"

    def test_empty_form_is_not_shown_while_the_api_is_away(self, editor, api):
        api.plan_failure("list_categories")

        assert editor.get("/products/new/").status_code == 503
