"""A load generator: one thread, epoll, keep-alive connections that always have one request out
(closed loop), or requests that come at a constant rate (open loop).

It costs about 15 microseconds a request, so that it and PostgreSQL fit on one core beside the
fastest server measured here.
"""

import re
import select
import socket
import time
from collections.abc import Iterator
from typing import NamedTuple

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Load(NamedTuple):
    """What a stretch of load came to."""

    requests: int
    seconds: float
    latencies: list[float]  # seconds, sorted

    def quantile(self, share: float) -> float:
        """Return the latency, in seconds, below which ``share`` of the requests stay."""
        return self.latencies[min(int(share * len(self.latencies)), len(self.latencies) - 1)]


class Connection:
    """One keep-alive connection and the requests that go over it."""

    successes = b"2"  # the first digits of a status that is none of a failure

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = requests
        self.received = self.sent = b""
        self.sent_at = 0.0

    def send(self) -> None:
        """Send the next request."""
        self.received = b""
        self.sent = next(self.requests)
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.sent)

    def receive(self) -> bool:
        """Read what is there; tell whether the answer is whole. RuntimeError for a failure."""
        part = self.socket.recv(262_144)
        if not part:
            raise RuntimeError("the server closed a connection")
        self.received = data = self.received + part if self.received else part
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return False
        if data[9:10] not in self.successes:
            raise RuntimeError(f"not a success: {data[:600]!r}")
        length = LENGTH.search(data, 0, end)
        if length is None:
            raise RuntimeError(f"no Content-Length: {data[:end]!r}")
        return len(data) >= end + 4 + int(length[1])


def run(
    port: int, callers: list[Iterator[bytes]], seconds: float, kind: type[Connection] = Connection
) -> Load:
    """Let each caller send its requests one after the other for ``seconds``."""
    connections = {}
    poll = select.epoll()
    for requests in callers:
        connection = kind(port, requests)
        connections[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    latencies: list[float] = []
    try:
        started = time.perf_counter()
        until = started + seconds
        for connection in connections.values():
            connection.send()
        waiting = len(connections)
        while waiting:
            for fileno, _ in poll.poll():
                connection = connections[fileno]
                if not connection.receive():
                    continue
                now = time.perf_counter()
                latencies.append(now - connection.sent_at)
                if now < until:
                    connection.send()
                else:
                    waiting -= 1
        elapsed = time.perf_counter() - started
    finally:
        poll.close()
        for connection in connections.values():
            connection.socket.close()
    return Load(len(latencies), elapsed, sorted(latencies))


def run_at(port: int, callers: list[Iterator[bytes]], rate: float, seconds: float) -> Load:
    """Send ``rate`` requests a second, whether or not earlier ones were answered (open loop).

    A request that finds no free connection waits for one; its latency counts from when it was due.
    """
    free = [Connection(port, requests) for requests in callers]
    connections = {each.socket.fileno(): each for each in free}
    latencies: list[float] = []
    total, sent = max(int(rate * seconds), 1), 0
    due: dict[int, float] = {}
    with select.epoll() as poll:
        for fileno in connections:
            poll.register(fileno, select.EPOLLIN)
        started = time.perf_counter()
        while len(latencies) < total:
            now = time.perf_counter()
            while free and sent < total and started + sent / rate <= now:
                connection = free.pop()
                due[connection.socket.fileno()] = started + sent / rate
                connection.send()
                sent += 1
            wait = started + sent / rate - now if free and sent < total else 1.0
            for fileno, _ in poll.poll(max(wait, 0)):
                if connections[fileno].receive():
                    latencies.append(time.perf_counter() - due[fileno])
                    free.append(connections[fileno])
        elapsed = time.perf_counter() - started
    for connection in connections.values():
        connection.socket.close()
    return Load(total, elapsed, sorted(latencies))
