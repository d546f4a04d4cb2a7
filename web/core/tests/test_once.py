"""A form that is sent twice makes one thing; one that must wait says until when."""

import json
from uuid import UUID

import pytest

from contract.tests.examples import body
from core.tests.page import Page, filled, posted

URL = "/widgets/new/"
USED = {"pointer": "#/header/idempotency-key", "code": "reused", "detail": "Used."}


@pytest.fixture
def data(views):
    return filled(
        views.create_form(initial=body("WidgetCreate")),
        name="Blue widget",
        key="01936d5e-7c1a-4b3f-9c55-0f6a1f3c2d10",
    )


def key_on(response):
    (field,) = [e for e in Page(response.text).all("input") if e.get("name") == "key"]
    return field["value"]


def keys_sent(api):
    return [r.headers["Idempotency-Key"] for r in api.requests if r.method == "POST"]


class TestKey:
    def test_each_rendered_form_has_its_own(self, editor):
        first, second = key_on(editor.get(URL)), key_on(editor.get(URL))

        assert UUID(first) != UUID(second)

    def test_a_form_sent_twice_carries_one_key(self, editor, api, widget, data):
        api.plan("create_widget", 201, widget)

        answers = [editor.post(URL, data), editor.post(URL, data)]

        assert keys_sent(api) == [data["key"]] * 2
        assert {answer.url for answer in answers} == {f"/widgets/{widget['id']}/"}

    @pytest.mark.parametrize("status", [409, 422])
    def test_refused_values_keep_it(self, editor, api, data, status):
        error = {"pointer": "#/name", "code": "x", "detail": "Too blue."}
        api.plan_problem("create_widget", status, errors=[error])

        assert key_on(editor.post(URL, data)) == data["key"]

    def test_values_that_were_never_sent_keep_it(self, editor, data):
        assert key_on(editor.post(URL, data | {"name": ""})) == data["key"]

    def test_lost_answer_keeps_it_and_was_tried_three_times(self, editor, api, data):
        api.plan_failure("create_widget")

        response = editor.post(URL, data)

        assert response.status_code == 503
        assert key_on(response) == data["key"]
        assert keys_sent(api) == [data["key"]] * 3

    @pytest.mark.parametrize("key", ["", "nonsense", None])
    def test_form_without_one_is_sent_as_new(self, editor, api, widget, data, key):
        api.plan("create_widget", 201, widget)
        del data["key"]

        editor.post(URL, data | ({} if key is None else {"key": key}))

        assert UUID(keys_sent(api)[0]).version == 4

    def test_used_for_other_values_says_so_and_saving_again_is_meant(self, editor, api, data):
        api.plan_problem("create_widget", 422, errors=[USED])

        response = editor.post(URL, data)

        assert response.status_code == 422
        assert "Already saved with other values." in response.text
        assert posted(response.text)["name"] == ["Blue widget"]
        assert key_on(response) != data["key"]


class TestWait:
    @pytest.mark.parametrize(
        ("status", "retry_after", "words"),
        [
            (429, 7, "Try again in 7 seconds."),
            (429, 600, "Try again in 10 minutes."),
            (409, 8, "is being saved just now. Nothing you typed is lost"),
            (503, 10_000, "Try again in 3 hours."),
        ],
    )
    def test_form_says_when_and_keeps_all(self, editor, api, data, status, retry_after, words):
        api.plan_problem("create_widget", status, retry_after=retry_after)

        response = editor.post(URL, data)

        assert (response.status_code, response["Retry-After"]) == (status, str(retry_after))
        assert words in response.text
        assert posted(response.text)["name"] == ["Blue widget"]
        assert key_on(response) == data["key"]

    def test_wait_beyond_all_bounds_is_a_day(self, editor, api, data):
        api.plan_problem("create_widget", 429, retry_after=10**400)

        response = editor.post(URL, data)

        assert (response.status_code, response["Retry-After"]) == (429, "86400")
        assert "Try again in 24 hours." in response.text

    def test_twin_that_is_done_in_time_is_waited_for(self, editor, api, widget, data):
        api.plan_problem("create_widget", 409, retry_after=1)
        api.plan("create_widget", 201, widget)

        assert editor.post(URL, data).url == f"/widgets/{widget['id']}/"

    def test_page_says_when_and_comes_back_then(self, editor, api):
        api.plan_problem("list_widgets", 429, retry_after=7)

        response = editor.get("/widgets/")

        assert (response.status_code, response["Retry-After"]) == (429, "7")
        assert "Try again in 7 seconds." in response.text
        assert 'hx-trigger="every 7s"' in response.text


class TestLostAnswer:
    def test_edit_that_was_saved_after_all_is_no_conflict(self, editor, api, widget, url):
        current = widget | {"name": "Tea", "version": 2}
        api.plan_problem("update_widget", 412, current=current)
        typed = {"name": "Tea", "note": widget["note"], "seen": json.dumps(widget)}

        assert editor.post(f"{url}edit/", typed).url == url

    def test_delete_that_was_done_after_all_is_done(self, editor, api, url):
        api.plan_problem("delete_widget", 404)

        response = editor.post(f"{url}delete/", {"version": "1", "name": "Blue widget"})

        assert response.url == "/widgets/"
