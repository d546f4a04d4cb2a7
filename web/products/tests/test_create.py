import pytest

from contract.document import pinned
from contract.tests.examples import body
from core.tests.page import filled
from products.views import products

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

    def test_form_has_the_contract_s_limits(self, editor, categories):
        html = editor.get("/products/new/").text

        longest = pinned().schemas["ProductCreate"]["properties"]["sku"]["maxLength"]
        assert f'maxlength="{longest}"' in html
        assert ">Kitchen</option>" in html

    def test_sends_minor_units(self, editor, api, product, data):
        api.plan("create_product", 201, product)

        response = editor.post("/products/new/", data)

        assert response.url == f"/products/{product['id']}/"
        assert api.sent[0]["price"] == {"amount_minor": 1999, "currency": "EUR"}

    def test_no_category_is_null(self, editor, api, product, data):
        api.plan("create_product", 201, product)

        editor.post("/products/new/", data | {"category_id": ""})

        assert api.sent[0]["category_id"] is None

    def test_part_of_a_cent_is_refused_and_stays_as_typed(self, editor, api, data):
        response = editor.post("/products/new/", data | {"price": "2,555"})

        assert response.status_code == 422
        assert "is no whole number of minor units: EUR has 2 decimals." in response.text
        assert 'value="2,555"' in response.text
        assert 'href="#id_price_0"' in response.text
        assert not api.sent

    def test_api_s_words_stand_beside_the_field(self, editor, api, data):
        error = {"pointer": "#/price/amount_minor", "code": "x", "detail": "Too cheap."}
        api.plan_problem("create_product", 422, errors=[error])

        response = editor.post("/products/new/", data)

        assert response.context["form"].errors == {"price": ["Too cheap."]}
        assert "Error: New product" in response.text

    def test_nothing_typed_is_lost_while_the_api_is_away(self, editor, api, data):
        api.planned["list_categories"].clear()
        api.plan_failure("list_categories")
        api.plan_failure("create_product")

        response = editor.post("/products/new/", data | {"name": MIXED})

        assert response.status_code == 503
        assert MIXED in response.text
        assert f'value="{data["category_id"]}" selected' in response.text
        assert "Nothing you typed is lost, and nothing is saved twice." in response.text

    def test_empty_form_is_not_shown_while_the_api_is_away(self, editor, api):
        api.plan_failure("list_categories")

        assert editor.get("/products/new/").status_code == 503

    def test_viewer_is_refused_by_the_api(self, viewer, api, data):
        api.plan_problem("create_product", 403, "products:write is needed.")

        response = viewer.post("/products/new/", data)

        assert response.status_code == 403
        assert "products:write is needed." in response.text


class TestDelete:
    @pytest.fixture
    def data(self):
        return {"version": "1", "name": "Blue mug"}

    def test_asks_first(self, editor, api, product, url):
        api.plan("read_product", 200, product)

        assert "Delete Blue mug?" in editor.get(f"{url}delete/").text

    def test_version_changed_meanwhile_asks_again(self, editor, api, product, url, data):
        current = product | {"name": "Red mug", "version": 4}
        api.plan_problem("delete_product", 412, current=current)

        response = editor.post(f"{url}delete/", data)

        assert response.status_code == 409
        assert "Delete Red mug?" in response.text
        assert response.context["form"].initial["version"] == 4

    def test_no_answer_keeps_the_question(self, editor, api, url, data):
        api.plan_failure("delete_product")

        response = editor.post(f"{url}delete/", data)

        assert response.status_code == 503
        assert "The API did not answer. Try again." in response.text

    def test_says_that_it_is_gone(self, editor, api, categories, url, data):
        api.plan("delete_product", 204)
        api.plan("list_products", 200, api.page())

        assert "Blue mug was deleted." in editor.post(f"{url}delete/", data, follow=True).text

    def test_damaged_form_asks_again(self, editor, api, url):
        assert editor.post(f"{url}delete/", {"version": "x"}).url == f"{url}delete/"

    def test_field_errors_are_said(self, editor, api, url, data):
        error = {"pointer": "#/", "code": "in_use", "detail": "It has stock movements."}
        api.plan_problem("delete_product", 409, errors=[error])

        assert "It has stock movements." in editor.post(f"{url}delete/", data).text
