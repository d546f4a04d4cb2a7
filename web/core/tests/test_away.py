"""Pages while the API is away: what was last known, no writing, and the way back."""

import pytest
from django.contrib.auth.models import Group

from conftest import PageClient
from contract.tests.examples import body
from core import api as client
from core.breaker import Breaker
from core.bulkhead import Full
from core.connection import ConnectionFailed, DeadlineExceeded, InvalidResponse
from core.tests.page import filled, posted
from core.tests.server import Tokens
from tests.widgets.client import operations

NOTICE = "This is what was known as of"
READ = {"list_widgets", "read_widget"}


def refuse(api, monkeypatch):
    fail(api, ConnectionFailed("refused"))


def fail(api, error):
    for operation in READ | {"create_widget", "update_widget", "delete_widget"}:
        api.planned[operation].clear()
        api.plan_failure(operation, error)


def open_breaker(api, monkeypatch):
    for _ in range(5):
        client.breaker.end(client.breaker.begin(), good=False)


def fill_bulkhead(api, monkeypatch):
    def slot():
        raise Full("12 calls wait for the API")

    monkeypatch.setattr(client.bulkhead, "slot", slot)


AWAY = {
    "refused": refuse,
    "hung": lambda api, _: fail(api, DeadlineExceeded("the time is used up")),
    "rubbish": lambda api, _: fail(api, InvalidResponse("no HTTP")),
    "breaker open": open_breaker,
    "no free thread": fill_bulkhead,
}


@pytest.fixture(params=AWAY)
def fall(request, api, monkeypatch):
    return lambda: AWAY[request.param](api, monkeypatch)


@pytest.fixture
def paths(api, url, widget):
    """The pages, after the API has answered each of their calls."""
    api.plan("list_widgets", 200, api.page(widget))
    api.plan("read_widget", 200, widget)
    return {
        "list": "/widgets/",
        "detail": url,
        "create": "/widgets/new/",
        "edit": f"{url}edit/",
        "delete": f"{url}delete/",
    }


def recover(api, widget):
    for operation in READ:
        api.planned[operation].clear()
    api.plan("list_widgets", 200, api.page(widget))
    api.plan("read_widget", 200, widget)
    client.breaker = Breaker()


@pytest.mark.parametrize("page", ["list", "detail"])
class TestReadPages:
    def test_show_what_was_known_with_its_age_and_no_way_to_write(
        self, editor, paths, fall, page, record_property
    ):
        record_property("cells held: pages while the API is away", 1)
        assert NOTICE not in editor.get(paths[page]).text
        fall()
        response = editor.get(paths[page])

        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert "Blue widget" in response.text
        assert NOTICE in response.text
        assert "New widget" not in response.text
        assert "edit/" not in response.text

    def test_are_an_error_for_another_person_and_with_other_rights(
        self, editor, paths, fall, page, record_property
    ):
        record_property("cells held: pages while the API is away", 1)
        editor.get(paths[page])
        person = Group.objects.get(name="editors").user_set.get()
        other = PageClient()
        other.force_login(type(person).objects.create_user("other@example.com"))
        fall()
        response = other.get(paths[page])
        person.groups.set([Group.objects.get(name="viewers")])

        for answer in (response, editor.get(paths[page])):
            assert answer.status_code == 503
            assert "Blue widget" not in answer.text

    def test_come_back_by_themselves(self, editor, api, widget, paths, fall, page, monkeypatch):
        again = {"HX-Request": "true", "HX-Trigger": "recovery", "HX-Target": "main"}
        editor.get(paths[page])
        with monkeypatch.context():
            fall()
            assert editor.get(paths[page], headers=again).status_code == 204
        monkeypatch.undo()
        monkeypatch.setattr(client, "pool", lambda: api)
        recover(api, widget)

        answer = editor.get(paths[page], headers=again)
        assert answer.status_code == 200
        assert NOTICE not in answer.text


@pytest.mark.parametrize("page", ["create", "edit", "delete"])
def test_forms_are_not_shown_while_nothing_can_be_saved(
    editor, paths, api, monkeypatch, page, record_property
):
    record_property("cells held: pages while the API is away", 1)
    editor.get(paths[page])
    refuse(api, monkeypatch)
    open_breaker(api, monkeypatch)

    response = editor.get(paths[page])

    assert response.status_code == 503
    assert "Nothing can be changed just now" in response.text
    assert "csrfmiddlewaretoken" not in response.text.partition("<main")[2]


