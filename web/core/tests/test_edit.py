import json

import pytest

from core.tests.page import posted


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

    def test_what_only_others_changed_is_taken_without_asking(self, editor, api, widget, url, data):
        current = widget | {"note": "New.", "version": 2}
        api.plan_problem("update_widget", 412, current=current)
        api.plan("update_widget", 200, widget)
        api.plan("read_widget", 200, widget)

        response = editor.post(f"{url}edit/", data, follow=True)

        assert (
            "was saved. Someone else changed this meanwhile, and it stays: Note." in response.text
        )
        assert api.sent == [{"name": "Green widget"}] * 2

    @pytest.fixture
    def clash(self, editor, api, widget, url, data):
        """The page that asks, after both changed the name, and they alone the note."""
        theirs = {"name": "Red mug", "note": "New.", "version": 2}
        api.plan_problem("update_widget", 412, current=widget | theirs)
        return editor.post(f"{url}edit/", data)

    def test_only_clashes_ask_and_nothing_typed_is_lost(self, clash):
        assert clash.status_code == 409
        (name,) = clash.context["clashes"]
        assert (name.was, name.mine, name.theirs) == ("Blue widget", "Green widget", "Red mug")
        assert clash.text.count('type="radio"') == 2
        assert "Only they changed Note: that stays." in clash.text

    def test_choice_is_saved_over_the_version_that_was_shown(self, clash, editor, api, widget, url):
        api.plan("update_widget", 200, widget)

        editor.post(f"{url}edit/", posted(clash.text, **{"take-name": "mine"}))

        assert api.requests[-1].headers["If-Match"] == '"2"'
        assert api.sent[-1] == {"name": "Green widget"}

    def test_without_a_choice_it_asks_again(self, clash, editor, api, url):
        before = len(api.sent)

        response = editor.post(f"{url}edit/", posted(clash.text))

        assert response.status_code == 409
        assert 'Choose one value for <a href="#choose-name">Name</a>' in response.text
        assert len(api.sent) == before

    def test_all_fields_can_be_edited_instead(self, clash, editor, url):
        response = editor.post(f"{url}edit/", posted(clash.text, look="1"))

        assert response.status_code == 200
        assert posted(response.text)["name"] == ["Green widget"]
        assert posted(response.text)["note"] == ["New."]

    def test_clash_names_what_was_chosen(self, editor, api, widget, url, data):
        current = widget | {"box_id": "of another page", "version": 2}
        api.plan_problem("update_widget", 412, current=current)

        response = editor.post(f"{url}edit/", data | {"box_id": ""})

        (clash,) = response.context["clashes"]
        assert (clash.was, clash.mine) == ("Large box", "Nothing chosen")

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
