"""A submission that could not be taken is shown again to who typed it, and to nobody else."""

import re
import time
from importlib import import_module
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client

from conftest import PageClient
from core import submissions
from core.tests.page import posted

NEW = "/widgets/new/"
FORM = "application/x-www-form-urlencoded"
OLD = {"csrfmiddlewaretoken": "old"}
MOST_WAITING = import_module(settings.SESSION_ENGINE).MOST_WAITING


@pytest.fixture
def typed(editor):
    """What an editor's browser posts of the page that it opened."""
    return posted(editor.get(NEW).text, name="Typed widget", price="19.99")


@pytest.fixture
def strict(editor):
    """An editor whose forms need their CSRF token."""
    editor.handler.enforce_csrf_checks = True
    return editor


def owner():
    return get_user_model().objects.get(email="editors@example.com")


def over(page):
    """The address that starts over."""
    return NEW + re.findall(r'href="([?]start-over=[^"]+)"', page.text)[0]


def posted_again(typed, **changed):
    """What another window with the same form posts."""
    return typed | {name: [value] for name, value in changed.items()} | {"key": [str(uuid4())]}


def out_of_room(typed):
    """A browser whose form waited, until as many newer ones did."""
    browsers = [Client() for _ in range(MOST_WAITING + 1)]
    for number, browser in enumerate(browsers):
        browser.post(NEW, posted_again(typed, name=f"W{number}"))
    return browsers[0]


def end_session(client):
    del client.cookies[settings.SESSION_COOKIE_NAME]


class TestSessionEnded:
    @pytest.fixture
    def asked(self, editor, api, typed):
        """The page that follows a form that was sent after the session had ended."""
        end_session(editor)
        return editor.post(NEW, typed)

    def test_leads_to_the_sign_in_which_says_that_nothing_is_lost(self, editor, asked):
        assert asked.url == f"/accounts/sign-in/?next={NEW}"
        assert "What you typed is kept." in editor.get(asked.url).text

    def test_same_person_looks_at_it_before_it_is_sent(self, editor, api, asked, make_user):
        editor.force_login(owner())

        response = editor.get(NEW)

        assert posted(response.text)["name"] == ["Typed widget"]
        assert "look it through, then send it" in response.text
        assert api.requests == []

    def test_same_key_is_sent_so_that_nothing_is_saved_twice(
        self, editor, api, asked, typed, widget
    ):
        editor.force_login(owner())
        api.plan("create_widget", 201, widget)

        editor.post(NEW, posted(editor.get(NEW).text))

        assert api.requests[-1].headers["Idempotency-Key"] == typed["key"][0]
        assert posted(editor.get(NEW).text)["name"] == [""]

    def test_another_person_never_sees_it(self, editor, asked, make_user):
        editor.force_login(make_user("viewers"))
        editor.get("/widgets/new/")
        assert "submissions" not in editor.session

        editor.force_login(owner())
        assert "Typed widget" not in editor.get(NEW).text

    def test_it_can_be_started_over(self, editor, asked):
        editor.force_login(owner())
        again = over(editor.get(NEW))

        assert "Typed widget" not in editor.get(again).text
        assert "Typed widget" not in editor.get(NEW).text

    def test_what_is_typed_after_starting_over_is_kept(self, editor, asked, typed):
        """At the address that started over, as a browser without scripts sends it."""
        editor.force_login(owner())
        again = over(editor.get(NEW))
        later = posted(editor.get(again).text, name="Later widget")
        end_session(editor)
        editor.post(again, later)
        editor.force_login(owner())

        assert posted(editor.get(again).text)["name"] == ["Later widget"]

    def test_same_form_in_two_windows_is_two(self, editor, api, asked, typed, widget):
        editor.post(NEW, posted_again(typed, name="Second widget"))
        editor.force_login(owner())
        api.plan("create_widget", 201, widget)

        last = posted(editor.get(NEW).text)
        editor.post(NEW, last)
        first = posted(editor.get(NEW).text)

        assert [last["name"], first["name"]] == [["Second widget"], ["Typed widget"]]

    def test_form_that_was_sent_twice_is_one(self, editor, asked, typed):
        editor.post(NEW, typed)

        assert len(editor.session["submissions"]) == 1

    def test_another_page_of_the_form_does_not_drop_it(self, editor, api, asked, typed, widget):
        editor.force_login(owner())
        api.plan("create_widget", 201, widget)

        editor.post(NEW, posted_again(typed, name="Other widget"))

        assert posted(editor.get(NEW).text)["name"] == ["Typed widget"]

    def test_it_ends_as_sessions_do(self, editor, asked, monkeypatch):
        editor.force_login(owner())
        later = time.time() + settings.SESSION_COOKIE_AGE + 1
        monkeypatch.setattr(time, "time", lambda: later)

        assert "Typed widget" not in editor.get(NEW).text

    def test_under_htmx_the_whole_page_goes_to_the_sign_in(self, editor, typed):
        end_session(editor)

        response = editor.post(NEW, typed, headers={"HX-Request": "true"})

        assert response.headers["HX-Redirect"] == f"/accounts/sign-in/?next={NEW}"