@pytest.mark.parametrize("page", ["edit", "delete"])
def test_a_form_of_a_resource_that_cannot_be_read_anew_is_not_shown(
    editor, paths, fall, page, record_property
):
    record_property("cells held: pages while the API is away", 1)
    editor.get(paths[page])
    fall()

    text = editor.get(paths[page]).text

    assert "Nothing can be changed just now" in text
    assert NOTICE not in text


@pytest.mark.parametrize("page", ["create", "edit", "delete"])
def test_a_form_that_was_sent_stays_with_what_was_typed(
    editor, paths, views, fall, page, record_property
):
    record_property("cells held: pages while the API is away", 1)
    form = posted(editor.get(paths[page]).text, name="Typed")
    if page == "create":
        form |= filled(views.create_form(initial=body("WidgetCreate")), name="Typed")
    fall()

    response = editor.post(paths[page], form)

    assert response.status_code == 503
    assert "Typed" in response.text


@pytest.mark.parametrize("look", [{}, {"look": "1"}], ids=["saved", "looked at"])
@pytest.mark.parametrize("page", ["create", "edit"])
def test_choices_that_cannot_be_read_cost_no_words(
    editor, paths, views, fall, page, look, monkeypatch
):
    form = posted(editor.get(paths[page]).text, name="Typed")
    if page == "create":
        form |= filled(views.create_form(initial=body("WidgetCreate")), name="Typed")
    fall()
    ask = lambda request: request.api.send(operations.list_widgets(q="not known"))  # noqa: E731
    monkeypatch.setattr(views, "choices", ask)

    response = editor.post(paths[page], form | look)

    assert posted(response.text)["name"] == ["Typed"]


def test_a_search_brings_the_notice_to_its_page(editor, paths, api, monkeypatch):
    fragment = {"HX-Request": "true", "HX-Target": "results"}
    editor.get(paths["list"])
    refuse(api, monkeypatch)
    response = editor.get(paths["list"], headers=fragment)

    assert response.status_code == 503
    assert "<html" not in response.text
    assert 'id="recovery"' in response.text
    assert 'hx-swap-oob="true"' in response.text


def test_a_page_waits_for_one_failure_only(paths, widget, api, monkeypatch):
    calls = [operations.list_widgets(), operations.read_widget(widget_id=widget["id"])]
    for call in calls:
        client.Api(Tokens()).send(call)
    refuse(api, monkeypatch)
    before = len(api.requests)
    page = client.Api(Tokens(), only_reads=True)
    for call in calls:
        page.send(call)

    assert page.as_of
    assert len(api.requests) - before <= client.ATTEMPTS


@pytest.mark.parametrize("status", [403, 404])
def test_what_was_refused_since_is_not_shown_any_more(editor, paths, api, monkeypatch, status):
    editor.get(paths["detail"])
    api.planned["read_widget"].clear()
    api.plan_problem("read_widget", status)
    assert editor.get(paths["detail"]).status_code == status
    refuse(api, monkeypatch)

    assert "Blue widget" not in editor.get(paths["detail"]).text


def test_who_asks_too_often_is_told_so(editor, paths, api):
    editor.get(paths["list"])
    api.planned["list_widgets"].clear()
    api.plan_problem("list_widgets", 429, retry_after=60)

    response = editor.get(paths["list"])

    assert response.status_code == 429
    assert "Blue widget" not in response.text


def test_an_answer_that_could_not_be_read_is_not_shown_later(
    editor, paths, api, widget, monkeypatch
):
    api.planned["list_widgets"].clear()
    broken = api.page(widget) | {"items": [{**widget, "id": 3, "name": None}]}
    api.planned["list_widgets"].append((200, broken, 0))
    assert editor.get(paths["list"]).status_code == 502
    refuse(api, monkeypatch)

    response = editor.get(paths["list"])

    assert response.status_code == 503
    assert NOTICE not in response.text


def test_the_state_of_the_breaker_is_in_health_and_log(client_of_health, api, caplog):
    client.breaker = Breaker(on_change=client.log_change)
    assert client_of_health() == "closed"
    open_breaker(api, None)

    assert client_of_health() == "open"
    assert "the breaker of the API is open" in caplog.text


@pytest.fixture
def client_of_health(client, api, db):
    api.plan("check_ready", 200, {"status": "ok"})
    return lambda: client.get("/health/ready").json()["breaker"]
