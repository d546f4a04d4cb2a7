"""Addresses of the API's name by a deadline, which ``getaddrinfo`` does not have.

A daemon thread looks up; callers wait until their own deadline. Addresses are used for half a
minute, and longer while the name server does not answer.
"""

import socket
from threading import Condition, Thread
from time import monotonic

from core.connection import ConnectionFailed

Address = tuple[socket.AddressFamily, tuple[str | int, ...] | tuple[int, bytes]]


class Resolver:
    """The addresses of one host and port, shared by all threads of a process."""

    def __init__(self, host: str, port: int, *, fresh_seconds: float = 30.0) -> None:
        self._host, self._port = host, port
        self._fresh_seconds = fresh_seconds
        self._found: list[Address] = []
        self._found_at = 0.0
        self._failure = ""
        self._is_running = False
        self._changed = Condition()

    def addresses(self, until: float) -> list[Address]:
        """Return every address, or raise ConnectionFailed by ``until``."""
        with self._changed:
            if self._found and monotonic() - self._found_at < self._fresh_seconds:
                return self._found
            if not self._is_running:
                self._is_running, self._failure = True, ""
                Thread(target=self._look_up, daemon=True).start()
            while not self._found and self._is_running and (left := until - monotonic()) > 0:
                self._changed.wait(left)
            if self._found:
                return self._found
            raise ConnectionFailed(self._failure or f"no address of {self._host} in time")

    def _look_up(self) -> None:
        found: list[Address] = []
        failure = f"{self._host} has no address"
        try:
            infos = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            found = [(family, address) for family, _, _, _, address in infos]
        except (OSError, UnicodeError) as exc:
            failure = f"{self._host}: {exc}"
        with self._changed:
            if found:
                self._found, self._found_at = found, monotonic()
            self._failure = failure
            self._is_running = False
            self._changed.notify_all()
