"""What every process writes: one JSON line a request, joined to its trace."""

import json
import re

import httpx2
import pytest

from app.core.telemetry import describe
from conftest import make_token
from tests.conftest import until
from tests.server import Server

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    server = Server(folder, f"sqlite+aiosqlite:///{folder}/shop.sqlite3")
    server.migrate()
    yield server.start(workers=request.param)
    server.stop()


def lines(server: Server, trace_id: str) -> list[dict[str, object]]:
    """Return the lines of a trace; the last is written just after the answer is sent."""

    def written() -> list[dict[str, object]]:
        complete = server.log.read_text().rpartition("\n")[0].splitlines()
        return [line for line in map(json.loads, complete) if line["trace_id"] == trace_id]

    until(written)
    return written()


def ask(server: Server, path: str, **headers: str) -> httpx2.Response:
    headers |= {"Authorization": f"Bearer {make_token(sub='ann')}"}
    return httpx2.get(server.url + path, headers=headers)


def test_a_request_is_one_line_of_json(server):
    ask(server, f"/v1/products/{UNKNOWN}?q=secret", traceparent=PARENT)

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
        "route": "/v1/products/{product_id}",
        "status": 404,
        "caller": "ann",
    }


def test_problem_and_response_name_the_trace_of_the_caller(server):
    answer = ask(server, f"/v1/products/{UNKNOWN}", traceparent=PARENT)

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


def test_an_error_of_the_database_is_500_and_one_line(tmp_path, database):
    server = Server(tmp_path, database).start(ready="/health/live")  # there are no tables

    answers = [ask(server, "/v1/categories") for _ in range(2)]

    server.stop()
    assert [answer.status_code for answer in answers] == [500, 500]
    written = lines(server, answers[0].json()["trace_id"])
    assert [line["message"] for line in written] == ["unhandled error", "request"]
    assert "UndefinedTableError" in str(written[0]["exception"])
