"""No byte pattern outlasts the clock, fills the memory, passes for data, or stays for the next."""

import resource
import secrets
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from core.connection import (
    ConnectionFailed,
    DeadlineExceeded,
    TransportError,
)
from core.resolver import Resolver
from core.tests.hostile import BROKEN, FINE, PATTERNS, SLOW, TOO_MANY, UNTRACED, Hostile, authority
from core.transport import Outgoing, Transport

DEADLINE = 0.25  # a slow pattern takes ten seconds
PLENTY = 30.0


@pytest.fixture(scope="module", params=["http", "https"])
def hostile(request):
    """Return a server, and how to make a transport to it."""
    server_context, client_context = authority() if request.param == "https" else (None, None)
    server = Hostile(server_context)
    url = f"{request.param}://localhost:{server.port}"
    yield server, lambda: Transport(url, context=client_context, connect_seconds=PLENTY)
    server.close()


@pytest.fixture(autouse=True)
def _closed(monkeypatch):
    """Close what a test leaves idle."""
    made = []
    begin = Transport.__init__

    def remembered(self, *args, **kwargs):
        made.append(self)
        begin(self, *args, **kwargs)

    monkeypatch.setattr(Transport, "__init__", remembered)
    yield
    for transport in made:
        transport.close()


def call(transport, path, seconds=PLENTY, content=None, **headers):
    method = "GET" if content is None else "POST"
    headers.setdefault("traceparent", f"00-{secrets.token_hex(16)}-{'b' * 16}-01")
    outgoing = Outgoing(method, f"/{path}", headers, content)
    return transport.exchange(outgoing, until=time.monotonic() + seconds)


@pytest.mark.parametrize("connection", ["fresh", "kept"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_ends_as_an_error_and_leaves_nothing(
    hostile, pattern, connection, record_property
):
    record_property("cells held: byte patterns x http, https x fresh, kept connection", 1)
    transport = hostile[1]()
    if connection == "kept":
        call(transport, "small")
        assert transport._idle
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    # A busy machine may need all of the time for a fresh connection.
    kind = DeadlineExceeded if pattern in SLOW and connection == "kept" else TransportError
    with pytest.raises(kind):
        call(transport, pattern, PLENTY if pattern in BROKEN else DEADLINE)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 40 * 1024 * (1024 if resource.getpagesize() == 16384 else 1)
    assert call(transport, "small").content == b"{}"


class TestClock:
    @pytest.mark.parametrize("path", ["deaf", "sipping"])
    def test_a_request_that_is_not_read_or_slowly_ends_in_time(self, hostile, path):
        transport = hostile[1]()
        call(transport, "small")

        with pytest.raises(DeadlineExceeded):
            call(transport, path, 1, content=bytes(32 * 2**20))

    def test_time_that_is_used_up_sends_nothing(self, hostile):
        server, make = hostile
        before = server.connections

        with pytest.raises(TransportError):
            call(make(), "small", seconds=-1)
        assert server.connections == before

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_a_full_queue_of_connections(self, scheme):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            address = listener.getsockname()
            queue = [socket.socket() for _ in range(3)]
            for sock in queue:
                sock.setblocking(False)
                sock.connect_ex(address)

            with pytest.raises(TransportError):
                call(Transport(f"{scheme}://127.0.0.1:{address[1]}"), "small", DEADLINE)
            for sock in queue:
                sock.close()

    @pytest.mark.parametrize("part", [b"", b"\x16", b"\x16\x03\x03\x40\x00"], ids=range(3))
    def test_a_handshake_without_end(self, part):
        over = threading.Event()

        def drip():
            with suppress(OSError):  # the end of either side
                conn, _ = listener.accept()
                with conn:
                    while not over.wait(0.02):
                        conn.sendall(part[:1] if len(part) == 1 else part)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=drip)
            thread.start()
            with pytest.raises(TransportError):
                call(Transport(f"https://127.0.0.1:{listener.getsockname()[1]}"), "x", DEADLINE)
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()

    def test_a_silent_name_server_is_asked_once_and_waited_for_by_nobody(self, monkeypatch):
        lookups, over = [], threading.Event()

        def getaddrinfo(*args, **kwargs):
            lookups.append(args)
            over.wait()
            return []

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        transport = Transport("http://api.example")
        with ThreadPoolExecutor(8) as pool:
            errors = [
                pool.submit(pytest.raises, ConnectionFailed, call, transport, "x", DEADLINE)
                for _ in range(8)
            ]
            assert [bool(error.result()) for error in errors] == [True] * 8
        over.set()
        assert len(lookups) == 1


class TestResolver:
    def test_old_addresses_are_good_while_the_name_server_is_silent(self, monkeypatch):
        over = threading.Event()
        resolver = Resolver("localhost", 80, fresh_seconds=0)
        found = resolver.addresses(time.monotonic() + PLENTY)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: over.wait() and [])

        assert resolver.addresses(time.monotonic() + PLENTY) == found
        over.set()

    def test_a_name_that_does_not_exist_is_said(self, monkeypatch):
        def getaddrinfo(*args, **kwargs):
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        with pytest.raises(ConnectionFailed, match=r"api\.example: .*not known"):
            Resolver("api.example", 80).addresses(time.monotonic() + PLENTY)

    def test_a_name_is_looked_up_again_after_a_failure(self, monkeypatch):
        resolver = Resolver("localhost", 80)
        with monkeypatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [])
            with pytest.raises(ConnectionFailed, match="no address"):
                resolver.addresses(time.monotonic() + PLENTY)

        assert resolver.addresses(time.monotonic() + PLENTY)


