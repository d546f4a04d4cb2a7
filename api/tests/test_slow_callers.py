"""Who sends a body drop by drop, or never ends it, keeps nobody else waiting."""

import contextlib
import socket
from urllib.parse import urlsplit

import pytest

from conftest import make_token
from tests.widgets.server import WidgetServer

SLOW = 200  # more than there are connections to the database


@pytest.fixture
def server(tmp_path, database):
    server = WidgetServer(tmp_path, database)
    server.migrate()
    yield server.start()
    server.stop()


def test_unfinished_bodies_hold_nothing_that_others_need(server):
    head = (
        "POST /v1/widgets HTTP/1.1\r\nHost: api.test\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {make_token()}\r\nContent-Length: 100\r\n\r\n{{"
    )
    address = ("127.0.0.1", urlsplit(server.url).port or 0)
    with contextlib.ExitStack() as stack:
        for _ in range(SLOW):
            slow = stack.enter_context(socket.create_connection(address))
            slow.sendall(head.encode())

        with server.client(timeout=5) as client:
            assert client.get("widgets").status_code == 200
            assert client.post("widgets", json={"code": "A"}).status_code == 201
        assert server.status("/health/ready") == 200
