"""What a page reads of the person who asks: little, and anew each time."""

from datetime import timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(api):
    """What a person is answered: the status, and whether they are offered a new widget."""
    api.plan("list_widgets", 200, api.page())

    def read(client: Client) -> tuple[int, bool]:
        response = client.get("/widgets/")
        return response.status_code, "New widget" in response.text

    return read


def person() -> User:
    return User.objects.get()


def test_page_reads_session_and_person_by_two_queries(editor, page, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert page(editor) == (200, True)


@pytest.mark.parametrize("roles", [[], ["viewers"], ["editors"], ["viewers", "editors"]])
def test_roles_are_those_of_now(viewer, page, roles):
    page(viewer)

    person().groups.set(Group.objects.filter(name__in=roles))

    assert page(viewer) == (200, "editors" in roles)


def test_session_names_djangos_own_backend(client, make_user):
    """A replica of an earlier or a later release goes on with it during a deploy."""
    user = make_user("editors")
    user.set_password("a long password")
    user.save()

    client.post("/accounts/sign-in/", {"username": user.email, "password": "a long password"})

    assert client.session[BACKEND_SESSION_KEY] == "django.contrib.auth.backends.ModelBackend"


def test_session_that_an_earlier_release_began_goes_on(client, page, make_user):
    client.force_login(make_user("editors"), "accounts.backends.Backend")

    assert page(client) == (200, True)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_session_that_an_earlier_release_began_ends_as_any(client, page, make_user, change):
    client.force_login(make_user("editors"), "accounts.backends.Backend")

    User.objects.update(**change)

    assert page(client)[0] == 302


def test_sign_out_ends_a_session_whose_person_only_another_release_knows(client, make_user):
    client.force_login(make_user("editors"))
    session = client.session
    session[BACKEND_SESSION_KEY] = "of.a.later.Release"
    session.save()

    client.post("/accounts/sign-out/")

    assert Session.objects.count() == 0


def test_a_wrong_password_is_hashed_once(client, make_user, monkeypatch):
    hashed = []

    def check_password(_: User, password: str) -> bool:
        hashed.append(password)
        return False

    monkeypatch.setattr(User, "check_password", check_password)
    user = make_user("editors")

    client.post("/accounts/sign-in/", {"username": user.email, "password": "wrong"})

    assert hashed == ["wrong"]


def change_password() -> None:
    user = person()
    user.set_password("another")
    user.save()


CHANGES = {
    "deleted": lambda: person().delete(),
    "not active": lambda: User.objects.update(is_active=False),
    "another password": change_password,
    "signed out": lambda: Session.objects.all().delete(),
    "too old": lambda: Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1)),
    "forged": lambda: Session.objects.update(session_data="eyJ4IjoxfQ:1:x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_session_ends_at_once(editor, page, change):
    assert page(editor)[0] == 200

    change()

    assert page(editor)[0] == 302


def test_what_a_page_says_next_is_stored_and_said_once(editor, page):
    session = editor.session
    session["_messages"] = '[["__json_message",0,25,"It was saved.",""]]'
    session.save()

    assert "It was saved." in editor.get("/widgets/").text
    assert "It was saved." not in editor.get("/widgets/").text


def test_session_that_ends_while_a_page_is_made_does_not_come_back(editor):
    session = editor.session
    session["x"] = 1
    editor.post("/accounts/sign-out/")

    with pytest.raises(UpdateError):
        session.save()
    assert Session.objects.count() == 0


def test_change_moves_the_end_of_a_session(editor):
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=60))
    session = editor.session
    session["x"] = 1
    session.save()

    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=11)
    assert editor.session["x"] == 1
