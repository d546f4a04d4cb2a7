"""A page fails only on what it reads: each field of each answer is wrong in each way."""

import pytest

from contract.tests.examples import body
from core.tests.misread import Pages, changed
from core.tests.page import filled, posted
from tests.sampling import sample

NEXT, BEFORE = "next", "before"


@pytest.fixture
def pages(editor, api, caplog):
    return Pages(editor, api, caplog)


@pytest.fixture
def listed(api, widget):
    return api.page(widget, api.example("Widget"), following=NEXT, before=BEFORE)


@pytest.fixture
def typed(views):
    return filled(views.create_form(initial=body("WidgetCreate")), name="Blue widget")


def get(client, url):
    return lambda: client.get(url)


def test_pages_of_a_list(pages, editor, listed, pytestconfig, record_property):
    page = get(editor, "/widgets/?cursor=here")

    count = pages.check(pytestconfig, page, {"list_widgets": (200, listed)}, "list_widgets")

    record_property("wrong answers, read or not, on pages", count)


@pytest.mark.parametrize("page", ["", "edit/", "delete/"])
def test_pages_of_one(pages, editor, url, widget, page, pytestconfig, record_property):
    answers = {"read_widget": (200, widget)}

    count = pages.check(pytestconfig, get(editor, f"{url}{page}"), answers, "read_widget")

    record_property("wrong answers, read or not, on pages", count)


def test_landing_page(pages, editor, pytestconfig, record_property):
    answers = {"read_identity": (200, body("Identity", scopes=["a", "b"]))}

    count = pages.check(pytestconfig, get(editor, "/"), answers, "read_identity")

    record_property("wrong answers, read or not, on pages", count)


def test_value_that_a_condition_swallows_fails_the_page(editor, api, listed):
    api.plan("list_widgets", 200, listed)
    api.planned["list_widgets"] = [(200, listed | {"next_cursor": 7}, 0)]

    response = editor.get("/widgets/")

    assert response.status_code == 502
    assert "list_widgets: next_cursor cannot be read" in response.text


def test_text_of_another_format_that_breaks_a_page_is_named(editor, api, listed, caplog):
    api.plan("list_widgets", 200, listed)
    listed["items"][1]["id"] = "not an id"
    api.planned["list_widgets"] = [(200, listed, 0)]

    response = editor.get("/widgets/")

    assert response.status_code == 502
    assert "list_widgets: items[1].id is no uuid" in response.text.replace("&#x27;", "'")
    assert "a page broke over list_widgets: items[1].id is no uuid: 'not an id'" in caplog.messages


def test_defect_of_our_own_is_no_fault_of_the_api(editor, api, listed, views, monkeypatch):
    api.plan("list_widgets", 200, listed)
    monkeypatch.setattr(type(views), "headings", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        editor.get("/widgets/")


class TestWrites:
    """What was saved was saved: the page says so, and nothing is sent twice."""

    def test_create(self, pages, editor, widget, typed, pytestconfig, record_property):
        answers = {"create_widget": (201, widget)}

        count = pages.check(
            pytestconfig, lambda: editor.post("/widgets/new/", typed), answers, "create_widget"
        )

        record_property("wrong answers to what was saved", count)

    def test_edit(self, pages, api, editor, url, widget, pytestconfig, record_property):
        api.plan("read_widget", 200, widget)
        data = posted(editor.get(f"{url}edit/").text, name="Red widget")
        answers = {"update_widget": (200, widget)}

        count = pages.check(
            pytestconfig, lambda: editor.post(f"{url}edit/", data), answers, "update_widget"
        )

        record_property("wrong answers to what was saved", count)


PROBLEM = {
    "type": "/problems/some",
    "title": "Some problem",
    "detail": "Because.",
    "instance": "/v1/some",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "errors": [{"pointer": "#/name", "code": "x", "detail": "Too blue."}],
}


class TestRefusals:
    @pytest.mark.parametrize("status", [403, 404])
    def test_of_a_read(self, pages, editor, url, status, pytestconfig, record_property):
        answers = {"read_widget": (status, PROBLEM | {"status": status})}

        count = pages.check(pytestconfig, get(editor, url), answers, "read_widget")

        record_property("wrong refusals", count)

    @pytest.mark.parametrize("status", [409, 422])
    def test_of_a_form(self, pages, editor, typed, status, pytestconfig, record_property):
        answers = {"create_widget": (status, PROBLEM | {"status": status})}

        count = pages.check(
            pytestconfig, lambda: editor.post("/widgets/new/", typed), answers, "create_widget"
        )

        record_property("wrong refusals", count)

    @pytest.mark.parametrize("status", [403, 404, 409, 412])
    def test_of_a_deletion(self, pages, editor, url, widget, status, pytestconfig, record_property):
        problem = PROBLEM | {"status": status, "current": widget}
        answers = {"delete_widget": (status, problem)}
        data = {"version": "1", "name": "Blue widget"}

        count = pages.check(
            pytestconfig, lambda: editor.post(f"{url}delete/", data), answers, "delete_widget"
        )

        record_property("wrong refusals", count)

    def test_of_an_edit(self, pages, api, editor, url, widget, pytestconfig, record_property):
        api.plan("read_widget", 200, widget)
        data = posted(editor.get(f"{url}edit/").text, name="Red widget")
        current = widget | {"name": "Green widget", "version": 2}
        answers = {"update_widget": (412, PROBLEM | {"status": 412, "current": current})}

        count = pages.check(
            pytestconfig, lambda: editor.post(f"{url}edit/", data), answers, "update_widget"
        )

        record_property("wrong refusals", count)

    @pytest.mark.parametrize("page", ["edit/", "delete/"])
    def test_present_version_that_is_missing_is_named(self, api, editor, url, widget, page):
        api.plan("read_widget", 200, widget)
        data = posted(editor.get(f"{url}{page}").text)
        current = {name: value for name, value in widget.items() if name != "version"}
        problem = body("ProblemDetails", **PROBLEM, status=412) | {"current": current}
        operation = "update_widget" if page == "edit/" else "delete_widget"
        api.planned[operation] = [(412, problem, 0)]

        response = editor.post(f"{url}{page}", data)

        assert response.status_code == 502
        assert f"{operation}: current.version is missing" in response.text

    def test_present_values_of_an_edit(
        self, api, editor, url, widget, pytestconfig, record_property
    ):
        api.plan("read_widget", 200, widget)
        data = posted(editor.get(f"{url}edit/").text, name="Red widget")
        current = widget | {"name": "Green widget", "version": 2}
        schema = api.contract.schemas["Widget"]
        found = changed(schema, current, "", lambda value: value)
        tried = sample(pytestconfig, found, lambda each: each[0], each=4)
        for kind, path, values, _ in tried:
            problem = body("ProblemDetails", **PROBLEM, status=412) | {"current": values}
            api.planned["update_widget"] = [(412, problem, 0)]
            response = editor.post(f"{url}edit/", data)
            named = "update_widget: current" in response.text
            assert response.status_code in (302, 409) or named, (kind, path, response.status_code)

        record_property("wrong present values in a refusal", len(tried))
