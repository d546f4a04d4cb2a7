"""What every process writes: one JSON line a request, joined to its trace."""

import contextlib
import json
import logging
import os
import re
import select

import httpx2
import pytest

from app.operations.logging import JsonFormatter, NeverBlockingHandler, describe
from conftest import make_token
from tests.conftest import until
from tests.server import NO_TLS, Server

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def one_worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    server = Server(folder, f"sqlite+aiosqlite:///{folder}/shop.sqlite3")
    yield server.start(ready="/health/live")
    server.stop()


@pytest.fixture(params=["one_worker", "two_workers"])
def server(request):
    return request.getfixturevalue(request.param)


def lines(server: Server, trace_id: str) -> list[dict[str, object]]:
    """Return the lines of a trace; the last is written just after the answer is sent."""

    def written() -> list[dict[str, object]]:
        complete = server.log.read_text().rpartition("\n")[0].splitlines()
        return [line for line in map(json.loads, complete) if line["trace_id"] == trace_id]

    until(written)
    return written()


def ask(server: Server, path: str, **headers: str) -> httpx2.Response:
    headers |= {"Authorization": f"Bearer {make_token(sub='ann')}"}
    return httpx2.get(server.url + path, headers=headers, verify=NO_TLS)


def test_a_request_is_one_line_of_json(server):
    ask(server, "/v1/identity?q=secret", traceparent=PARENT)

    written = lines(server, TRACE)
    assert len(written) == 1
    duration = written[0].pop("duration_ms")
    assert isinstance(duration, float)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(written[0].pop("time")))
    assert written[0] == {
        "level": "info",
        "logger": "app.access",
        "message": "request",
        "trace_id": TRACE,
        "method": "GET",
        "route": "/v1/identity",
        "status": 200,
        "caller": "ann",
    }


def test_problem_and_response_name_the_trace_of_the_caller(server):
    answer = ask(server, "/v1/nothing", traceparent=PARENT)

    assert answer.json()["trace_id"] == TRACE
    version, trace_id, span_id, flags = answer.headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", TRACE, "01")
    assert span_id != PARENT.split("-")[2]
    assert re.fullmatch(r"(?!0{16})[0-9a-f]{16}", span_id)


@pytest.mark.parametrize("bad", ["", "00-x", f"00-{'0' * 32}-b7ad6b7169203331-01", PARENT.upper()])
def test_a_request_without_a_trace_gets_one(server, bad):
    first = ask(server, "/v1/identity", **({"traceparent": bad} if bad else {}))
    second = ask(server, "/v1/identity")

    ids = [answer.headers["traceparent"].split("-")[1] for answer in (first, second)]
    assert all(re.fullmatch(r"(?!0{32})[0-9a-f]{32}", trace_id) for trace_id in ids)
    assert len({*ids, TRACE}) == 3
    assert all(lines(server, trace_id) for trace_id in ids)


def test_an_error_that_is_its_own_cause_is_described_once():
    first, second = ValueError("first"), TypeError("second")
    first.__cause__, second.__cause__ = second, first

    assert describe(first).count("first") == 1


def test_an_error_whose_cause_is_a_group_that_holds_it_is_described_once():
    """So it is with each error that comes through one of Starlette's BaseHTTPMiddleware."""
    try:
        try:
            raise RuntimeError("the bug")
        except RuntimeError as error:
            raise ExceptionGroup("unhandled", [error, ValueError("another")]) from None
    except ExceptionGroup as group:
        bug = group.exceptions[0]
        bug.__cause__ = group

    text = describe(bug)

    assert text.count("RuntimeError: the bug") == 1
    assert "ValueError: another" in text


class TestNobodyReads:
    @pytest.fixture
    def pipe(self):
        reader, writer = os.pipe()
        handler = NeverBlockingHandler()
        handler.setFormatter(JsonFormatter())
        with open(reader) as lines, open(writer, "w") as stream:
            handler.setStream(stream)
            yield handler, lines

    def record(self, text="request"):
        return logging.LogRecord("app", logging.INFO, "", 1, text, None, None)

    def test_a_log_that_nobody_reads_stops_nobody(self, pipe):
        handler, _ = pipe
        for text in ["request", "a long traceback" * 1000] * 300:
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
            with contextlib.suppress(OSError):
                stream.close()
