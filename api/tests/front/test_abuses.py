"""Every abuse gets what it should, costs little and leaves nothing behind."""

import asyncio
import contextlib
import json
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from conftest import make_token
from tests.conftest import until
from tests.front.abuses import (
    ABUSES,
    CHUNKED,
    END,
    EXPECT,
    HOST,
    MAX_BODY,
    authorization,
    chunk,
    get,
    length,
    post,
)
from tests.front.application import SCOPES
from tests.front.callers import STATUS, FrontServer, play_all

SETTINGS = {
    "HEAD_TIMEOUT_SECONDS": "2",
    "BODY_TIMEOUT_SECONDS": "2",
    "SEND_TIMEOUT_SECONDS": "2",
    "MAX_BODY_BYTES": str(MAX_BODY),
    "BODY_MEMORY_BYTES": str(MAX_BODY * 8),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    yield from _serve(tmp_path_factory)


@pytest.fixture(scope="module")
def flooded(tmp_path_factory):
    """A server of the floods' own: what the abuses have freed would hide what a flood takes."""
    yield from _serve(tmp_path_factory)


def _serve(tmp_path_factory):
    folder = tmp_path_factory.mktemp("front")
    server = FrontServer(folder, f"sqlite+aiosqlite:///{folder}/front.sqlite3", **SETTINGS)
    server.migrate()
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def outcomes(server):
    """What all of them got; they are played at the same time, for most of them wait."""
    return asyncio.run(play_all(server, ABUSES, 60))


@pytest.mark.parametrize("abuse", ABUSES, ids=lambda abuse: f"{abuse.kind}: {abuse.name}")
def test_it_gets_what_it_should(outcomes, abuse, record_property):
    outcome = outcomes[abuse.kind, abuse.name]

    if abuse.reads:
        assert outcome.statuses in (abuse.statuses, [*abuse.statuses[:-1], abuse.or_else])
    assert outcome.closed == abuse.closed
    record_property(f"abuses of the kind {abuse.kind}", 1)


REFUSED = [a for a in ABUSES if max(a.statuses, default=0) >= 400 and a.name != "WebSocket"]


@pytest.mark.parametrize("abuse", REFUSED, ids=lambda abuse: f"{abuse.kind}: {abuse.name}")
def test_a_refusal_is_a_problem(outcomes, abuse):
    data = outcomes[abuse.kind, abuse.name].data
    *_, last = STATUS.finditer(data)
    head, _, body = data[last.start() :].partition(b"\r\n\r\n")

    assert b"content-type: application/problem+json" in head.lower()
    assert b"contract-version:" in head.lower()
    assert json.loads(body)["status"] == int(head.split()[1])


# The rest of a small body may still come, and the connection go on after it.
SMALL_REST = [a for a in ABUSES if length(100) in a.data and EXPECT not in a.data]
ENDED = [
    abuse
    for abuse in ABUSES
    if (abuse in REFUSED or abuse.kind == "not read")
    and (abuse not in SMALL_REST or abuse.statuses[-1] == 408)
]


@pytest.mark.parametrize("abuse", ENDED, ids=lambda abuse: f"{abuse.kind}: {abuse.name}")
def test_the_last_answer_says_that_the_connection_ends(outcomes, abuse):
    """Or its caller sends the next request into a connection that is about to be closed."""
    data = outcomes[abuse.kind, abuse.name].data
    *_, last = STATUS.finditer(data)
    head = data[last.start() :].partition(b"\r\n\r\n")[0].lower()

    assert b"\r\nconnection: close" in head


def test_no_refused_or_unfinished_body_reaches_a_handler(server, outcomes):
    headers = {"Authorization": f"Bearer {make_token(scope=SCOPES)}"}

    notes = httpx2.get(f"{server.url}/v1/notes", headers=headers).json()

    assert "small" in notes
    assert "never" not in notes


def test_no_abuse_is_an_error_of_the_server(server, outcomes):
    assert '"level":"error"' not in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def test_who_leaves_in_mid_body_is_499_in_the_log_and_no_error(server):
    before = server.log.read_text().count('"status":499')

    for number in range(10):
        with _connect(server) as caller:
            caller.sendall(post(length(100), b"{" * number))

    until(lambda: server.log.read_text().count('"status":499') >= before + 10, 60)
    assert '"level":"error"' not in server.log.read_text()


@pytest.mark.parametrize("path", [b"/v1/notes", b"/v1/long", b"/v1/endless", b"/v1/none"])
def test_head_is_answered_without_a_body_and_the_connection_goes_on(server, path):
    """RFC 9110, 9.3.2; what went on after a head would be taken for the next answer."""
    head = get(target=path).replace(b"GET", b"HEAD", 1)
    with _connect(server) as caller:
        caller.settimeout(60)
        caller.sendall(head + head + get(HOST + END))
        data = b""
        while more := caller.recv(65536):
            data += more

    first, second, last, *_ = data.split(b"\r\n\r\n")
    assert [each[:9] for each in (first, second, last)] == [b"HTTP/1.1 "] * 3


def _connect(server):
    return socket.create_connection(server.address)


LATE = {
    "half a head": b"GET / HTTP/1.1\r\nHost: a",
    "a head too large": b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000,
    "half a body": post(length(100), b"{"),
    "half a body without a token": post(length(100), b"{", b""),
    "a body too large": post(length(10**12)),
}


@pytest.fixture(scope="module")
def late_callers(server, outcomes):
    """Callers who stay, all at the same time: each waits for seconds."""
    with contextlib.ExitStack() as stack:
        callers = {late: stack.enter_context(_connect(server)) for late in LATE}
        for late, caller in callers.items():
            caller.settimeout(60)
            caller.sendall(LATE[late])
        yield callers


@pytest.mark.parametrize("late", LATE)
def test_who_was_answered_and_stays_is_let_go(late_callers, late):
    caller = late_callers[late]
    while caller.recv(65536):
        pass

    until(lambda: _is_reset(caller), 60)


def test_who_was_refused_cannot_send_without_end(server, outcomes):
    sent = 0
    with _connect(server) as caller, contextlib.suppress(ConnectionError):
        caller.sendall(LATE["a head too large"])
        while sent < 2**27:
            sent += caller.send(b"a" * 2**16)

    assert sent < 2**26


def _is_reset(caller: socket.socket) -> bool:
    state: int = caller.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state == 7  # TCP_CLOSE


def _memory(server) -> float:
    """Return the process's resident memory, MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _processor_seconds(server) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


FLOOD_SECONDS = 5
HALF = b"[" * (MAX_BODY - 1)
PIPELINED = "pipelined requests"
FLOODS = {
    # First: it shows only in memory that was never used before.
    PIPELINED: b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n" * 300_000,
    "half bodies without a token": post(length(MAX_BODY), HALF, b""),
    "half bodies of one caller": post(length(MAX_BODY), HALF),
    "half bodies, chunked": post(CHUNKED, b"%x\r\n" % MAX_BODY + HALF),
    "half heads": b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 31_000,
    "heads without end": b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 2**20,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_memory_is_bounded(flooded, flood, record_property):
    """A hundred connections; of requests in a row each holds a read, its answers and copies."""
    before = _memory(flooded)
    callers = [_connect(flooded) for _ in range(100)]
    for caller in callers:
        caller.setblocking(False)
    peak = max(_memory(flooded) for _ in _send_all(callers, FLOODS[flood]))
    for caller in callers:
        caller.close()

    assert peak - before < (100 if flood == PIPELINED else 64)
    until(lambda: flooded.status("/health/live") == 200, 60)
    record_property("floods in bounded memory", 1)


def _send_all(callers: list[socket.socket], data: bytes) -> Iterator[None]:
    """Send to all what they take, for some seconds: a server without bounds has grown by then."""
    left = [memoryview(data)] * len(callers)
    deadline = time.monotonic() + FLOOD_SECONDS
    while any(left) and time.monotonic() < deadline:
        for place, caller in enumerate(callers):
            try:
                left[place] = left[place][caller.send(left[place]) :]
            except BlockingIOError:
                continue
            except ConnectionError:
                left[place] = memoryview(b"")
        yield


COSTLY = {
    "a large body without a token": post(length(MAX_BODY), b"[]," * (MAX_BODY // 3), b""),
    "tiny chunks without a token": post(CHUNKED, chunk(b"[") * 50_000, b""),
    "tiny chunks": post(CHUNKED, chunk(b"[") * 50_000),
    "many fields": b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 50_000,
}  # fmt: skip


@pytest.mark.parametrize("name", COSTLY)
def test_what_is_refused_costs_about_what_a_small_request_costs(
    server, outcomes, name, record_property
):
    def cost(data: bytes) -> float:
        before = _processor_seconds(server)
        for _ in range(60):
            with _connect(server) as caller:
                caller.settimeout(20)
                try:
                    caller.sendall(data)
                    while caller.recv(65536):
                        pass
                except ConnectionError:
                    pass
        return _processor_seconds(server) - before

    small = cost(post(length(2) + b"Connection: close\r\n", b"{}", b""))

    assert cost(COSTLY[name]) < 20 * max(small, 0.1)
    record_property("costly requests in bounded time", 1)


def test_silent_connections_are_closed_and_hold_up_nobody(server, outcomes):
    callers = [_connect(server) for _ in range(500)]

    until(lambda: server.status("/health/live") == 200, 60)
    for caller in callers:
        caller.settimeout(60)
        assert caller.recv(1) == b""
        caller.close()


def test_one_caller_cannot_hold_all_the_room(server, outcomes):
    greedy = authorization(sub="greedy")
    large = b'{"text":"' + b"x" * (MAX_BODY - 100) + b'"}'
    callers = []
    for _ in range(12):
        caller = _connect(server)
        caller.sendall(post(length(MAX_BODY), large, greedy))
        callers.append(caller)

    refused, _, _ = select.select(callers, [], [], 30)  # they wait for the rest of a body
    headers = {"Authorization": f"Bearer {make_token(sub='modest', scope=SCOPES)}"}
    url = f"{server.url}/v1/notes"
    other = httpx2.post(url, content=large, headers=headers | {"Content-Type": "application/json"})

    assert refused[0].recv(12) == b"HTTP/1.1 503"
    assert other.status_code == 201
    for caller in callers:
        caller.close()
