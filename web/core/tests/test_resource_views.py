"""The pages of a plain resource, on widgets."""

import pytest
from django.template.loader import render_to_string

from contract.document import pinned
from contract.tests.examples import body
from core.api import bulkhead
from core.lists import ListQuery
from core.tests.page import filled
from core.tests.resource import check_resource

XSS = '"><script>alert(1)</script>'
FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}
MIXED = "כוס קפה ☕️ – فنجان"


@pytest.fixture
def data(views):
    """What is posted to create a widget."""
    return filled(
        views.create_form(initial=body("WidgetCreate")),
        name="Blue widget",
        note="",
        price="19,99",
        price_currency="EUR",
        box_id=body("Widget")["box_id"],
    )


@pytest.mark.parametrize("name", ["name", "note"])
def test_plain_resource(editor, api, views, data, monkeypatch, name):
    monkeypatch.setattr(views, "name", name)
    monkeypatch.setattr(views, "columns", (name, "price"))

    check_resource(editor, api, views, data)


class TestList:
    @pytest.fixture(autouse=True)
    def listed(self, api, widget):
        api.plan("list_widgets", 200, api.page(widget, following="n", before="p"))

    def test_shows_columns_filters_and_pages(self, editor, api):
        html = editor.get("/widgets/?q=blue").text

        for shown in (
            "Blue widget",
            "€19.99",
            "Planned",
            "?q=blue&amp;cursor=n",
            "New widget",
        ):
            assert shown in html
        assert len(api.requests) == 1

    def test_passes_on_what_the_contract_has_and_nothing_else(self, editor, api):
        asked = "q=blue&status=built&sort=-price&cursor=abc"

        editor.get(f"/widgets/?{asked}&limit=5&colour=red")

        assert sorted(api.requests[0].url.query.decode().split("&")) == sorted(asked.split("&"))

    @pytest.mark.parametrize(
        ("schema", "control"),
        [
            ({"$ref": "#/components/schemas/WidgetStatus"}, '<option value="built" selected>'),
            ({"type": "array", "items": {"enum": ["built"]}}, '<option value="built" selected>'),
            ({"anyOf": [{"enum": ["built"]}, {"type": "null"}]}, '<option value="built" selected>'),
            ({"enum": [1, 2]}, '<option value="2">2</option>'),
            ({"type": "boolean"}, '<option value="false">No</option>'),
            ({"type": "integer"}, 'type="number" value="built"'),
            ({"anyOf": [{"type": "number"}, {"type": "null"}]}, 'type="number" value="built"'),
            ({"type": "string", "format": "date"}, 'type="date" value="built"'),
            ({"type": "string"}, 'type="text" value="built"'),
        ],
        ids=str,
    )
    def test_filter_has_the_control_of_its_kind(self, rf, monkeypatch, schema, control):
        parameter = {"name": "wanted", "in": "query", "schema": schema}
        operation = pinned().operations["list_widgets"]
        monkeypatch.setitem(operation.spec, "parameters", [*operation.parameters, parameter])
        query = ListQuery(rf.get("/", {"wanted": "built"}), "list_widgets")
        context = {"filters": [query.filter("wanted")], "query": query, "may": {"": False}}

        html = render_to_string("core/list.html", context)

        assert control in html
        assert '<label for="f-wanted">Wanted</label>' in html

    def test_list_that_cannot_be_searched_has_no_box_for_it(self, editor, monkeypatch):
        operation = pinned().operations["list_widgets"]
        others = [p for p in operation.parameters if p["name"] != "q"]
        monkeypatch.setitem(operation.spec, "parameters", others)

        assert 'type="search"' not in editor.get("/widgets/").text

    @pytest.mark.parametrize(
        ("name", "control"), [("q", 'type="search"'), ("sort", 'href="?sort=name"')]
    )
    def test_deprecated_parameter_has_no_control(self, editor, monkeypatch, name, control):
        assert control in editor.get("/widgets/").text.replace("sort=-name", "sort=name")

        parameter = pinned().operations["list_widgets"].parameter(name)
        monkeypatch.setitem(parameter, "deprecated", True)

        assert control not in editor.get("/widgets/").text.replace("sort=-name", "sort=name")

    def test_htmx_receives_the_table_alone(self, editor):
        response = editor.get("/widgets/?q=blue", headers=FRAGMENT)

        assert response.text.strip().startswith('<section id="results"')
        assert response.headers["Vary"].startswith("HX-Target")

    def test_other_requests_of_htmx_receive_the_page(self, editor):
        headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

        assert "<html" in editor.get("/widgets/", headers=headers).text

    def test_headings_sort_and_turn_around(self, editor):
        html = editor.get("/widgets/?sort=-price&cursor=abc").text

        assert 'aria-sort="descending"' in html
        assert 'href="?sort=price"' in html
        assert 'href="?sort=name"' in html
        assert "sort=status" not in html
        assert 'href="?sort=-name"' in editor.get("/widgets/").text

    def test_nothing_found_offers_the_whole_list(self, editor, api):
        api.planned["list_widgets"].clear()
        api.plan("list_widgets", 200, api.page())

        assert "Show all widgets" in editor.get("/widgets/?q=zzz").text
        assert "Nothing here yet." in editor.get("/widgets/").text

    def test_part_of_a_list_that_is_gone_leads_to_its_beginning(self, editor, api):
        error = {"pointer": "#/query/cursor", "code": "x", "detail": "Cursor of another list."}
        api.planned["list_widgets"].clear()
        api.plan_problem("list_widgets", 422, errors=[error])

        response = editor.get("/widgets/?cursor=made-up")

        assert response.status_code == 422
        assert "This part of the list is not there any more. Start over." in response.text
        assert 'href="/widgets/">Start over' in response.text

    def test_status_of_a_newer_api_is_shown_as_it_is(self, editor, api, widget):
        newer = body("WidgetPage", items=[widget | {"status": "recalled"}])
        api.planned["list_widgets"] = [(200, newer, 0)]

        assert 'data-state="recalled">Recalled' in editor.get("/widgets/").text

    @pytest.mark.parametrize("text", [XSS, MIXED])
    def test_any_text_is_shown_as_text(self, editor, api, widget, text):
        api.planned["list_widgets"].clear()
        api.plan("list_widgets", 200, api.page(widget | {"name": text, "tags": [text[:20]]}))

        html = editor.get("/widgets/", {"q": text}).text

        assert "<script>alert" not in html
        assert (text in html) == (text == MIXED)


