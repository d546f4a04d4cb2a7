"""Log lines and spans name the route's template, never the path: there are only so many of them."""

from tests.conftest import until
from tests.test_logs import lines

UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
TEMPLATE = "/v1/widgets/{widget_id}"


def test_a_line_and_a_span_have_the_template(two_workers, collector):
    with two_workers.client() as client:
        answer = client.get(f"widgets/{UNKNOWN}")

    trace_id = answer.json()["trace_id"]
    assert [line["route"] for line in lines(two_workers, trace_id)] == [TEMPLATE]
    until(lambda: collector.spans(trace_id))
    (span,) = collector.spans(trace_id)
    assert (span["name"], span["http.route"]) == (f"GET {TEMPLATE}", TEMPLATE)
    assert span["http.response.status_code"] == 404
