"""Slow statements are in the log, without anything that was typed."""

import json

import pytest

from tests.server import Server
from tests.widgets.server import WidgetServer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/a.sqlite3"
    return request.getfixturevalue("database")


def slow(server: Server) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    return [line for line in lines if line["message"] == "slow statement"]


def use(server: Server) -> None:
    """Make each kind of statement once, with something to find."""
    with server.client() as client:
        key = {"Idempotency-Key": "canary"}
        answer = client.post("widgets", json={"code": "canary"}, headers=key)
        path = answer.headers["location"]
        client.get(path.removeprefix("/v1/"))
        client.get("widgets?q=canary")
        client.patch(
            path.removeprefix("/v1/"), json={"code": "canary 2"}, headers={"If-Match": '"1"'}
        )
        client.get("/health/ready")


def test_slow_statements_are_named_and_have_no_values(tmp_path, url):
    server = WidgetServer(tmp_path, url, SLOW_QUERY_SECONDS="0.000001")
    server.migrate()
    server.start()
    use(server)
    server.stop()

    written = slow(server)
    for table in ("widgets", "idempotency_keys"):
        assert any(table in str(line["sql"]) for line in written)
    [by_id, *_] = [line for line in written if str(line["sql"]).startswith("SELECT widgets.id")]
    assert by_id["level"] == "warning"
    assert by_id["trace_id"]
    assert "canary" not in server.log.read_text()


def test_others_are_not_in_the_log(tmp_path):
    server = WidgetServer(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/a.sqlite3")
    server.migrate()
    server.start()
    use(server)
    server.stop()

    assert not slow(server)
