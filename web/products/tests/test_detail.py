import json

import msgspec
import pytest

from client import models
from contract.document import pinned
from products import gateway


class TestDetail:
    def test_shows_facts_category_and_next_steps(self, editor, api, detail, url):
        html = editor.get(url).text

        for shown in (
            "MUG-BLUE",
            "€19.99",
            "Kitchen",
            "Mark as active",
            "Mark as archived",
            "Record",
        ):
            assert shown in html
        assert len(api.requests) == 3

    def test_shows_what_the_contract_gains(self, editor, detail, product, url, monkeypatch):
        schema = pinned().schemas["Product"]
        gained = {"weight_grams": {"type": "integer", "title": "Weight in grams"}}
        monkeypatch.setitem(schema, "properties", schema["properties"] | gained)
        fields = [("weight_grams", int)]
        later = msgspec.defstruct("Product", fields, bases=(models.Product,), kw_only=True)
        answer = msgspec.convert(product | {"weight_grams": 1250}, later)
        monkeypatch.setattr(gateway.products, "read", lambda *_: answer)

        assert "Weight in grams</dt><dd>1,250<" in editor.get(url).text

    def test_viewer_sees_no_button_that_writes(self, viewer, detail, url):
        html = viewer.get(url).text

        for hidden in ("Mark as active", "Record", "edit/", "delete/"):
            assert hidden not in html

    def test_category_deleted_meanwhile_is_no_failure(self, editor, api, detail, url):
        api.planned["read_category"].clear()
        api.plan_problem("read_category", 404)

        assert editor.get(url).status_code == 200

    def test_product_without_category(self, editor, api, detail, product, url):
        if not api.may_answer("Product", category_id=None):
            pytest.skip("every product has a category")
        api.planned["read_product"].clear()
        api.plan("read_product", 200, product | {"category_id": None})

        assert editor.get(url).status_code == 200
        assert len(api.requests) == 2


class TestStatus:
    @pytest.fixture
    def data(self, product):
        return {"status": "active", "seen": json.dumps(product)}

    def test_step_is_taken_with_the_version_seen(self, editor, api, detail, product, url, data):
        api.plan("update_product_status", 200, product | {"status": "active"})

        response = editor.post(f"{url}status/", data, follow=True)

        assert "Blue mug is now active." in response.text
        assert api.requests[0].headers["If-Match"] == '"1"'

    def test_step_that_is_not_allowed(self, editor, api, detail, url, data):
        api.plan_problem("update_product_status", 409, "A draft cannot be archived.")

        response = editor.post(f"{url}status/", data, follow=True)

        assert "A draft cannot be archived." in response.text

    def test_step_of_what_was_deleted_offers_no_new_one(self, editor, api, detail, url, data):
        """Nothing was typed that could be used, or copied."""
        api.plan_problem("update_product_status", 404)

        response = editor.post(f"{url}status/", data, follow=True)

        assert "This was deleted meanwhile" in response.text
        assert "Use this for a new" not in response.text
        assert "Copy what" not in response.text

    def test_step_that_someone_else_took(self, editor, api, detail, product, url, data):
        current = product | {"status": "archived", "version": 2}
        api.plan_problem("update_product_status", 412, current=current)

        response = editor.post(f"{url}status/", data, follow=True)

        assert "Someone else changed it meanwhile: it is archived." in response.text
