"""One connection to the API with one deadline, which nothing that the server sends can extend."""

import socket
import ssl
from time import monotonic

CHUNK = 65536


class TransportError(Exception):
    """A request without a complete answer."""


class DeadlineExceeded(TransportError):
    """The time of the exchange is used up."""


class ConnectionFailed(TransportError):
    """No connection, or it ended before the answer did. Another try may succeed."""


class InvalidResponse(TransportError):
    """The answer is no valid HTTP/1.1, or larger than the limits."""


class Connection:
    """A connected socket; every wait takes the time that is left, never a time of its own."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._until = 0.0
        self.idle_since = 0.0

    def begin(self, until: float) -> None:
        """Set the deadline (``monotonic()`` seconds) of the exchange that follows."""
        self._until = until

    def send(self, data: bytes) -> None:
        """Send all of it; ``SSLSocket.sendall`` would give each part the whole time anew."""
        view = memoryview(data)
        while view:
            self._limit_wait()
            view = view[self._socket.send(view) :]

    def receive(self) -> bytes:
        """Return what comes next, at most 64 KiB; empty when the server closed."""
        self._limit_wait()
        return self._socket.recv(CHUNK)

    def is_quiet(self) -> bool:
        """Tell whether the connection is open and nothing is left to read on it."""
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)  # A TLS socket knows no MSG_PEEK; any byte here is one too many.
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close at once, without waiting."""
        self._socket.close()

    def _limit_wait(self) -> None:
        left = self._until - monotonic()
        if left <= 0:
            raise DeadlineExceeded("the time is used up")
        self._socket.settimeout(left)