def test_page_of_clashes_asks_again_after_the_sign_in(editor, api, widget, url):
    api.plan("read_widget", 200, widget)
    data = posted(editor.get(f"{url}edit/").text, name="Typed widget")
    current = widget | {"name": "Their widget", "version": 2}
    api.plan_problem("update_widget", 412, current=current)
    clash = posted(editor.post(f"{url}edit/", data).text)
    end_session(editor)
    editor.post(f"{url}edit/", clash)
    editor.force_login(owner())

    response = editor.get(f"{url}edit/")

    assert response.text.count('type="radio"') == 2
    assert "Typed widget" in response.text
    assert "Their widget" in response.text


class TestBounds:
    def test_only_pages_of_ours_are_kept(self, api, db):
        nobody = Client()

        nobody.post(NEW, {"name": "Typed widget"})
        nobody.post(NEW, {"name": "Typed widget", "typed-by": "1:forged"})

        assert "submissions" not in nobody.session

    def test_the_newest_few_are_kept(self, editor, api, typed):
        end_session(editor)

        for number in range(submissions.MOST_FORMS + 2):
            editor.post(f"/widgets/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d1{number}/edit/", typed)

        kept = [each["path"] for each in editor.session["submissions"]]
        assert len(kept) == submissions.MOST_FORMS
        assert kept[-1].endswith(f"d1{submissions.MOST_FORMS + 1}/edit/")

    def test_what_is_long_takes_the_place_of_what_is_older(self, editor, typed):
        """Whatever Django reads at all is kept."""
        longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 2000
        end_session(editor)

        editor.post(NEW, typed | {"note": "x" * 3000})
        editor.post(NEW, typed | {"note": "x" * longest})

        kept = [each["data"]["note"] for each in editor.session["submissions"]]
        assert [len(note) for [note] in kept] == [longest]

    def test_few_sessions_of_a_person_wait(self, editor, typed):
        """Whoever has a page of less than a week could fill the database otherwise."""
        browsers = [Client() for _ in range(MOST_WAITING + 3)]
        for number, browser in enumerate(browsers):
            page = browser.post(NEW, posted_again(typed, name=f"W{number}"), follow=True)
        kept = [each.session.get(submissions.KEY) for each in browsers]

        assert [bool(each) for each in kept] == [False] * 3 + [True] * MOST_WAITING
        assert "had to make room" in page.text

    @pytest.mark.parametrize("first", ["/accounts/sign-in/", NEW])
    def test_person_whose_form_made_room_is_told_at_the_sign_in(self, editor, typed, first):
        """Once, whatever page they open, and no session begins for it."""
        loser = out_of_room(typed)
        sessions = Session.objects.count()

        pages = [loser.get(first, follow=True).text for _ in range(2)]

        assert ["is not there any more" in page for page in pages] == [True, False]
        assert Session.objects.count() == sessions

    def test_person_whose_form_made_room_is_told_after_the_sign_in(self, editor, typed):
        loser, user = out_of_room(typed), owner()
        user.set_password("a long password")
        user.save()
        page = {"username": user.email, "password": "a long password"}

        loser.post(f"/accounts/sign-in/?next={NEW}", page)

        assert "is not there any more" in loser.get(NEW).text
        assert "is not there any more" not in loser.get(NEW).text

    def test_sessions_that_wait_for_others_stay(self, editor, typed, make_user):
        theirs = submissions.signer().sign(str(make_user("viewers").pk))
        first = Client()
        first.post(NEW, typed | {"typed-by": theirs})
        for number in range(MOST_WAITING + 1):
            Client().post(NEW, posted_again(typed, name=f"W{number}"))

        assert first.session[submissions.KEY]

    def test_person_whose_forms_all_fit_is_told_nothing_of_room(self, editor, typed):
        end_session(editor)

        assert "make room" not in editor.post(NEW, typed, follow=True).text

    def test_no_token_and_no_password_is_stored(self, editor, typed):
        end_session(editor)

        editor.post(NEW, typed | {"csrfmiddlewaretoken": "secret"})

        assert "secret" not in str(dict(editor.session))


