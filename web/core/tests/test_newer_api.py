"""An API that is newer than the pin: fifteen harmless differences, and two real breaks."""

import msgspec
import pytest

from contract.tests.examples import body
from core import failures
from core.tests.server import problem, release, reply
from tests.widgets.client import models
from tests.widgets.client import operations as widgets

MISSING = object()
ID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
READ = widgets.read_widget(widget_id=ID)
WRITE = widgets.update_widget(widget_id="1", if_match="1", body=models.WidgetUpdate(name="Tea"))


def answer(changes, http_status=200):
    values = body("Widget", name="Blue widget", weight_grams=3) | changes
    widget = {name: value for name, value in values.items() if value is not MISSING}
    return reply(http_status, msgspec.json.encode(widget), Contract_Version=release(minors=1))


HARMLESS = {
    "unknown field": {"colour": "blue"},
    "unknown field in an object": {"price": {"amount_minor": 1, "currency": "EUR", "net": 1}},
    "unknown enum value": {"status": "discontinued"},
    "unknown enum value in a list": {"next_statuses": ["built", "discontinued"]},
    "unknown currency": {"price": {"amount_minor": 1, "currency": "XYZ"}},
    "longer string": {"name": "x" * 5000},
    "longer list": {"tags": [f"tag-{number}" for number in range(200)]},
    "number beyond the limit": {"weight_grams": 10**12},
    "whole number written as 4.0": {"weight_grams": 4.0},
    "other characters": {"note": "a b\u0001ü"},
    "moment with another offset": {"created_at": "2026-11-23T10:30:00.123456+02:00"},
    "moment without an offset": {"created_at": "2026-11-23T08:30:00"},
}


@pytest.mark.parametrize("changes", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_difference_in_an_answer_is_coped_with(server, real_api, changes):
    server.scripts = [answer(changes)]

    widget = real_api.send(READ)

    name, value = next(iter(changes.items()))
    if hasattr(widget, name) and name != "price":
        assert getattr(widget, name) == value


def test_new_success_status_is_a_success(server, real_api):
    server.scripts = [answer({}, 203)]

    assert real_api.send(READ).name == "Blue widget"


@pytest.mark.parametrize("status", [418, 423, 451])
def test_new_refusal_is_said_in_the_api_s_words(server, real_api, status):
    server.scripts = [problem(status, title="Frozen for the season")]

    with pytest.raises(failures.Rejected, match="Frozen for the season"):
        real_api.send(WRITE)


@pytest.mark.parametrize("status", [500, 520, 599])
def test_error_that_is_no_problem_document_is_no_crash(server, real_api, status):
    server.scripts = [reply(status, b"<html>Bad gateway</html>", Content_Type="text/html")]

    with pytest.raises(failures.Unavailable):
        real_api.send(WRITE)


BREAKS = {
    "required field is missing": {"name": MISSING},
    "null where none was promised": {"name": None},
}


@pytest.mark.parametrize("changes", BREAKS.values(), ids=BREAKS.keys())
def test_real_break_says_what_is_wrong(server, real_api, changes):
    server.scripts = [answer(changes)]

    with pytest.raises(failures.NotUnderstood, match=r"read_widget: .*name") as caught:
        real_api.send(READ).name  # noqa: B018 - reading it is what fails
    assert caught.value.api_version == release(minors=1)
