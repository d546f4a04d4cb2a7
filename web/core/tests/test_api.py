import msgspec
import pytest

from client import operations
from contract.call import Call
from contract.tests.examples import body
from core import failures
from core.telemetry import begin_trace
from core.tests.server import problem, release, reply
from tests.widgets.client import models
from tests.widgets.client import operations as widgets

READ = operations.check_live()
WRITE = widgets.update_widget(widget_id="1", if_match="1", body=models.WidgetUpdate(name="Tea"))


class TestAnswers:
    def test_answer_is_typed_and_unknown_fields_are_ignored(self, server, real_api):
        answer = body("Health", status="ok") | {"mood": {"new": True}}
        server.scripts = [reply(body=msgspec.json.encode(answer))]

        assert real_api.send(READ).status == "ok"

    def test_unknown_enum_value_is_kept_as_it_is(self, server, real_api):
        result = body("WidgetPage", items=[body("Widget", status="postponed")])
        server.scripts = [reply(body=msgspec.json.encode(result))]

        answer = real_api.send(Call("x", "GET", "/x", models.WidgetPage))

        assert answer.items[0].status == "postponed"

    def test_answer_without_body_is_none(self, server, real_api):
        server.scripts = [reply(204, b"")]

        assert real_api.send(widgets.delete_widget(widget_id="1", if_match='"1"')) is None

    def test_answer_to_head_ends_with_its_head(self, server, real_api):
        def head(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "5")
            handler.send_header("traceparent", handler.headers["traceparent"])
            handler.end_headers()

        server.scripts = [head]
        assert real_api.send(Call("x", "HEAD", "/x", type(None))) is None

        server.scripts = [reply()]
        assert real_api.send(READ).status == "ok"

    @pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"status": 3}', b"\xff\xfe"])
    def test_what_the_contract_does_not_promise_is_not_understood(self, server, real_api, body):
        newer = release(minors=1)
        server.scripts = [reply(body=body, Contract_Version=newer)]

        with pytest.raises(failures.NotUnderstood) as caught:
            real_api.send(READ).status  # noqa: B018 - reading it is what fails
        assert caught.value.api_version == newer

    @pytest.mark.parametrize("spoken", [release(majors=-1), release(majors=1)])
    def test_an_api_of_another_release_is_too_old_whatever_it_says(self, server, real_api, spoken):
        server.scripts = [reply(Contract_Version=spoken)]

        with pytest.raises(failures.TooOld, match=f"the API speaks {spoken}, I need"):
            real_api.send(READ)

    def test_redirect_is_not_followed(self, server, real_api):
        server.scripts = [reply(302, Location="http://127.0.0.1:1/")]

        with pytest.raises(failures.NotUnderstood):
            real_api.send(READ)
        assert len(server.seen) == 1


class TestRequest:
    def test_carries_token_and_trace(self, server, real_api):
        trace = begin_trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        server.scripts = [reply()]

        real_api.send(READ)

        headers = server.seen[0][2]
        assert headers["Authorization"] == "Bearer token-1"
        assert headers["traceparent"].split("-")[1] == trace

    def test_ignores_proxy_variables(self, server, real_api, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        server.scripts = [reply()]

        assert real_api.send(READ).status == "ok"

    def test_slash_in_an_id_stays_one_segment(self, server, real_api):
        server.scripts = [problem(404)]

        with pytest.raises(failures.NotFound):
            real_api.send(widgets.read_widget(widget_id="../identity"))
        assert server.seen[0][1] == "/v1/widgets/..%2Fidentity"

    def test_left_out_fields_are_not_sent(self, server, real_api):
        server.scripts = [problem(404)]

        with pytest.raises(failures.NotFound):
            real_api.send(WRITE)
        assert server.seen[0][3] == b'{"name":"Tea"}'


class TestProblems:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (403, failures.Forbidden),
            (404, failures.NotFound),
            (409, failures.Rejected),
            (412, failures.Stale),
            (413, failures.Rejected),
            (422, failures.Rejected),
            (418, failures.NotUnderstood),
            (500, failures.Unavailable),
        ],
    )
    def test_status_becomes_an_exception(self, server, real_api, status, kind):
        server.scripts = [problem(status, detail="Because.")]

        with pytest.raises(kind):
            real_api.send(WRITE)

    def test_problem_keeps_the_api_s_words(self, server, real_api):
        server.scripts = [problem(403, detail="widgets:write is needed.")]

        with pytest.raises(failures.Forbidden, match="widgets:write is needed") as caught:
            real_api.send(READ)
        assert caught.value.trace_id == "abc"

    def test_refusal_by_something_else_than_the_api_is_not_understood(self, server, real_api):
        server.scripts = [reply(404, b"<html>nginx</html>")]

        with pytest.raises(failures.NotUnderstood):
            real_api.send(READ)

    def test_refused_token_is_replaced_once(self, server, real_api):
        server.scripts = [problem(401), reply()]

        real_api.send(READ)

        assert [s[2]["Authorization"] for s in server.seen] == ["Bearer token-1", "Bearer token-2"]

    def test_token_that_stays_refused_is_said(self, server, real_api):
        server.scripts = [problem(401)]

        with pytest.raises(failures.NotTrusted):
            real_api.send(READ)
        assert len(server.seen) == 2