class TestCsrf:
    def test_form_is_shown_again_as_typed_and_nothing_is_sent(self, strict, api, typed):
        response = strict.post(NEW, typed | OLD)

        assert response.status_code == 403
        assert posted(response.text)["name"] == ["Typed widget"]
        assert "This page was out of date." in response.text
        assert api.requests == []

    def test_words_of_another_site_are_not_shown(self, strict, api):
        response = strict.post(NEW, {"name": "Forged widget"})

        assert response.status_code == 403
        assert "Forged widget" not in response.text

    def test_page_that_someone_else_opened_is_not_shown(self, strict, api, typed, make_user):
        strict.force_login(make_user("viewers"))

        response = strict.post(NEW, typed | OLD)

        assert response.status_code == 403
        assert "Typed widget" not in response.text

    def test_page_that_nobody_had_signed_in_for_is_not_shown(self, strict, api):
        anyone = posted(PageClient().get("/accounts/sign-in/").text)

        response = strict.post(NEW, {"name": "Forged widget", "typed-by": anyone["typed-by"]})

        assert response.status_code == 403
        assert "Forged widget" not in response.text

    @pytest.mark.parametrize("origin", ["https://other.example", "http://sub.testserver", "null"])
    @pytest.mark.parametrize("signed_in", [True, False])
    def test_post_of_another_site_is_neither_shown_nor_stored(
        self, strict, api, typed, origin, signed_in
    ):
        """Nor does it get a session, which would take the place of the person's own."""
        if not signed_in:
            end_session(strict)

        response = strict.post(NEW, typed | OLD, headers={"Origin": origin})

        assert response.status_code == 403
        assert "Typed widget" not in response.text
        assert settings.SESSION_COOKIE_NAME not in response.cookies

    def test_second_sign_in_page_leads_on_without_a_warning(self, strict):
        page = posted(PageClient().get("/accounts/sign-in/").text) | OLD

        response = strict.post("/accounts/sign-in/?next=/widgets/new/", page)

        assert response.url == "/widgets/new/"
        assert "out of date" not in strict.get(response.url).text

    def test_without_a_session_too_it_waits_for_the_sign_in(self, strict, api, typed):
        end_session(strict)

        assert strict.post(NEW, typed).url == f"/accounts/sign-in/?next={NEW}"
        assert [each["path"] for each in strict.session["submissions"]] == [NEW]

    def test_api_that_does_not_answer_is_a_page(self, strict, api, widget, url):
        api.plan("read_widget", 200, widget)
        data = posted(strict.get(f"{url}delete/").text) | OLD
        api.planned["read_widget"].clear()
        api.plan_failure("read_widget")

        assert strict.post(f"{url}delete/", data).status_code == 503

    def test_sign_in_shows_the_address_and_never_the_password(self, db):
        visitor = PageClient(enforce_csrf_checks=True)
        page = posted(visitor.get("/accounts/sign-in/").text)
        page |= {"username": "me@example.com", "password": "top-secret"} | OLD

        response = visitor.post("/accounts/sign-in/", page)

        assert response.status_code == 403
        assert 'value="me@example.com"' in response.text
        assert "Type your password once more." in response.text
        assert "top-secret" not in response.text


class TestAddresses:
    """A GET of an address that takes forms leads to a page of ours."""

    def test_sign_out_leads_to_the_start_page(self, editor):
        assert editor.get("/accounts/sign-out/").url == "/"

    def test_page_that_takes_no_form_says_so(self, editor):
        response = editor.post("/widgets/", {"q": "x"})

        assert response.status_code == 405
        assert response.headers["Allow"] == "GET"
        assert "cannot be used this way" in response.text

    def test_what_is_too_long_to_be_read_says_so(self, editor, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

        response = editor.post(NEW, "name=" + "x" * 200, content_type=FORM)

        assert response.status_code == 400
        assert "Go back: what you typed is still there." in response.text


class TestViewer:
    @pytest.mark.parametrize(
        "page",
        [
            "new/",
            "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10/edit/",
            "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10/delete/",
        ],
    )
    def test_is_told_before_typing(self, viewer, api, page):
        response = viewer.get(f"/widgets/{page}")

        assert response.status_code == 403
        assert "Your account may not do this." in response.text
        assert api.requests == []


def test_form_of_one_that_was_deleted_can_be_used_for_a_new_one(editor, api, widget, url):
    api.plan("read_widget", 200, widget)
    data = posted(editor.get(f"{url}edit/").text, name="Typed widget")
    api.plan_problem("update_widget", 404)

    gone = editor.post(f"{url}edit/", data)
    anew = editor.post(NEW, posted(gone.text, look="1"))

    assert gone.status_code == 404
    assert f'formaction="{NEW}"' in gone.text
    assert anew.status_code == 200
    assert posted(anew.text)["name"] == ["Typed widget"]
    assert posted(anew.text)["key"] != [""]
    assert [r.method for r in api.requests if r.method == "POST"] == []


def test_engine_of_a_team_s_own_stores_it_too(editor, typed, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    end_session(editor)

    editor.post(NEW, typed)

    assert editor.session[submissions.KEY]
