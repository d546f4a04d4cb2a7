import json
import logging
import os
import re
import select
from contextlib import suppress

import pytest

from client.models import ProblemDetails
from contract.tests.examples import made
from core.context import May
from core.error_pages import ERROR_PAGES, api_error, error_page_of
from core.failures import ApiError, Refusal, Stale, Unavailable
from core.telemetry import (
    DefectsOnly,
    JsonFormatter,
    NeverBlockingHandler,
    begin_trace,
    trace_id,
    traceparent,
)
from core.tests.page import check_page


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.INFO)
    return lambda: [json.loads(JsonFormatter().format(record)) for record in caplog.records]


class TestHeaders:
    def test_every_page_has_the_strict_policy(self, client):
        headers = client.get("/accounts/sign-in/").headers

        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_pages_of_a_person_are_not_stored(self, editor, api):
        api.plan("list_widgets", 200, api.page())

        assert editor.get("/widgets/").headers["Cache-Control"] == "private, no-store"


class TestTrace:
    def test_caller_s_trace_is_continued_to_the_api_and_the_log(self, editor, api, logged):
        api.plan("list_widgets", 200, api.page())
        sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

        editor.get("/widgets/", headers={"traceparent": sent})

        assert api.requests[0].headers["traceparent"].split("-")[1] == sent.split("-")[1]
        (line,) = [line for line in logged() if line["logger"] == "web.access"]
        assert line["trace_id"] == sent.split("-")[1]
        assert (line["path"], line["status"], line["api_calls"]) == ("/widgets/", 200, 1)

    @pytest.mark.parametrize("sent", ["", "nonsense", f"00-{'0' * 32}-{'1' * 16}-01"])
    def test_bad_trace_begins_a_new_one(self, sent):
        assert len(begin_trace(sent)) == 32

    def test_call_outside_a_page_has_a_trace_of_its_own(self):
        token = trace_id.set("")
        assert len(traceparent()) == 55
        trace_id.reset(token)

    def test_failure_page_names_the_trace_of_the_api(self, editor, api):
        api.plan_problem("list_widgets", 403)

        assert "4bf92f3577b34da6a3ce929d0e0e4736" in editor.get("/widgets/").text


class TestLog:
    def test_defect_has_its_traceback(self):
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "broke", (), (ValueError, ValueError("no"), None)
        )

        assert DefectsOnly().filter(record)
        assert "ValueError: no" in json.loads(JsonFormatter().format(record))["exception"]

    def test_chosen_status_is_not_logged_twice(self):
        assert not DefectsOnly().filter(
            logging.LogRecord("x", logging.ERROR, "", 0, "503", (), None)
        )

    def test_token_and_cookie_are_never_logged(self, editor, api, logged):
        api.plan_failure("list_widgets")
        editor.get("/widgets/")

        secrets = [editor.cookies["corner_shop_session"].value, "Bearer", "eyJ"]
        assert not [s for s in secrets if s in json.dumps(logged())]


class TestOwnErrors:
    def test_unknown_address_is_a_page(self, editor):
        response = editor.get("/nothing/")

        assert response.status_code == 404
        assert "nothing at this address" in response.text

    def test_defect_is_a_page_without_details(self, editor, api, monkeypatch):
        editor.raise_request_exception = False
        monkeypatch.setattr("core.gateway.read_identity", lambda api: 1 / 0)

        response = editor.get("/")

        assert response.status_code == 500
        assert "ZeroDivisionError" not in response.text
        assert "Something broke here" in response.text

    def test_unforeseen_change_by_someone_else_is_a_page(self, rf, db):
        request = rf.post("/x/")
        request.user = type("Nobody", (), {"is_authenticated": False, "email": ""})()
        request._messages = []
        stale = Stale(made(ProblemDetails, detail="It was changed since you read it."))

        response = api_error(request, stale)

        check_page(response.text)
        assert "It was changed since you read it." in response.text


def kinds(base=ApiError):
    """Yield every exception that a call can end in."""
    yield base
    for kind in base.__subclasses__():
        yield from kinds(kind)


class TestNobodyReads:
    @pytest.fixture
    def pipe(self):
        reader, writer = os.pipe()
        handler = NeverBlockingHandler()
        handler.setFormatter(JsonFormatter())
        with open(reader) as lines, open(writer, "w") as stream:
            handler.setStream(stream)
            yield handler, lines

    def record(self, text="a page"):
        return logging.LogRecord("web", logging.INFO, "", 1, text, None, None)

    def test_a_log_that_nobody_reads_stops_nobody(self, pipe):
        handler, _ = pipe
        for text in ["a page", "a long traceback" * 1000] * 300:
            handler.emit(self.record(text))

        assert handler.dropped > 0

    def test_when_it_is_read_again_it_says_how_many_lines_it_lacks(self, pipe):
        handler, lines = pipe
        while not handler.dropped:
            handler.emit(self.record())
        while select.select([lines], [], [], 0)[0]:
            os.read(lines.fileno(), 65536)
        handler.emit(self.record())

        assert json.loads(lines.readline())["dropped_lines"] == 1

    def test_a_full_disk_stops_nobody(self):
        handler = NeverBlockingHandler()
        with open("/dev/full", "w") as stream:
            handler.setStream(stream)
            handler.emit(self.record())

            assert handler.dropped == 1
            with suppress(OSError):
                stream.close()


class TestWords:
    JARGON = re.compile(r"(?i)scope|pattern|contract|schema|language|token|minor unit|http|null")

    def test_every_failure_has_its_page(self):
        made = [kind.__new__(kind) for kind in kinds() if kind not in (ApiError, Refusal)]

        assert [exc for exc in made if error_page_of(exc) is None] == []
        assert [exc for exc in made if isinstance(exc, Unavailable) and not in_form(exc)] == []

    @pytest.mark.parametrize("page", ERROR_PAGES.values(), ids=ERROR_PAGES)
    def test_page_says_in_plain_sentences_what_happened(self, page):
        words = f"{page.title} {page.text} {page.advice} {page.in_form}"

        assert not self.JARGON.findall(words)
        assert page.text.endswith(".") or page.has_api_words
        assert 400 <= page.status < 600


def in_form(exc):
    page = error_page_of(exc)
    return page and page.in_form


def test_misspelt_operation_is_an_error_not_a_hidden_button():
    with pytest.raises(RuntimeError, match="create_widgt"):
        May(frozenset())["create_widgt"]


class TestPageCheck:
    @pytest.mark.parametrize(
        ("html", "wrong"),
        [
            ("<p id=a></p><p id=a></p>", "id a is there twice"),
            ("<input name=q>", "field q has no label"),
            ("<p style='x'></p>", "<p> has style"),
            ("<a onclick=x></a>", "<a> has onclick"),
            ("<script>1</script>", "inline script"),
            ("<p>Must match the pattern ^a$.</p>", "says 'pattern' to people"),
            ("<p>It is None</p>", "says 'None' to people"),
            ("<p>Input should be a number</p>", "to people"),
            ("<a hx-get=/x></a>", "works with htmx only"),
            ("<label for=x></label>", "for=x leads nowhere"),
            ("<html><title>· Corner Shop</title><h1></h1></html>", "no title"),
            ("<html><title>A</title></html>", "not exactly one h1"),
            ("<div><p></div>", "closes something else"),
            ("<div>", "<div> is not closed"),
            ("<p class=a class=b></p>", "an attribute twice"),
        ],
        ids=range(15),
    )
    def test_finds_what_is_wrong(self, html, wrong):
        with pytest.raises(AssertionError, match=wrong):
            check_page(html)
