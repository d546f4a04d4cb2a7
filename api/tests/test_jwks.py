"""The issuer's keys over real HTTP: rotated, withdrawn, unknown, away, hostile."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from app.http import jwks
from app.http.jwks import KeySource
from app.http.problems import Unauthenticated, Unavailable
from app.http.tokens import TokenVerifier
from app.settings import Settings
from conftest import AUDIENCE, ISSUER, make_token

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)


class Issuer:
    """A JWKS endpoint of which a test chooses the keys, or each byte."""

    def __init__(self) -> None:
        self.keys = [new_key()]
        self.requests = 0
        self.says: Callable[[asyncio.StreamWriter], AsyncIterator[bytes]] | bytes | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Issuer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/jwks.json"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        with (
            contextlib.suppress(OSError, EOFError, asyncio.CancelledError),
            contextlib.closing(writer),
        ):
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            if callable(self.says):
                async for piece in self.says(writer):
                    writer.write(piece)
                    await writer.drain()
            else:
                writer.write(answer(self.document()) if self.says is None else self.says)
                await writer.drain()

    def document(self) -> bytes:
        return json.dumps(KeySet([*self.keys]).as_dict(private=False)).encode()


def answer(body: bytes, status: bytes = b"200 OK", head: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + head + length + body


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as issuer:
        yield issuer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(issuer: Issuer, clock: Clock) -> Iterator[KeySource]:
    source = KeySource(Settings(auth_jwks=issuer.url, _env_file=None), clock)
    yield source
    source.close()


@pytest.fixture
def verifier(source: KeySource) -> TokenVerifier:
    settings = Settings(auth_issuer=ISSUER, auth_audience=AUDIENCE, _env_file=None)
    return TokenVerifier(settings, source)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0.3)


def ids(found: KeySet) -> list[str | None]:
    return [key.kid for key in found.keys]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_keys_are_read_once_and_kept(issuer, source):
    for _ in range(3):
        found = await source.having(issuer.keys[0].kid)

    assert ids(found) == [issuer.keys[0].kid]
    assert issuer.requests == 1


async def test_a_new_key_is_found_without_a_restart(issuer, source, clock):
    await source.having(issuer.keys[0].kid)
    issuer.keys = [new_key()]

    clock.now += jwks.UNKNOWN_KEY_SECONDS + 1
    found = await source.having(issuer.keys[0].kid)

    assert ids(found) == [issuer.keys[0].kid]


async def test_made_up_key_ids_cost_the_issuer_one_request_in_thirty_seconds(issuer, source, clock):
    for number in range(50):
        await source.having(f"made-up-{number}")
    assert issuer.requests == 1

    clock.now += jwks.UNKNOWN_KEY_SECONDS + 1
    await asyncio.gather(*(source.having(f"made-up-{number}") for number in range(50)))

    assert issuer.requests == 2


async def test_an_issuer_that_is_away_is_forgiven_for_a_day(issuer, source, clock, monkeypatch):
    await source.having(issuer.keys[0].kid)
    issuer.says = answer(b"", b"500 Internal Server Error")

    clock.now += jwks.STALE_SECONDS - 1
    assert ids(await source.having(issuer.keys[0].kid)) == [issuer.keys[0].kid]

    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0.3)
    clock.now += 2
    with pytest.raises(Unavailable):
        await source.having(issuer.keys[0].kid)


async def test_an_issuer_that_starts_later_is_found_before_the_first_caller(source, issuer):
    issuer.says = answer(b"", b"503 Service Unavailable")
    source.refresh()
    await until(lambda: issuer.requests)

    issuer.says = None
    await until(lambda: source.generation)

    found = source.having(issuer.keys[0].kid)
    with pytest.raises(StopIteration):  # it waits for nothing
        found.send(None)


async def test_a_caller_waits_for_the_next_fetch_if_the_present_one_fails(issuer, source):
    release = asyncio.Event()

    async def fail(_: asyncio.StreamWriter) -> AsyncIterator[bytes]:
        await release.wait()
        issuer.says = None
        yield b""

    issuer.says = fail
    source.refresh()
    await until(lambda: issuer.requests)
    caller = asyncio.create_task(source.having(issuer.keys[0].kid))
    await asyncio.sleep(0)
    release.set()

    assert ids(await caller) == [issuer.keys[0].kid]


async def test_a_failure_is_logged_once_however_often_it_comes(issuer, source, caplog, monkeypatch):
    monkeypatch.setattr(jwks, "RETRY_SECONDS", 0.01)
    issuer.says = answer(b"", b"503 Service Unavailable")

    source.refresh()
    await until(lambda: issuer.requests > 2)

    failures = [record.fields["error"] for record in caplog.records if "not read" in record.message]
    assert len(failures) == len({*failures})


async def hang(_: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""


def drip(before: bytes, dripped: bytes) -> Callable[[asyncio.StreamWriter], AsyncIterator[bytes]]:
    async def say(_: asyncio.StreamWriter) -> AsyncIterator[bytes]:
        yield before
        for byte in dripped:
            yield bytes([byte])
            await asyncio.sleep(0.05)  # less than any time-out for one read

    return say


def endless(before: bytes, piece: bytes) -> Callable[[asyncio.StreamWriter], AsyncIterator[bytes]]:
    async def say(_: asyncio.StreamWriter) -> AsyncIterator[bytes]:
        yield before
        while True:
            yield piece

    return say


Says = Callable[[asyncio.StreamWriter], AsyncIterator[bytes]] | bytes
LONG = b" " * 10_000
SLOW: dict[str, Says] = {
    "it never answers": hang,
    "its status line drips": drip(b"", b"HTTP/1.1 200 " + b"O" * 10_000),
    "its headers drip": drip(HEAD, b"X-A: " + LONG),
    "its body drips": drip(HEAD + b"Content-Length: 10000\r\n\r\n", LONG),
    "its chunks drip": drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 10_000),
    "it continues for ever": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000),
}
WRONG: dict[str, Says] = {
    "endless headers": endless(HEAD, b"X-A: b\r\n" * 100),
    "one endless header": endless(HEAD + b"X-A: ", b"a" * 1000),
    "an endless body": endless(HEAD + b"\r\n", b" " * 10_000),
    "an endless chunked body": endless(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1024 + b"\r\n"
    ),
    "a body that unfolds": answer(b"x", head=b"Content-Encoding: gzip\r\n"),
    "half a body": HEAD + b"Content-Length: 100\r\n\r\n{",
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.7\r\n",
    "a redirect": answer(b"", b"302 Found", b"Location: /other\r\n"),
    "an error": answer(b"{}", b"500 Internal Server Error"),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "deep nesting": answer(b"[" * 100_000),
    "a long number": answer(b'{"keys": ' + b"9" * 100_000 + b"}"),
    "another encoding": answer(b"\xff\xfe{}"),
    "too many keys": answer(json.dumps({"keys": [{"kty": "EC", "kid": "a"}] * 10_000}).encode()),
}
WRONG |= {
    body.decode(): answer(body)
    for body in (
        b"<html>", b"[]", b"1", b"null", b'""', b"{}", b'{"keys": 1}', b'{"keys": {}}',
        b'{"keys": [1]}', b'{"keys": [null]}', b'{"keys": [{}]}', b'{"keys": [{"kty": 1}]}',
        b'{"keys": [{"kty": ["EC"], "kid": "a"}]}', b'{"keys": [{"kty": "EC", "kid": "a"}]}',
        b'{"keys": [{"kty": "EC", "kid": "a", "crv": 1, "x": [], "y": {}}]}',
        b'{"keys": [{"kty": "EC", "kid": "a", "crv": "P-256", "x": "AA", "y": "AA"}]}',
        b'{"keys": [{"kty": "RSA", "kid": "a", "n": "AA", "e": "AA"}]}',
        b'{"keys": [{"kty": "RSA", "kid": "a", "n": "\xc3\xa9", "e": null}]}',
        b'{"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}',
        b'{"keys": [{"kty": "AKP", "kid": "a", "alg": "ML-DSA-44", "pub": "AA"}]}',
    )
}  # fmt: skip


def test_the_whole_fetch_has_less_than_three_seconds():
    assert jwks.FETCH_SECONDS < 3


@pytest.mark.parametrize("way", SLOW | WRONG)
async def test_twenty_callers_are_answered_in_the_time_of_one_fetch(
    issuer, source, way, record_property, monkeypatch
):
    record_property("ways of an issuer to answer slowly or wrongly", 1)
    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0.3 if way in SLOW else 0.15)
    issuer.says = (SLOW | WRONG)[way]

    async with asyncio.timeout(20):
        answers = await asyncio.gather(
            *(source.having("any") for _ in range(20)), return_exceptions=True
        )

    assert {type(each) for each in answers} == {Unavailable}
    assert issuer.requests <= 1  # none if the time was up before


@pytest.mark.parametrize("way", SLOW | WRONG)
async def test_good_keys_are_used_without_a_wait_and_none_is_taken_away(
    issuer, source, clock, monkeypatch, way
):
    await source.having(issuer.keys[0].kid)
    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0.3)  # the good ones had their time
    issuer.says = (SLOW | WRONG)[way]
    clock.now += jwks.FRESH_SECONDS + 1

    for _ in range(2):
        found = source.having(issuer.keys[0].kid)
        with pytest.raises(StopIteration) as returned:  # it waits for nothing
            found.send(None)
        assert ids(returned.value.value) == [issuer.keys[0].kid]
        await until(lambda: source._fetch is None)

    assert issuer.requests <= 2
    assert ids(await source.having(issuer.keys[0].kid)) == [issuer.keys[0].kid]


@pytest.mark.usefixtures("short")
async def test_a_caller_who_leaves_does_not_end_the_fetch_of_the_others(issuer, source):
    issuer.says = hang
    first = asyncio.create_task(source.having("any"))
    second = asyncio.create_task(source.having("any"))
    await until(lambda: issuer.requests)

    first.cancel()

    with pytest.raises(Unavailable):
        await second


async def test_keys_that_cannot_be_used_do_not_spoil_the_others(issuer, source):
    """RFC 7517, 5: what is not understood is ignored."""
    good = issuer.keys[0]
    rsa = RSAKey.generate_key(2048, {"alg": "RS256"}, auto_kid=True)
    members = KeySet([good, rsa]).as_dict(private=False)["keys"]
    others = [{"kty": "AKP", "kid": "new"}, 1, OctKey.generate_key().as_dict(), {"kty": "EC"}]
    issuer.says = answer(json.dumps({"keys": [*others, *members]}).encode())

    assert ids(await source.having(good.kid)) == [good.kid, rsa.kid]


EC, RSA, OKP = ({"kty": kind, "kid": "bad"} for kind in ("EC", "RSA", "OKP"))
UNUSABLE: list[dict[str, Any]] = [
    EC,
    EC | {"crv": "P-999", "x": "AA", "y": "AA"},
    EC | {"crv": "P-256", "x": "!!", "y": "AA"},
    EC | {"crv": "P-256", "x": "AAAA", "y": "AAAA"},
    EC | {"crv": 5, "x": "AA", "y": "AA"},
    RSA | {"n": "AQAB"},
    RSA | {"n": "", "e": "AQAB"},
    RSA | {"n": 5, "e": "AQAB"},
    OKP | {"crv": "X", "x": "AA"},
    OKP | {"crv": "Ed25519", "x": "AA"},
    {"kty": "oct", "kid": "bad", "k": "c2VjcmV0LXRoYXQtaXMtcHVibGlzaGVk"},
    {"kty": ["EC"], "kid": "bad"},
    {"kid": "bad"},
]


@pytest.mark.parametrize("member", UNUSABLE, ids=str)
async def test_a_key_of_any_kind_that_cannot_be_used_is_ignored(issuer, source, member):
    good = issuer.keys[0]
    members = KeySet([good]).as_dict(private=False)["keys"]
    issuer.says = answer(json.dumps({"keys": [member, *members]}).encode())

    assert ids(await source.having(good.kid)) == [good.kid]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_keys_that_share_an_id_are_each_tried(issuer, verifier, place):
    good = issuer.keys[0]
    twins: list[Any] = [new_key(), RSAKey.generate_key(2048)]
    twins.insert(place, good)
    members = [{**key.as_dict(private=False), "kid": good.kid} for key in twins]
    issuer.says = answer(json.dumps({"keys": members}).encode())

    assert (await verifier.verify(make_token(good, kid=good.kid))).subject == "tester"
    with pytest.raises(Unauthenticated):
        await verifier.verify(make_token(new_key(), kid=good.kid))


class TestWithdrawn:
    @pytest.mark.parametrize("seen", [True, False])
    async def test_a_token_of_a_withdrawn_key_is_refused_once_the_new_set_was_read(
        self, issuer, verifier, clock, seen
    ):
        old, new = issuer.keys[0], new_key()
        token = make_token(old, kid=old.kid, exp=int(time.time()) + 10**8)
        other = make_token(old, kid=old.kid, exp=int(time.time()) + 10**8)
        await verifier.verify(token)
        issuer.keys = [new]
        clock.now += jwks.FRESH_SECONDS + 1
        await verifier.verify(token)  # the last one: the set is read now
        await until(lambda: issuer.requests == 2 and verifier._keys._fetch is None)

        with pytest.raises(Unauthenticated):
            await verifier.verify(token if seen else other)

    async def test_all_keys_can_be_withdrawn(self, issuer, source, clock):
        key_id = issuer.keys[0].kid
        await source.having(key_id)
        issuer.keys = []
        clock.now += jwks.FRESH_SECONDS + 1
        source.refresh()
        await until(lambda: source._fetch is None)

        assert ids(await source.having(key_id)) == []

    async def test_a_set_that_is_the_same_leaves_verified_tokens_alone(
        self, issuer, verifier, clock
    ):
        token = make_token(issuer.keys[0], kid=issuer.keys[0].kid)
        before = await verifier.verify(token)
        clock.now += jwks.FRESH_SECONDS + 1
        await verifier.verify(token)
        await until(lambda: issuer.requests == 2 and verifier._keys._fetch is None)

        assert await verifier.verify(token) is before


class TestFile:
    @pytest.fixture
    def file(self, tmp_path):
        return tmp_path / "jwks.json"

    async def test_a_changed_file_is_read_without_a_restart(self, file, clock):
        old, new = new_key(), new_key()
        assert old.kid
        source = KeySource(Settings(auth_jwks=str(file), _env_file=None), clock)
        file.write_text(json.dumps(KeySet([old]).as_dict(private=False)))
        assert ids(await source.having(old.kid)) == [old.kid]

        file.write_text(json.dumps(KeySet([new]).as_dict(private=False)))
        clock.now += jwks.FRESH_FILE_SECONDS + 1
        source.refresh()
        await until(lambda: source.generation == 2)

        assert ids(await source.having(old.kid)) == [new.kid]

    @pytest.mark.parametrize("content", [None, "", "{", " " * (jwks.MAX_BYTES + 1)])
    async def test_a_file_that_is_none_takes_no_key_away(self, file, clock, content):
        key = new_key()
        assert key.kid
        source = KeySource(Settings(auth_jwks=str(file), _env_file=None), clock)
        file.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
        await source.having(key.kid)

        file.unlink() if content is None else file.write_text(content)
        clock.now += jwks.FRESH_FILE_SECONDS + 1
        source.refresh()
        await until(lambda: source._fetch is None)

        assert ids(await source.having(key.kid)) == [key.kid]
