"""The issuer's keys over real HTTP: rotated, unknown, away."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc.jwk import ECKey, Key, KeySet

from app.core import keys
from app.core.keys import KeySource
from app.core.problems import Unavailable
from app.settings import Settings


class Issuer:
    """A JWKS endpoint whose keys a test changes."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: list[Key] = [self.new_key()]
        self.requests = 0
        self.status = 200
        self.moved_to = ""
        self.says = b""

    def new_key(self) -> ECKey:
        return ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)


@pytest.fixture
def issuer():
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.requests += 1
            if issuer.moved_to and not self.path.startswith("/new"):
                self.send_response(302)
                self.send_header("Location", issuer.moved_to)
                self.end_headers()
                return
            body = issuer.says or json.dumps(KeySet(issuer.keys).as_dict(private=False)).encode()
            self.send_response(issuer.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    yield issuer
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr(time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def source(issuer):
    return KeySource(Settings(auth_jwks=issuer.url, _env_file=None))


def ids(found: KeySet) -> list[str | None]:
    return [key.kid for key in found.keys]


async def test_keys_are_read_once_and_kept(issuer, source):
    for _ in range(3):
        found = await source.having(issuer.keys[0].kid)

    assert ids(found) == [issuer.keys[0].kid]
    assert issuer.requests == 1


async def test_a_new_key_is_found_without_a_restart(issuer, source, clock):
    await source.having(issuer.keys[0].kid)
    issuer.keys = [issuer.new_key()]

    clock.now += keys.UNKNOWN_KEY_SECONDS + 1
    found = await source.having(issuer.keys[0].kid)

    assert ids(found) == [issuer.keys[0].kid]


async def test_made_up_key_ids_do_not_hammer_the_issuer(issuer, source, clock):
    for number in range(50):
        await source.having(f"made-up-{number}")

    assert issuer.requests == 1


async def test_an_issuer_that_is_away_is_forgiven_for_a_day(issuer, source, clock):
    await source.having(issuer.keys[0].kid)
    issuer.status = 500

    clock.now += keys.STALE_SECONDS - 1
    assert ids(await source.having(issuer.keys[0].kid)) == [issuer.keys[0].kid]

    clock.now += 2
    with pytest.raises(Unavailable):
        await source.having(issuer.keys[0].kid)


async def test_keys_that_were_never_read_are_asked_for_again_soon(issuer, source, clock):
    issuer.status = 503
    with pytest.raises(Unavailable):
        await source.having("any")
    issuer.status = 200

    clock.now += 2

    assert ids(await source.having(issuer.keys[0].kid)) == [issuer.keys[0].kid]


async def test_a_redirect_is_not_followed(issuer, source):
    """Who can bend the address of the keys would choose the keys."""
    issuer.moved_to = "/new/jwks.json"

    with pytest.raises(Unavailable):
        await source.having("any")

    assert issuer.requests == 1


@pytest.mark.parametrize(
    "nonsense",
    [b"<html>", b"[]", b"1", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b'{"keys": [{"kty": "EC"}]}'],
)
async def test_nonsense_takes_no_key_away(issuer, source, clock, nonsense):
    await source.having(issuer.keys[0].kid)
    issuer.says = nonsense

    clock.now += keys.FRESH_SECONDS + 1

    assert ids(await source.having(issuer.keys[0].kid)) == [issuer.keys[0].kid]
    assert issuer.requests == 2
