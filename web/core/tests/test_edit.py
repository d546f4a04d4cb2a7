import json

import pytest


class TestEdit:
    @pytest.fixture
    def data(self, widget):
        return {
            "name": "Green widget",
            "note": widget["note"],
            "price": "19.99",
            "price_currency": "EUR",
            "box_id": widget["box_id"],
            "seen": json.dumps(widget),
        }

    def test_form_shows_the_widget_and_requires_what_cannot_be_empty(
        self, editor, api, widget, url
    ):
        api.plan("read_widget", 200, widget)

        form = editor.get(f"{url}edit/").context["form"]

        price = form["price"].value()
        assert price == price | {"amount_minor": 1999, "currency": "EUR"}
        needed = {field.name for field in form if field.field.required}
        assert needed >= {"name", "price", "seen"}
        assert not needed & {"note", "box_id", "tags"}

    def test_sends_only_changes_with_the_version_seen(self, editor, api, widget, url, data):
        api.plan("update_widget", 200, widget)

        assert editor.post(f"{url}edit/", data).url == url
        assert api.sent == [{"name": "Green widget"}]

    def test_what_moves_beside_the_page_is_no_conflict(self, editor, api, widget, url, data):
        api.plan_problem("update_widget", 412, current=widget | {"next_statuses": [], "version": 7})
        api.plan("update_widget", 200, widget)

        assert editor.post(f"{url}edit/", data).status_code == 302
        assert [r.headers.get("If-Match") for r in api.requests][-2:] == ['"1"', '"7"']

    def test_what_never_rests_is_said_after_some_tries(self, editor, api, widget, url, data):
        for version in (2, 3, 4):
            api.plan_problem("update_widget", 412, current=widget | {"version": version})

        response = editor.post(f"{url}edit/", data)

        assert response.status_code == 409
        assert len(api.sent) == 3

    def test_conflict_shows_both_versions_and_keeps_what_was_typed(
        self, editor, api, widget, url, data
    ):
        current = widget | {"name": "Red mug", "note": "New.", "version": 2}
        api.plan_problem("update_widget", 412, current=current)

        response = editor.post(f"{url}edit/", data)

        assert response.status_code == 409
        assert response.context["differences"] == [
            {"label": "Name", "mine": "Green widget", "theirs": "Red mug"},
            {"label": "Note", "mine": widget["note"], "theirs": "New."},
        ]
        form = response.context["form"]
        assert form["name"].value() == "Green widget"
        assert form["note"].value() == "New."

    def test_saving_after_a_conflict_uses_the_new_version(self, editor, api, widget, url, data):
        api.plan_problem("update_widget", 412, current=widget | {"name": "Red", "version": 2})
        api.plan("update_widget", 200, widget)
        form = editor.post(f"{url}edit/", data).context["form"]

        editor.post(f"{url}edit/", data | {"seen": form["seen"].value()})

        assert api.requests[-1].headers["If-Match"] == '"2"'
        assert api.sent[-1] == {"name": "Green widget"}

    def test_conflict_names_what_was_chosen(self, editor, api, widget, url, data):
        current = widget | {"box_id": None, "version": 2}
        api.plan_problem("update_widget", 412, current=current)

        response = editor.post(f"{url}edit/", data)

        assert response.context["differences"][-1] == {
            "label": "Box",
            "mine": "Large box",
            "theirs": "None",
        }

    @pytest.mark.parametrize("seen", ["", "{", "[]", '{"version": "1"}', "[" * 100_000])
    def test_damaged_form_is_refused(self, editor, api, url, data, seen):
        response = editor.post(f"{url}edit/", data | {"seen": seen})

        assert response.status_code == 422
        assert not api.sent

    def test_refusal_shows_the_form_again(self, editor, api, url, data):
        error = {"pointer": "#/name", "code": "taken", "detail": "Name already in use."}
        api.plan_problem("update_widget", 409, errors=[error])

        response = editor.post(f"{url}edit/", data)

        assert "Name: Name already in use." in response.text
        assert f'href="{url}"' in response.text
