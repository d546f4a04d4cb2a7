import json

import pytest

XSS = '"><script>alert(1)</script>'
FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}
MIXED = "כוס קפה ☕️ – فنجان"


@pytest.fixture
def product(api):
    return api.example("Product", name="Blue mug", next_statuses=["active", "archived"])


@pytest.fixture
def url(product):
    return f"/products/{product['id']}/"


@pytest.fixture
def categories(api):
    category = api.example("Category", name="Kitchen")
    api.plan("list_categories", 200, api.page(category))
    return category


@pytest.fixture
def detail(api, product):
    """Plan everything that a product's own page asks."""
    api.plan("read_product", 200, product)
    api.plan("read_category", 200, api.example("Category", name="Kitchen"))
    api.plan("list_stock_movements", 200, api.page())


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

    def test_other_requests_of_htmx_receive_the_page(self, editor, api, product, categories):
        api.plan("list_products", 200, api.page(product))
        headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

        assert "<html" in editor.get("/products/", headers=headers).text

    def test_headings_sort_and_turn_around(self, editor, api, product, categories):
        api.plan("list_products", 200, api.page(product))

        html = editor.get("/products/?sort=-price&cursor=abc").text

        assert 'aria-sort="descending"' in html
        assert 'href="?sort=price"' in html
        assert 'href="?sort=stock"' in html
        assert "sort=status" not in html
        assert 'href="?sort=-name"' in editor.get("/products/").text

    def test_nothing_found_offers_the_whole_list(self, editor, api, categories):
        api.plan("list_products", 200, api.page())

        assert "Show all products" in editor.get("/products/?q=zzz").text
        assert "Nothing here yet." in editor.get("/products/").text

    def test_bad_cursor_is_said_in_the_api_s_words(self, editor, api, categories):
        error = {"pointer": "#/query/cursor", "code": "x", "detail": "Cursor of another list."}
        api.plan_problem("list_products", 422, errors=[error])

        response = editor.get("/products/?cursor=made-up")

        assert response.status_code == 422
        assert "Cursor of another list." in response.text
        assert 'href="/products/">Start over' in response.text

    def test_status_of_a_newer_api_is_shown_as_it_is(self, editor, api, product, categories):
        product["status"] = "recalled"
        api.planned["list_products"] = [(200, api.page(product))]

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

    def test_endless_categories_are_cut(self, editor, api, product):
        api.plan("list_categories", 200, api.page(api.example("Category"), following="more"))
        api.plan("list_products", 200, api.page(product))

        editor.get("/products/")

        assert len(api.requests) == 11

    @pytest.mark.parametrize("text", [XSS, MIXED])
    def test_any_text_is_shown_as_text(self, editor, api, product, categories, text):
        api.plan("list_products", 200, api.page(product | {"name": text, "sku": text[:60]}))

        html = editor.get("/products/", {"q": text}).text

        assert "<script>alert" not in html
        assert (text in html) == (text == MIXED)


class TestDetail:
    def test_shows_facts_category_and_next_steps(self, editor, api, detail, url):
        html = editor.get(url).text

        for shown in ("MUG-BLUE", "€19.99", "Kitchen", "Make active", "Make archived", "Record"):
            assert shown in html
        assert len(api.requests) == 3

    def test_viewer_sees_no_button_that_writes(self, viewer, detail, url):
        html = viewer.get(url).text

        for hidden in ("Make active", "Record", "edit/", "delete/"):
            assert hidden not in html

    def test_category_deleted_meanwhile_is_no_failure(self, editor, api, detail, url):
        api.planned["read_category"].clear()
        api.plan_problem("read_category", 404)

        assert editor.get(url).status_code == 200

    def test_product_without_category(self, editor, api, detail, product, url):
        api.planned["read_product"] = [(200, product | {"category_id": None})]

        assert editor.get(url).status_code == 200
        assert len(api.requests) == 2

    def test_unknown_product_is_a_page(self, editor, api, url):
        api.plan_problem("read_product", 404, "No such product.")

        response = editor.get(url)

        assert response.status_code == 404
        assert "No such product." in response.text

    def test_no_answer_is_a_page_with_a_retry(self, editor, api, url):
        api.plan_failure("read_product")

        response = editor.get(url)

        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert f'href="{url}">Try again' in response.text
        assert f'hx-get="{url}" hx-trigger="every 5s"' in response.text

    def test_htmx_shows_a_failure_as_the_whole_page(self, editor, api, url):
        api.plan_failure("read_product")

        response = editor.get(url, headers={"HX-Request": "true"})

        assert response.headers["HX-Retarget"] == "#main"

    def test_other_answers_than_promised_are_a_page(self, editor, api, url):
        api.planned["read_product"] = [(200, {"id": "1"})]

        response = editor.get(url)

        assert response.status_code == 502
        assert "release 1.0.0 of the contract" in response.text

    def test_api_that_does_not_trust_us_is_a_page(self, editor, api, url):
        api.plan_problem("read_product", 401, "Unknown issuer.")

        assert "does not accept the tokens" in editor.get(url).text


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

    def test_step_that_someone_else_took(self, editor, api, detail, product, url, data):
        current = product | {"status": "archived", "version": 2}
        api.plan_problem("update_product_status", 412, current=current)

        response = editor.post(f"{url}status/", data, follow=True)

        assert "Someone else changed it meanwhile: it is archived." in response.text


class TestCreate:
    @pytest.fixture
    def data(self, categories):
        return {
            "sku": "MUG-BLUE",
            "name": "Blue mug",
            "description": "",
            "price": "19,99",
            "price_currency": "EUR",
            "category_id": categories["id"],
            "status": "draft",
        }

    def test_form_has_the_contract_s_limits(self, editor, categories):
        html = editor.get("/products/new/").text

        assert 'maxlength="64"' in html
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
        assert "nothing you typed is lost" in response.text

    def test_empty_form_is_not_shown_while_the_api_is_away(self, editor, api):
        api.plan_failure("list_categories")

        assert editor.get("/products/new/").status_code == 503

    def test_viewer_is_refused_by_the_api(self, viewer, api, data):
        api.plan_problem("create_product", 403, "products:write is needed.")

        response = viewer.post("/products/new/", data)

        assert response.status_code == 403
        assert "products:write is needed." in response.text


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

        assert form["price"].value() == product["price"]
        assert [f.name for f in form if f.field.required] == ["sku", "name", "price", "seen"]

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
        assert "Nothing was deleted" in response.text

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
