"""With a collector there is a span a request; without one, nothing of it is even imported."""

import subprocess
import sys

import httpx2
import pytest

from conftest import make_token
from tests.conftest import until
from tests.server import NO_TLS, ROOT, Server

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "b7ad6b7169203331"


@pytest.fixture
def server(two_workers):
    return two_workers


def ask(server: Server, path: str, **headers: str) -> httpx2.Response:
    headers |= {"Authorization": f"Bearer {make_token()}"}
    return httpx2.get(server.url + path, headers=headers, verify=NO_TLS)


def test_a_request_is_one_span_of_its_caller_s_trace(server, collector):
    parent = f"00-{TRACE}-{PARENT}-01"
    answer = ask(server, "/v1/identity", traceparent=parent)

    until(lambda: collector.spans(TRACE))
    (span,) = collector.spans(TRACE)
    assert span["name"] == "GET /v1/identity"
    assert span["parent"] == PARENT
    assert span["http.request.method"] == "GET"
    assert span["http.response.status_code"] == 200
    assert answer.headers["traceparent"] == f"00-{TRACE}-{span['id']}-01"


def test_a_trace_that_begins_here_has_the_id_of_logs_and_answers(server, collector):
    answer = ask(server, "/v1/identity")

    trace_id = answer.headers["traceparent"].split("-")[1]
    until(lambda: collector.spans(trace_id))
    assert collector.spans(trace_id)[0]["parent"] == ""
    until(lambda: f'"trace_id":"{trace_id}"' in server.log.read_text())


def test_what_people_search_for_stays_out(server, collector):
    answer = ask(server, "/v1/identity?q=canary")

    trace_id = answer.headers["traceparent"].split("-")[1]
    until(lambda: collector.spans(trace_id))
    assert answer.status_code == 200
    assert "canary" not in str(collector.requests)


def test_the_service_has_a_name(server, collector):
    ask(server, "/health/live")

    until(lambda: collector.requests)
    attributes = collector.requests[0].resource_spans[0].resource.attributes
    names = {item.key: item.value.string_value for item in attributes}
    assert names["service.name"] == "corner-shop-api"


def test_spans_not_yet_sent_are_sent_at_the_end(collector, tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/shop.sqlite3"
    server = Server(tmp_path, url, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    answer = ask(server.start(ready="/health/live"), "/v1/identity")
    trace_id = answer.headers["traceparent"].split("-")[1]
    assert not collector.spans(trace_id)

    server.stop()

    assert collector.spans(trace_id)


def imported(**variables: str) -> set[str]:
    """Return which modules a started application has."""
    code = "import sys; from app.main import create_app; create_app(); print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, check=True, capture_output=True
    )
    return set(run.stdout.decode().split())


def test_nothing_is_imported_that_is_not_configured():
    optional = {"opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf", "redis"}

    assert not optional & imported()
    endpoints = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "REDIS_URL": "redis://x"}
    assert optional <= imported(**endpoints)
