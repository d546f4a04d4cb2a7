"""A door to a real server."""

import threading

import pytest

from core import api as door
from core.api import Api
from core.tests.server import Server, Tokens


@pytest.fixture
def server(settings):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.API_URL = f"http://127.0.0.1:{server.server_port}"
        door.pool.cache_clear()
        yield server
        door.pool().close()
        door.pool.cache_clear()
        server.shutdown()
        thread.join()


@pytest.fixture
def real_api():
    return Api(Tokens())
