import json

import pytest


class TestEdit:
    @pytest.fixture
    def data(self, product, categories):
        return {
            "sku": product["sku"],
            "name": "Green mug",
            "description": product["description"],
            "price": "19.99",
            "price_currency": "EUR",
            "category_id": product["category_id"],
            "seen": json.dumps(product),
        }

    def test_form_shows_the_product_and_requires_what_cannot_be_empty(
        self, editor, api, product, categories, url
    ):
        api.plan("read_product", 200, product)

        form = editor.get(f"{url}edit/").context["form"]

        assert form["price"].value().items() >= {"amount_minor": 1999, "currency": "EUR"}.items()
        needed = {field.name for field in form if field.field.required}
        assert needed >= {"sku", "name", "price", "seen"}
        assert not needed & {"description", "category_id", "tags"}

    def test_sends_only_changes_with_the_version_seen(self, editor, api, product, url, data):
        api.plan("update_product", 200, product)

        assert editor.post(f"{url}edit/", data).url == url
        assert api.sent == [{"name": "Green mug"}]

    def test_moved_stock_is_no_conflict(self, editor, api, product, url, data):
        api.plan_problem("update_product", 412, current=product | {"stock": 3, "version": 7})
        api.plan("update_product", 200, product)

        assert editor.post(f"{url}edit/", data).status_code == 302
        assert [r.headers.get("If-Match") for r in api.requests][-2:] == ['"1"', '"7"']

    def test_stock_that_never_rests_is_said_after_some_tries(self, editor, api, product, url, data):
        for version in (2, 3, 4):
            api.plan_problem("update_product", 412, current=product | {"version": version})

        response = editor.post(f"{url}edit/", data)

        assert response.status_code == 409
        assert len(api.sent) == 3

    def test_conflict_shows_both_versions_and_keeps_what_was_typed(
        self, editor, api, product, url, data
    ):
        current = product | {"name": "Red mug", "description": "New.", "version": 2}
        api.plan_problem("update_product", 412, current=current)

        response = editor.post(f"{url}edit/", data)

        assert response.status_code == 409
        assert response.context["differences"] == [
            {"label": "Name", "mine": "Green mug", "theirs": "Red mug"},
            {"label": "Description", "mine": product["description"], "theirs": "New."},
        ]
        form = response.context["form"]
        assert form["name"].value() == "Green mug"
        assert form["description"].value() == "New."

    def test_saving_after_a_conflict_uses_the_new_version(self, editor, api, product, url, data):
        api.plan_problem("update_product", 412, current=product | {"name": "Red", "version": 2})
        api.plan("update_product", 200, product)
        form = editor.post(f"{url}edit/", data).context["form"]

        editor.post(f"{url}edit/", data | {"seen": form["seen"].value()})

        assert api.requests[-1].headers["If-Match"] == '"2"'
        assert api.sent[-1] == {"name": "Green mug"}

    def test_conflict_names_the_chosen_category(self, editor, api, product, url, data):
        current = product | {"category_id": None, "version": 2}
        api.plan_problem("update_product", 412, current=current)

        response = editor.post(f"{url}edit/", data)

        assert response.context["differences"][-1] == {
            "label": "Category",
            "mine": "Kitchen",
            "theirs": "None",
        }

    @pytest.mark.parametrize("seen", ["", "{", "[]", '{"version": "1"}', "[" * 100_000])
    def test_damaged_form_is_refused(self, editor, api, url, data, seen):
        response = editor.post(f"{url}edit/", data | {"seen": seen})

        assert response.status_code == 422
        assert not api.sent

    def test_refusal_shows_the_form_again(self, editor, api, url, data):
        error = {"pointer": "#/sku", "code": "taken", "detail": "SKU already in use."}
        api.plan_problem("update_product", 409, errors=[error])

        response = editor.post(f"{url}edit/", data)

        assert "SKU: SKU already in use." in response.text
        assert f'href="{url}"' in response.text