class TestDetail:
    def test_shows_every_property_by_its_kind(self, editor, api, widget, url, monkeypatch):
        for each in pinned().schemas["Widget"]["properties"].values():
            monkeypatch.delitem(each, "deprecated", raising=False)
        api.plan("read_widget", 200, widget)

        html = editor.get(url).text

        for shown in ("€19.99", "Weight in grams</dt><dd>250<", "steel, small", "<time datetime="):
            assert shown in html
        assert len(api.requests) == 1

    @pytest.mark.parametrize("part", [(), ("anyOf", 0)], ids=["itself", "all but null"])
    def test_reads_nothing_that_is_deprecated(self, editor, api, widget, url, monkeypatch, part):
        marked = pinned().schemas["Widget"]["properties"]["weight_grams"]
        for step in part:
            marked = marked[step]
        monkeypatch.setitem(marked, "deprecated", True)
        api.plan("read_widget", 200, widget)

        assert "Weight in grams" not in editor.get(url).text

    def test_viewer_has_no_button_that_writes(self, viewer, api, widget, url):
        api.plan("read_widget", 200, widget)

        html = viewer.get(url).text

        assert "edit/" not in html
        assert "delete/" not in html

    def test_unknown_one_is_a_page(self, editor, api, url):
        api.plan_problem("read_widget", 404, "No such widget.")

        response = editor.get(url)

        assert response.status_code == 404
        assert "No such widget." in response.text

    def test_no_answer_is_a_page_with_a_retry(self, editor, api, url):
        api.plan_failure("read_widget")

        response = editor.get(url)

        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert f'href="{url}">Try again' in response.text
        assert f'hx-get="{url}" hx-trigger="every 5s"' in response.text

    def test_htmx_shows_a_failure_as_the_whole_page(self, editor, api, url):
        api.plan_failure("read_widget")

        response = editor.get(url, headers={"HX-Request": "true"})

        assert response.headers["HX-Retarget"] == "#main"

    def test_other_answers_than_promised_are_a_page(self, editor, api, url):
        api.planned["read_widget"] = [(200, {"id": "1"}, 0)]

        response = editor.get(url)

        assert response.status_code == 502
        assert f"expected release {pinned().version}" in response.text

    def test_api_that_does_not_trust_us_is_a_page(self, editor, api, url):
        api.plan_problem("read_widget", 401, "Unknown issuer.")

        assert "does not accept this site" in editor.get(url).text


