"""A database without the tables is a mistake of ours: 500, and a line that says it."""

import json

from tests.widgets.server import WidgetServer


def test_an_error_of_the_database_is_500_and_one_line(tmp_path, database):
    server = WidgetServer(tmp_path, database).start(ready="/health/live")
    with server.client() as client:
        answers = [client.get("widgets") for _ in range(2)]

    server.stop()
    assert [answer.status_code for answer in answers] == [500, 500]
    log = [json.loads(line) for line in server.log.read_text().splitlines()]
    ours = [line for line in log if line["trace_id"] == answers[0].json()["trace_id"]]
    assert [line["message"] for line in ours] == ["unhandled error", "request"]
    assert "UndefinedTableError" in ours[0]["exception"]
