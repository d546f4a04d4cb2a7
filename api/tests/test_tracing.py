"""With a collector there is a span a request; without one, nothing of it is even imported."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from conftest import make_token
from tests.conftest import until
from tests.server import ROOT, Server

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"


class Collector:
    """An OTLP receiver: POST /v1/traces, protobuf."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        received = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.path == "/v1/traces"
                assert self.headers["content-type"] == "application/x-protobuf"
                received.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self, trace_id: str) -> list[dict[str, object]]:
        """Return the spans of a trace, their attributes beside their name and parent."""
        return [
            {item.key: item.value.string_value or item.value.int_value for item in span.attributes}
            | {"name": span.name, "parent": span.parent_span_id.hex(), "id": span.span_id.hex()}
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
            if span.trace_id.hex() == trace_id
        ]


@pytest.fixture(scope="module")
def collector():
    collector = Collector()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()


@pytest.fixture(scope="module")
def server(collector, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracing")
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    server = Server(folder, f"sqlite+aiosqlite:///{folder}/shop.sqlite3", **variables)
    server.migrate()
    yield server.start(workers=2)
    server.stop()


def ask(server: Server, path: str, **headers: str) -> httpx2.Response:
    headers |= {"Authorization": f"Bearer {make_token()}"}
    return httpx2.get(server.url + path, headers=headers)


def test_a_request_is_one_span_of_its_caller_s_trace(server, collector):
    parent = f"00-{TRACE}-{PARENT}-01"
    answer = ask(server, f"/v1/products/{UNKNOWN}", traceparent=parent)

    until(lambda: collector.spans(TRACE))
    (span,) = collector.spans(TRACE)
    assert span["name"] == "GET /v1/products/{product_id}"
    assert span["parent"] == PARENT
    assert span["http.route"] == "/v1/products/{product_id}"
    assert span["http.request.method"] == "GET"
    assert span["http.response.status_code"] == 404
    assert answer.json()["trace_id"] == TRACE
    assert answer.headers["traceparent"] == f"00-{TRACE}-{span['id']}-01"


def test_a_trace_that_begins_here_has_the_id_of_logs_and_answers(server, collector):
    answer = ask(server, "/v1/products")

    trace_id = answer.headers["traceparent"].split("-")[1]
    until(lambda: collector.spans(trace_id))
    assert collector.spans(trace_id)[0]["parent"] == ""
    until(lambda: f'"trace_id":"{trace_id}"' in server.log.read_text())


def test_what_people_search_for_stays_out(server, collector):
    answer = ask(server, "/v1/products?q=canary")

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
