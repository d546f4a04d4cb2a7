import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from client import operations
from client.models import CategoryCreate, Health, ProductBatchResult
from contract.call import Call
from core import api as door
from core import failures
from core.api import Api
from core.telemetry import begin_trace

HEALTH = b'{"status": "ok"}'
PROBLEM = {"type": "/x", "title": "No", "status": 0, "instance": "/", "trace_id": "abc"}


class Tokens:
    """A person whose tokens are numbered."""

    scopes = frozenset({"products:read"})

    def __init__(self):
        self.number = 1

    def token(self, *, fresh=False):
        self.number += fresh
        return f"token-{self.number}"


class Server(ThreadingHTTPServer):
    """A real HTTP server that answers from a list of scripts, one a request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts = []
        self.seen = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *args):
        """Stay quiet."""

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.seen.append(
            (self.command, self.path, dict(self.headers), self.rfile.read(length))
        )
        scripts = self.server.scripts
        (scripts.pop(0) if len(scripts) > 1 else scripts[0])(self)

    do_GET = do_POST = do_PATCH = do_DELETE = answer


def reply(status=200, body=HEALTH, **headers):
    def script(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return script


def problem(status, **fields):
    body = msgspec.json.encode(PROBLEM | {"status": status} | fields)
    return reply(status, body, Content_Type="application/problem+json")


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def endless(pause, chunk):
    def script(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(chunk)
                time.sleep(pause)
        except OSError:
            handler.close_connection = True

    return script


@pytest.fixture
def server(settings):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.API_URL = f"http://127.0.0.1:{server.server_port}"
        door.pool.cache_clear()
        yield server
        door.pool().close()
        door.pool.cache_clear()
        server.shutdown()
        thread.join()


@pytest.fixture
def api():
    return Api(Tokens())


READ = operations.check_live()
WRITE = operations.create_category(body=CategoryCreate(name="Tea"))


class TestAnswers:
    def test_answer_is_typed_and_unknown_fields_are_ignored(self, server, api):
        server.scripts = [reply(body=b'{"status": "ok", "mood": {"new": true}}')]

        assert api.send(READ) == Health(status="ok")

    def test_unknown_enum_value_is_kept_as_it_is(self, server, api):
        body = b'{"sku": "A", "outcome": "postponed", "id": null, "errors": []}'
        server.scripts = [reply(body=b'{"items": [' + body + b"]}")]

        answer = api.send(Call("x", "GET", "/x", ProductBatchResult))

        assert answer.items[0].outcome == "postponed"

    def test_answer_without_body_is_none(self, server, api):
        server.scripts = [reply(204, b"")]

        assert api.send(operations.delete_category(category_id="1", if_match='"1"')) is None

    @pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"status": 3}', b"\xff\xfe"])
    def test_what_the_contract_does_not_promise_is_not_understood(self, server, api, body):
        server.scripts = [reply(body=body, Contract_Version="0.9.0")]

        with pytest.raises(failures.NotUnderstood) as caught:
            api.send(READ)
        assert caught.value.api_version == "0.9.0"

    def test_redirect_is_not_followed(self, server, api):
        server.scripts = [reply(302, Location="http://127.0.0.1:1/")]

        with pytest.raises(failures.NotUnderstood):
            api.send(READ)
        assert len(server.seen) == 1


class TestRequest:
    def test_carries_token_and_trace(self, server, api):
        trace = begin_trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        server.scripts = [reply()]

        api.send(READ)

        headers = server.seen[0][2]
        assert headers["Authorization"] == "Bearer token-1"
        assert headers["traceparent"].split("-")[1] == trace

    def test_ignores_proxy_variables(self, server, api, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        server.scripts = [reply()]

        assert api.send(READ).status == "ok"

    def test_slash_in_an_id_stays_one_segment(self, server, api):
        server.scripts = [problem(404)]

        with pytest.raises(failures.NotFound):
            api.send(operations.read_category(category_id="../products"))
        assert server.seen[0][1] == "/v1/categories/..%2Fproducts"

    def test_left_out_fields_are_not_sent(self, server, api):
        server.scripts = [problem(404)]

        with pytest.raises(failures.NotFound):
            api.send(WRITE)
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
    def test_status_becomes_an_exception(self, server, api, status, kind):
        server.scripts = [problem(status, detail="Because.")]

        with pytest.raises(kind):
            api.send(WRITE)

    def test_problem_keeps_the_api_s_words(self, server, api):
        server.scripts = [problem(403, detail="products:write is needed.")]

        with pytest.raises(failures.Forbidden, match="products:write is needed") as caught:
            api.send(READ)
        assert caught.value.trace_id == "abc"

    def test_refusal_by_something_else_than_the_api_is_not_understood(self, server, api):
        server.scripts = [reply(404, b"<html>nginx</html>")]

        with pytest.raises(failures.NotUnderstood):
            api.send(READ)

    def test_refused_token_is_replaced_once(self, server, api):
        server.scripts = [problem(401), reply()]

        api.send(READ)

        assert [s[2]["Authorization"] for s in server.seen] == ["Bearer token-1", "Bearer token-2"]

    def test_token_that_stays_refused_is_said(self, server, api):
        server.scripts = [problem(401)]

        with pytest.raises(failures.NotTrusted):
            api.send(READ)
        assert len(server.seen) == 2


class TestRetries:
    @pytest.mark.parametrize("bad", [reply(503), reply(429), hang_up], ids=["503", "429", "closed"])
    def test_read_is_tried_again(self, server, api, bad):
        server.scripts = [bad, bad, reply()]

        assert api.send(READ).status == "ok"
        assert api.calls == 3

    def test_read_gives_up_after_three(self, server, api):
        server.scripts = [reply(503)]

        with pytest.raises(failures.Unavailable):
            api.send(READ)
        assert len(server.seen) == 3

    @pytest.mark.parametrize("bad", [reply(503), hang_up], ids=["503", "closed"])
    def test_write_is_sent_once(self, server, api, bad):
        server.scripts = [bad]

        with pytest.raises(failures.Unavailable):
            api.send(WRITE)
        assert len(server.seen) == 1

    def test_write_with_an_idempotency_key_is_repeatable(self):
        assert not WRITE.repeatable
        assert Call("x", "POST", "/x", Health, headers={"Idempotency-Key": "1"}).repeatable

    def test_short_retry_after_is_honoured(self, server, api):
        server.scripts = [reply(503, Retry_After="1"), reply()]
        began = time.monotonic()

        api.send(READ)

        assert time.monotonic() - began >= 1

    def test_long_retry_after_is_not_waited_for(self, server, api):
        server.scripts = [reply(503, Retry_After="86400")]

        with pytest.raises(failures.Unavailable):
            api.send(READ)
        assert len(server.seen) == 1

    def test_failure_of_the_api_itself_is_not_repeated(self, server, api):
        server.scripts = [reply(500, b"<html>")]

        with pytest.raises(failures.Unavailable):
            api.send(READ)
        assert len(server.seen) == 1


class TestLimits:
    def test_silence_ends_at_the_page_s_deadline(self, server):
        silence = threading.Event()
        server.scripts = [lambda handler: silence.wait(5)]

        with pytest.raises(failures.Unavailable, match="ReadTimeout"):
            Api(Tokens(), seconds=0.3).send(READ)
        silence.set()

    def test_slow_drip_ends_at_the_page_s_deadline(self, server):
        server.scripts = [endless(0.05, b" ")]

        with pytest.raises(failures.Unavailable, match="too slowly"):
            Api(Tokens(), seconds=0.3).send(READ)
        assert len(server.seen) == 1

    def test_endless_answer_is_cut(self, server, api, monkeypatch):
        monkeypatch.setattr(door, "MAX_BYTES", 100_000)
        server.scripts = [endless(0, b" " * 10_000)]

        with pytest.raises(failures.NotUnderstood, match="more than 100000 bytes"):
            api.send(READ)

    def test_no_call_begins_after_the_deadline(self, server):
        with pytest.raises(failures.Unavailable, match="used up"):
            Api(Tokens(), seconds=0).send(READ)
        assert not server.seen

    def test_refused_connection_is_unavailable(self, server, settings):
        server.socket.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            settings.API_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
        door.pool.cache_clear()

        with pytest.raises(failures.Unavailable, match="ConnectError"):
            Api(None).send(READ)
