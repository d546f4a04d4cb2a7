"""Within FRESH_SECONDS a page takes what its person was answered; what they write, they see."""

import base64
import json
from random import Random

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import F

from conftest import PageClient
from contract.document import pinned
from contract.tests.examples import body
from core import api as client
from core.last_known import LastKnown
from core.response import Reply
from core.tests.page import filled

SECONDS = 1.0


class Shop:
    """An API whose only widget says how often it was changed, and who asked."""

    def __init__(self, api):
        self.api, self.version, self.reads = api, 0, 0
        self.during_read = lambda: None

    def exchange(self, request, *, until):
        payload = request.headers["Authorization"].split(".")[1]
        person = json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
        if request.method == "GET":
            self.reads += 1
            widget = self.api.example("Widget", name=f"version {self.version} of {person}.")
            is_list = request.target.partition("?")[0].endswith("/widgets")
            answer = self.api.page(widget) if is_list else widget
            self.during_read()
            return reply(200, answer)
        self.version += 1
        return reply(201, self.api.example("Widget"))


def reply(status, answer):
    headers = {"contract-version": pinned().version, "content-type": "application/json"}
    return Reply(status, headers, json.dumps(answer).encode())


@pytest.fixture
def shop(api, monkeypatch, settings):
    settings.FRESH_SECONDS = SECONDS
    shop = Shop(api)
    monkeypatch.setattr(client, "pool", lambda: shop)
    return shop


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def processes(monkeypatch, clock):
    """Return a function that lets another process serve: it has answers of its own."""
    stores = [LastKnown(now=lambda: clock[0]) for _ in range(2)]

    def serve(number):
        monkeypatch.setattr(client, "last_known", stores[number])

    serve(0)
    return serve


@pytest.fixture
def typed(views):
    return filled(
        views.create_form(initial=body("WidgetCreate")),
        name="Blue widget",
        price="19,99",
        price_currency="EUR",
        box_id=body("Widget")["box_id"],
    )


def browser(person):
    opened = PageClient()
    opened.force_login(person)
    return opened


def shown(client):
    """Return which version a page shows, and to whom."""
    html = client.get("/widgets/").text
    version, _, person = html.split(">version ")[1].split(".<")[0].partition(" of ")
    return int(version), person


def test_page_asks_once_a_second(editor, shop, processes, clock):
    for moment in (0, 0.4, 0.9, 1.0, 1.9):
        clock[0] = 1000 + moment
        shown(editor)

    assert shop.reads == 2


def test_clock_that_is_set_back_makes_nothing_fresh(editor, shop, processes, clock):
    shown(editor)
    clock[0] -= 3600
    shop.version += 1

    assert shown(editor)[0] == 1


@pytest.mark.parametrize("what", ["page", "other answer", "form that is shown again"])
def test_only_what_was_asked_for_is_taken(editor, shop, processes, what, url):
    shown(editor)
    if what == "page":
        editor.get("/widgets/?q=blue")
    elif what == "other answer":
        editor.get(url)
    else:
        editor.get(f"{url}delete/")
        editor.post(f"{url}edit/", {})

    assert shop.reads > 1


def test_each_rights_are_answered_anew(viewer, shop, processes):
    shown(viewer)
    get_user_model().objects.get().groups.set(Group.objects.filter(name="editors"))
    shown(viewer)

    assert shop.reads == 2


def test_answer_from_before_a_write_is_not_taken_after_it(editor, shop, processes):
    def write():
        shop.version += 1
        get_user_model().objects.update(writes=F("writes") + 1)
        shop.during_read = lambda: None

    shop.during_read = write
    assert shown(editor)[0] == 0

    assert shown(editor)[0] == 1


@pytest.mark.parametrize("status", [201, 400, 409, 422, 500, 503])
def test_next_page_asks_whatever_a_write_came_to(
    editor, shop, processes, typed, monkeypatch, status
):
    shown(editor)
    shop.version += 1  # it was saved, whatever was answered
    problem = {"type": "x", "title": "x", "status": status, "instance": "x", "trace_id": "x"}
    whole = shop.exchange

    def exchange(request, *, until):
        if request.method == "GET":
            return whole(request, until=until)
        return reply(status, problem | {"detail": "x", "errors": []})

    monkeypatch.setattr(shop, "exchange", exchange)
    editor.raise_request_exception = False
    editor.post("/widgets/new/", typed)
    client.breaker = type(client.breaker)()

    assert shown(editor)[0] == 1


def test_people_see_their_own_writes_and_nobody_else_s_answers(
    make_user, shop, processes, clock, typed, pytestconfig, record_property
):
    random = Random(2026)
    people = [make_user("editors"), make_user("viewers")]
    people[1].groups.set(people[0].groups.all())
    browsers = [(str(p.pk), browser(p)) for p in people for _ in range(2)]
    written = dict.fromkeys([str(p.pk) for p in people], 0)
    versions = [(clock[0], 0)]
    pages = 0
    for _ in range(5000 if pytestconfig.getoption("long") else 150):
        processes(random.randrange(2))
        person, opened = random.choice(browsers)
        what = random.choice(["read"] * 6 + ["write", "change", "wait"])
        if what == "write":
            assert opened.post("/widgets/new/", typed).status_code == 302
            written[person] = shop.version
        elif what == "change":
            shop.version += 1
        elif what == "wait":
            clock[0] += random.uniform(0.1, 1.2)
        else:
            pages += 1
            version, owner = shown(opened)
            oldest = max(v for at, v in versions if at <= max(clock[0] - SECONDS, 1000))
            assert owner == person
            assert version >= max(written[person], oldest)
        versions.append((clock[0], shop.version))
        clock[0] += 0.01

    assert 0 < shop.reads < pages
    record_property("pages within a second of a write or of another page", pages)
