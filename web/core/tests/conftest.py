"""These tests run on widgets; some call a real server."""

import threading

import hypothesis
import pytest

from core import api as client
from core.api import Api
from core.tests.server import Server, Tokens
from tests.widgets.fixtures import url, views, widget, widgets

__all__ = ["url", "views", "widget", "widgets"]

# A busy machine is slow, and what was found once is written down as a test.
hypothesis.settings.register_profile(
    "web",
    deadline=None,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("web")


@pytest.fixture
def server(settings):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.API_URL = f"http://127.0.0.1:{server.server_port}"
        client.pool.cache_clear()
        yield server
        client.pool().close()
        client.pool.cache_clear()
        server.shutdown()
        thread.join()


@pytest.fixture
def real_api():
    return Api(Tokens())
