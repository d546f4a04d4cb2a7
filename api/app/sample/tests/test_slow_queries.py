"""A slow statement is in the log by the name of the function that asked.

Only functions in ``app`` are named, and the widgets of tests/test_slow_queries.py are outside.
"""

import pytest

from tests.server import Server
from tests.test_slow_queries import slow

MODULE = "app.resources.categories"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/shop.sqlite3"
    return request.getfixturevalue("database")


def use(server: Server) -> None:
    """Make each kind of statement once, with something to find."""
    with server.client() as client:
        path = client.post("categories", json={"name": "canary"}).headers["location"]
        client.get(path.removeprefix("/v1/"))
        client.get("categories?q=canary")
        client.patch(
            path.removeprefix("/v1/"), json={"name": "canary 2"}, headers={"If-Match": '"1"'}
        )
        client.get("/health/ready")


def test_slow_statements_are_named(tmp_path, url):
    server = Server(tmp_path, url, SLOW_QUERY_SECONDS="0.000001")
    server.migrate()
    server.start()
    use(server)
    server.stop()

    written = slow(server)
    names = {str(line["statement"]) for line in written}
    assert names >= {
        f"{MODULE}.router.create_category",
        f"{MODULE}.router.list_categories",
        "app.http.rows.get_category",
        "app.http.rows.lock_category",
        f"{MODULE}.router.update_category",
    }
    by_id = next(line for line in written if line["statement"] == "app.http.rows.get_category")
    assert str(by_id["sql"]).startswith("SELECT categories.id")
    assert by_id["level"] == "warning"
    assert by_id["trace_id"]
    assert "canary" not in server.log.read_text()