class TestConnections:
    @pytest.mark.parametrize("path", FINE)
    def test_fine_answers_arrive(self, hostile, path):
        transport = hostile[1]()

        assert [call(transport, path).content for _ in range(3)] == [FINE[path][0]] * 3

    def test_one_connection_serves_many_calls(self, hostile):
        server, make = hostile
        transport, before = make(), server.connections

        for path in ("small", "large", "chunks", "none", "interim"):
            call(transport, path)

        assert server.connections == before + 1

    @pytest.mark.parametrize("wait", [0, 0.1], ids=["at once", "later"])
    @pytest.mark.parametrize("path", TOO_MANY)
    def test_an_answer_too_many_reaches_nobody(self, hostile, path, wait):
        transport = hostile[1]()

        for _ in range(5):
            assert call(transport, path).content == b"true"
            time.sleep(wait)
            try:
                assert call(transport, "echo/mine").content == b"echo/mine"
            except ConnectionFailed:  # it came when the next request was under way
                assert path == "second-a-little-later"

    def test_an_answer_that_names_another_trace_reaches_nobody(self, hostile):
        transport = hostile[1]()

        assert call(transport, "late").content == b"late"
        with pytest.raises(ConnectionFailed, match="names another trace"):
            call(transport, "echo/his")
        assert call(transport, "echo/his").content == b"echo/his"

    def test_a_connection_whose_answers_name_no_trace_serves_one_call(self, hostile):
        server, make = hostile
        transport, before = make(), server.connections

        for _ in range(3):
            assert call(transport, "untraced").content == b"true"

        assert server.connections == before + 3

    def test_a_gateway_that_begins_traces_of_its_own_costs_a_connection_a_call(
        self, hostile, caplog
    ):
        server, make = hostile
        transport, before = make(), server.connections

        for _ in range(3):
            assert call(transport, "retraced").content == b"true"

        assert server.connections == before + 3
        assert len([r for r in caplog.records if "replaces traceparent" in r.message]) == 1

    @pytest.mark.parametrize("path", UNTRACED)
    def test_an_answer_without_its_trace_after_one_with_it_reaches_nobody(self, hostile, path):
        transport = hostile[1]()
        call(transport, "small")

        with pytest.raises(ConnectionFailed, match="names another trace"):
            call(transport, path)

    def test_threads_get_their_own_answers(self, hostile):
        transport = hostile[1]()

        def many(thread):
            for number in range(40):
                path = f"echo/{thread}/{number}"
                if call(transport, path).content != path.encode():
                    return path
                if number % 7 == 0:
                    with pytest.raises(TransportError):
                        call(transport, "silent", 0.005)
            return None

        with ThreadPoolExecutor(12) as pool:
            assert set(pool.map(many, range(12))) == {None}

    def test_a_connection_that_the_server_closed_is_not_used(self, hostile):
        server, make = hostile
        transport, before = make(), server.connections
        call(transport, "small")
        transport._idle[0]._socket.shutdown(socket.SHUT_RD)

        assert call(transport, "small").content == b"{}"
        assert server.connections == before + 2

    def test_an_old_connection_is_not_used(self, hostile):
        server, make = hostile
        transport, before = make(), server.connections
        call(transport, "small")
        transport._idle[0].idle_since -= 10

        call(transport, "small")
        assert server.connections == before + 2

    def test_a_dead_address_leaves_time_for_the_next(self, monkeypatch):
        server = Hostile()
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            addresses = [unused.getsockname(), ("127.0.0.1", server.port)]
            found = [(socket.AF_INET, 0, 0, "", address) for address in addresses]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

            assert call(Transport("http://api.example"), "small").content == b"{}"
        server.close()

    def test_another_authority_s_certificate_is_refused(self):
        server = Hostile(authority()[0])

        with pytest.raises(ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
            call(Transport(f"https://localhost:{server.port}"), "small")
        server.close()

    def test_a_certificate_of_another_name_is_refused(self):
        context, trust = authority("api.example")
        server = Hostile(context)

        with pytest.raises(ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
            call(Transport(f"https://localhost:{server.port}", context=trust), "small")
        server.close()


class TestRequest:
    @pytest.mark.parametrize("value", ["a\r\nX: y", "a\nX: y", "a\rX: y", "a\0"], ids=range(4))
    def test_no_header_holds_a_line_break(self, value):
        with pytest.raises(ValueError, match="line break"):
            call(Transport("http://127.0.0.1:1"), "small", A=value)

    @pytest.mark.parametrize("path", ["a b", "é"])
    def test_no_target_is_unquoted(self, path):
        with pytest.raises(ValueError, match="not quoted"):
            call(Transport("http://127.0.0.1:1"), path)


def test_the_certificates_of_the_machine_are_trusted():
    context = Transport("https://api.example")._context

    assert context
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
