import pytest
from django.db import DatabaseError, OperationalError, connection

from contract.document import pinned
from core import api as client_module
from core import health
from core.health import start
from core.releases import is_release, why_not_spoken
from core.tests.hostile import Hostile

PINNED = tuple(int(part) for part in pinned().version.split("."))
OLDER = "0.9.0"
NEWER = f"{PINNED[0]}.{PINNED[1] + 1}.0"
OTHER_MAJOR = f"{PINNED[0] + 1}.0.0"


@pytest.fixture(autouse=True)
def _started():
    """Let every test begin with a program that was just started."""
    start.begin()
    yield
    start.begin()


def answer(version="", status=b"200 OK", body=b'{"status": "ok"}'):
    said = b"Contract-Version: " + version.encode() + b"\r\n" if version else b""
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + said + length + body


class ScriptedApi(Hostile):
    """An API that answers every request with these bytes, dripped or at once, or never."""

    def __init__(self, reply):
        self.reply = reply
        super().__init__()

    def _answer(self, conn, path, head):
        if self.reply is None:
            self._closing.wait(30)
            return False
        if isinstance(self.reply, list):
            for byte in self.reply[0]:
                conn.sendall(bytes([byte]))
                if self._closing.wait(0.1):
                    break
            return False
        conn.sendall(self.reply)
        return False


# What the API does → whether a UI that starts becomes ready.
STATES = {
    "absent": (..., True),
    "unknown name": (..., True),
    "refusing": (..., True),
    "hanging": (None, True),
    "dripping": ([answer(NEWER)], True),
    "garbage": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", True),
    "another site": (answer(body=b"<html>"), True),
    "a proxy's 502": (answer(status=b"502 Bad Gateway"), True),
    "no release": (answer("latest"), True),
    "same": (answer(pinned().version), True),
    "newer": (answer(NEWER), True),
    "newer, not ready": (answer(NEWER, b"503 Service Unavailable"), True),
    "older": (answer(OLDER), False),
    "older, not ready": (answer(OLDER, b"503 Service Unavailable"), False),
    "older, broken": (answer(OLDER, b"500 Internal Server Error"), False),
    "other major": (answer(OTHER_MAJOR), False),
}


@pytest.fixture
def an_api(settings, monkeypatch):
    """Return what brings the API into a state."""
    apis = []
    monkeypatch.setattr(health, "API_SECONDS", 0.5)

    def bring(state):
        if STATES[state][0] is ...:
            closed = Hostile()
            closed.close()
            addresses = {"absent": "127.0.0.1:1", "unknown name": "api.invalid"}
            settings.API_URL = f"http://{addresses.get(state, f'127.0.0.1:{closed.port}')}"
        else:
            apis.append(ScriptedApi(STATES[state][0]))
            settings.API_URL = f"http://127.0.0.1:{apis[-1].port}"
        client_module.pool.cache_clear()

    yield bring
    client_module.pool().close()
    client_module.pool.cache_clear()
    for api in apis:
        api.close()


@pytest.mark.django_db
class TestMatrix:
    @pytest.mark.parametrize("state", STATES)
    def test_a_program_that_starts(self, client, an_api, record_property, state):
        record_property("cells held: readiness: the API x (starting, ready)", 1)
        an_api(state)

        response = client.get("/health/ready")

        assert response.status_code == (200 if STATES[state][1] else 503), response.json()
        assert start.is_over is STATES[state][1]

    @pytest.mark.parametrize("state", STATES)
    def test_a_program_that_is_ready_stays_so(self, client, an_api, record_property, state):
        record_property("cells held: readiness: the API x (starting, ready)", 1)
        an_api("same")
        assert client.get("/health/ready").status_code == 200
        an_api(state)

        assert [client.get("/health/ready").status_code for _ in range(3)] == [200] * 3


def test_live_asks_nobody(client):
    assert client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
class TestReady:
    def test_when_the_api_fits(self, client, api):
        api.plan("check_ready", 200, {"status": "ok"})

        response = client.get("/health/ready", headers={"Host": "10.0.0.7:8001"})

        assert response.status_code == 200

    def test_a_probe_over_http_is_answered_where_pages_are_https(self, client, api, settings):
        settings.SECURE_SSL_REDIRECT = True
        api.plan("check_ready", 200, {"status": "ok"})

        assert client.get("/health/ready").status_code == 200
        assert client.get("/accounts/sign-in/").status_code == 301

    def test_once_ready_the_api_is_not_asked(self, client, api):
        api.plan("check_ready", 200, {"status": "ok"})
        for _ in range(3):
            client.get("/health/ready")

        assert len(api.requests) == 1

    def test_an_api_that_was_upgraded_meanwhile_ends_the_wait(self, client, an_api):
        an_api("older")
        assert f"the API speaks {OLDER}, I need" in client.get("/health/ready").json()["reason"]
        an_api("newer")

        assert client.get("/health/ready").status_code == 200

    def test_a_connection_that_died_is_replaced(self, monkeypatch, client, api):
        api.plan("check_ready", 200, {"status": "ok"})
        opened, closed = connection.cursor, list[int]()

        def cursor():
            if not closed:
                raise OperationalError("server closed the connection unexpectedly")
            return opened()

        monkeypatch.setattr(connection, "cursor", cursor)
        monkeypatch.setattr(connection, "close", lambda: closed.append(1))

        assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("is_ready", [False, True], ids=["starting", "ready"])
def test_not_ready_without_its_accounts(client, monkeypatch, is_ready):
    def fail():
        raise DatabaseError("disk full")

    monkeypatch.setattr(connection, "ensure_connection", fail)
    if is_ready:
        start.end()

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert "accounts" in response.json()["reason"]


@pytest.mark.parametrize(
    ("spoken", "needed", "ready"),
    [
        ("1.0.0", "1.0.0", True),
        ("1.10.0", "1.9.0", True),
        ("1.0.0", "1.1.0", False),
        ("1.1.0", "1.1.1", False),
        ("2.0.0", "1.1.0", False),
        ("", "1.0.0", False),
        ("latest", "1.0.0", False),
    ],
)
def test_same_major_and_not_older(spoken, needed, ready):
    assert (why_not_spoken(spoken, needed) == "") is ready


def test_reason_names_both_releases():
    assert why_not_spoken("1.0.0", "1.1.0") == "the API speaks 1.0.0, I need 1.1.0"


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "v1.2.3", "1.2.3-rc1", "1.02.3", "1.2.3\n", "١.٢.٣"]
)
def test_what_is_no_release(text):
    assert not is_release(text)
