"""Log lines and spans name the route's template, never the path: there are only so many of them."""

import json

import pytest

from tests.collector import Collector
from tests.widgets.server import WidgetServer

UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
TEMPLATE = "/v1/widgets/{widget_id}"


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.close()


def test_a_line_and_a_span_have_the_template(tmp_path, collector):
    url = f"sqlite+aiosqlite:///{tmp_path}/a.sqlite3"
    server = WidgetServer(tmp_path, url, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    server.migrate()
    server.start()
    with server.client() as client:
        answer = client.get(f"widgets/{UNKNOWN}")
    server.stop()

    trace_id = answer.json()["trace_id"]
    log = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line["route"] for line in log if line["trace_id"] == trace_id] == [TEMPLATE]
    (span,) = collector.spans(trace_id)
    assert (span["name"], span["http.route"]) == (f"GET {TEMPLATE}", TEMPLATE)
    assert span["http.response.status_code"] == 404
