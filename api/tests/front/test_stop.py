"""A process ends in time, whatever its callers do; workers are replaced, and no request is lost."""

import contextlib
import os
import signal
import socket
import threading
import time

import httpx2
import pytest

from tests.conftest import until
from tests.front.abuses import CHUNKED, HOST, MAX_BODY, authorization, get, length, post
from tests.front.callers import FrontServer
from tests.server import NO_TLS

STOP_SECONDS = 4
TOLERANCE_SECONDS = 20  # of a busy machine; without a bound it is for ever

CALLERS = {
    "is silent": b"",
    "has sent half a head": b"GET / HTTP/1.1\r\nHost: a",
    "has sent half a body": post(length(100), b"{"),
    "has sent half a body without a token": post(length(100), b"{", b""),
    "has sent half a chunk": post(CHUNKED, b"10\r\n{"),
    "waits for the next request": get(),
    "reads no answer": get(target=b"/v1/long"),
    "reads none of many": get(target=b"/v1/long") * 20,
    "reads an answer without end": get(target=b"/v1/endless"),
    "waits for a slow answer": get(target=b"/v1/slow"),
    "waits for many slow answers": get(target=b"/v1/slow") * 50,
    "waits for what cannot be cancelled": get(target=b"/v1/stubborn"),
    "was refused, and goes on sending": b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000,
}
HALF = post(length(100), b"{", b"")


@pytest.fixture
def start(tmp_path):
    """Start a server; what is left of it ends with the test."""
    started = []

    def start(workers: int, **variables: str) -> FrontServer:
        variables = {"STOP_TIMEOUT_SECONDS": str(STOP_SECONDS)} | variables
        server = FrontServer(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/a.sqlite3", **variables)
        started.append(server)
        return server.start(workers, ready="/health/live")

    yield start
    for server in started:
        assert server.process is not None
        if server.process.poll() is None:
            for pid in server.workers():
                os.kill(pid, signal.SIGKILL)
        server.process.kill()
        server.process.wait()


@contextlib.contextmanager
def callers(server, *requests):
    """Have each request sent on a connection of its own; give those, of which nobody has read."""
    with contextlib.ExitStack() as stack:
        connections = []
        for request in requests:
            connections.append(stack.enter_context(socket.create_connection(server.address)))
            connections[-1].sendall(request)
        time.sleep(0.3)  # what is sent has to arrive before the signal, or there is nothing to show
        yield connections


def stop(server, *signals):
    """Send the signals, half a second apart; return how long it took."""
    began = time.monotonic()
    for number in signals:
        server.process.send_signal(number)
        with contextlib.suppress(Exception):
            server.process.wait(0.5)
    server.process.wait(60)
    return time.monotonic() - began


@pytest.mark.sampled(3)
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("drain", "signals"),
    [
        (0, [signal.SIGTERM]),
        (1, [signal.SIGTERM]),
        (30, [signal.SIGTERM, signal.SIGTERM]),
        (0, [signal.SIGINT]),
    ],
    ids=["SIGTERM", "SIGTERM and a drain", "SIGTERM twice", "SIGINT"],
)
def test_it_stops_in_time_beside_every_kind_of_caller(
    start, workers, drain, signals, record_property
):
    server = start(workers, DRAIN_SECONDS=str(drain))
    pids = server.workers()

    with callers(server, *CALLERS.values()):
        took = stop(server, *signals)

    waited = drain if len(signals) == 1 else 0
    assert took < waited + STOP_SECONDS + TOLERANCE_SECONDS
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}/root")]
    record_property("stops beside callers of each kind", len(CALLERS))


def test_a_worker_that_does_nothing_any_more_is_not_waited_for(start):
    """As one that is in a long computation: it hears of no signal, so others have to end it."""
    server = start(2)
    stuck, *_ = server.workers()
    os.kill(stuck, signal.SIGSTOP)
    time.sleep(1.5)  # by now its supervisor has asked it for a sign of life, and waits

    assert stop(server, signal.SIGTERM) < STOP_SECONDS + TOLERANCE_SECONDS
    assert not os.path.exists(f"/proc/{stuck}/root")


def test_it_stops_at_once_when_nobody_is_there(start):
    assert stop(start(1), signal.SIGTERM) < TOLERANCE_SECONDS


def test_whoever_is_cut_off_is_asked_to_come_again(start):
    """Whether in work, or in wait for a turn."""
    server = start(1, MAX_BODY_BYTES=str(MAX_BODY))
    large = b'{"text":"' + b"a" * (MAX_BODY - 100) + b'"}'
    requests = [get(target=b"/v1/slow"), post(length(len(large)), large, target=b"/v1/slow")] * 3

    with callers(server, *requests) as connections:
        stop(server, signal.SIGTERM)
        answers = [connection.makefile("rb").read() for connection in connections]

    assert [answer.split(b" ")[1] for answer in answers] == [b"503"] * len(requests)
    assert all(b"retry-after: 1" in answer for answer in answers)


def test_every_worker_is_replaced_beside_half_bodies_and_no_request_is_lost(start):
    server = start(2)
    old = set(server.workers())
    answers: list[object] = []
    done = threading.Event()

    def ask():
        with httpx2.Client(timeout=30, verify=NO_TLS) as client:
            while not done.wait(0.05):
                try:
                    answers.append(client.get(f"{server.url}/health/live").status_code)
                except httpx2.TransportError as error:
                    answers.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    with callers(server, *[HALF] * 24):
        for thread in asking:
            thread.start()
        server.process.send_signal(signal.SIGHUP)
        until(
            lambda: len(set(server.workers()) - old) == 2 and not old & set(server.workers()), 120
        )
    before = len(answers)
    until(lambda: len(answers) > before + 20, 60)
    done.set()
    for thread in asking:
        thread.join()

    assert set(answers) == {200}


def test_a_worker_that_died_is_replaced(start):
    server = start(2)
    killed, *_ = server.workers()

    os.kill(killed, signal.SIGKILL)

    until(lambda: killed not in server.workers() and len(server.workers()) == 2, 60)
    until(lambda: server.status("/health/live") == 200, 60)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_time_while_workers_are_replaced(start, number):
    server = start(2)

    with callers(server, *CALLERS.values()):
        server.process.send_signal(signal.SIGHUP)
        until(lambda: len(server.workers()) > 2, 30)
        took = stop(server, number)

    assert took < STOP_SECONDS + TOLERANCE_SECONDS


def test_the_last_answers_say_that_the_connection_ends(start):
    server = start(1, DRAIN_SECONDS="2")

    with socket.create_connection(server.address) as caller:
        caller.sendall(get(HOST))
        caller.recv(65536)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.status("/health/ready") == 503, 10)
        caller.sendall(get(HOST))
        caller.settimeout(30)
        answer = b""
        while data := caller.recv(65536):
            answer += data

    assert b"connection: close" in answer.lower()
    assert authorization() not in answer