class TestCreate:
    def test_form_has_the_choices_given(self, editor):
        assert ">Large box</option>" in editor.get("/widgets/new/").text

    def test_sends_minor_units(self, editor, api, widget, data, url):
        api.plan("create_widget", 201, widget)

        assert editor.post("/widgets/new/", data).url == url
        assert api.sent[0]["price"] == {"amount_minor": 1999, "currency": "EUR"}

    def test_currency_with_three_decimals_keeps_them(self, editor, api, widget, data):
        api.plan("create_widget", 201, widget)

        editor.post("/widgets/new/", data | {"price": "1.234", "price_currency": "KWD"})

        assert api.sent[0]["price"] == {"amount_minor": 1234, "currency": "KWD"}

    def test_nothing_chosen_is_null(self, editor, api, widget, data):
        api.plan("create_widget", 201, widget)

        editor.post("/widgets/new/", data | {"box_id": ""})

        assert api.sent[0]["box_id"] is None

    def test_bad_values_are_never_sent_and_stay_as_typed(self, editor, api, data):
        response = editor.post("/widgets/new/", data | {"price": "2,555"})

        assert response.status_code == 422
        assert "has too many decimals: EUR has 2 decimals." in response.text
        assert 'value="2,555"' in response.text
        assert 'href="#id_price_0"' in response.text
        assert not api.sent

    def test_api_s_words_stand_beside_the_field(self, editor, api, data):
        error = {"pointer": "#/price/amount_minor", "code": "x", "detail": "Too cheap."}
        api.plan_problem("create_widget", 422, errors=[error])

        response = editor.post("/widgets/new/", data)

        assert response.context["form"].errors == {"price": ["Too cheap."]}
        assert "Error: New widget" in response.text

    def test_nothing_typed_is_lost_while_the_api_is_away(self, editor, api, data):
        api.plan_failure("create_widget")

        response = editor.post("/widgets/new/", data | {"name": MIXED})

        assert response.status_code == 503
        assert MIXED in response.text
        assert "Nothing you typed is lost, and nothing is saved twice." in response.text

    def test_form_comes_back_when_too_many_pages_wait(self, editor, data, monkeypatch):
        monkeypatch.setattr(bulkhead, "_inside", bulkhead.size)
        monkeypatch.setattr(bulkhead, "_is_quick", False)

        response = editor.post("/widgets/new/", data)

        assert response.status_code == 503
        assert 'value="Blue widget"' in response.text

    def test_viewer_is_refused_by_the_api(self, viewer, api, data):
        api.plan_problem("create_widget", 403, "widgets:write is needed.")

        response = viewer.post("/widgets/new/", data)

        assert response.status_code == 403
        assert "widgets:write is needed." in response.text


class TestDelete:
    @pytest.fixture
    def data(self):
        return {"version": "1", "name": "Blue widget"}

    def test_asks_first(self, editor, api, widget, url):
        api.plan("read_widget", 200, widget)

        assert "Delete Blue widget?" in editor.get(f"{url}delete/").text

    def test_version_changed_meanwhile_asks_again(self, editor, api, widget, url, data):
        current = widget | {"name": "Red widget", "version": 4}
        api.plan_problem("delete_widget", 412, current=current)

        response = editor.post(f"{url}delete/", data)

        assert response.status_code == 409
        assert "Delete Red widget?" in response.text
        assert response.context["form"].initial["version"] == 4

    def test_no_answer_keeps_the_question(self, editor, api, url, data):
        api.plan_failure("delete_widget")

        response = editor.post(f"{url}delete/", data)

        assert response.status_code == 503
        assert "The API did not answer. Try again." in response.text

    def test_says_that_it_is_gone(self, editor, api, url, data):
        api.plan("delete_widget", 204)
        api.plan("list_widgets", 200, api.page())

        assert "Blue widget was deleted." in editor.post(f"{url}delete/", data, follow=True).text

    def test_damaged_form_asks_again(self, editor, api, url):
        assert editor.post(f"{url}delete/", {"version": "x"}).url == f"{url}delete/"

    @pytest.mark.parametrize(
        "problem",
        [
            {"detail": "3 boxes hold it."},
            {"errors": [{"pointer": "#/", "code": "in_use", "detail": "3 boxes hold it."}]},
        ],
    )
    def test_one_in_use_says_why_it_stays(self, editor, api, url, data, problem):
        api.plan_problem("delete_widget", 409, **problem)

        response = editor.post(f"{url}delete/", data)

        assert response.status_code == 409
        assert "3 boxes hold it." in response.text
        assert "Delete Blue widget?" in response.text
