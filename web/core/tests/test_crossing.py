"""Nobody gets an answer that was meant for somebody else, however many the API sends."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from client import operations
from contract.tests.examples import body as example
from core import api as client_module
from core.api import Api
from core.failures import Down, Unavailable
from core.telemetry import begin_trace
from core.tests.hostile import Hostile
from core.tests.server import Tokens

ROUNDS = 20


class GenerousApi(Hostile):
    """Answers each request with its trace, and once more with that of the request before."""

    def __init__(self, way):
        self.way, self.owed = way, {}
        super().__init__()

    def _answer(self, conn, path, head):
        trace = head.partition(b"traceparent: ")[2].partition(b"\r\n")[0]
        body = msgspec.json.encode(example("Health", status=trace.split(b"-")[1].decode()))
        said = b"traceparent: " + trace + b"\r\n" if self.way != "without traces" else b""
        answer = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (said, len(body), body)
        if self.way == "before the next":
            conn.sendall(self.owed.pop(conn, b""))
            self.owed[conn] = answer
            conn.sendall(answer)
        elif self.way == "one after the other":
            conn.sendall(answer)
            conn.sendall(answer)
        else:
            conn.sendall(answer + answer)
        return True


@pytest.fixture(params=["in one piece", "one after the other", "before the next", "without traces"])
def generous(request, settings):
    api = GenerousApi(request.param)
    settings.API_URL = f"http://127.0.0.1:{api.port}"
    client_module.pool.cache_clear()
    yield api
    client_module.pool().close()
    client_module.pool.cache_clear()
    api.close()


def ask(_):
    """Ask as a new person; return whether the answer was theirs, which no answer is as well."""
    mine = begin_trace("")
    try:
        return Api(Tokens(), seconds=60).send(operations.check_live()).status == mine
    except Unavailable as exc:  # the breaker may have opened after some
        return "names another trace" in str(exc) or isinstance(exc, Down)


def test_one_person_after_another(generous):
    assert [ask(number) for number in range(ROUNDS)] == [True] * ROUNDS


def test_many_at_once(generous):
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(ROUNDS * 4))) == [True] * ROUNDS * 4
