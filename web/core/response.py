"""Reads one answer of HTTP/1.1 (RFC 9112) with llhttp, and refuses what has two meanings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from core.connection import Connection, ConnectionFailed, InvalidResponse

MAX_HEAD = 32 * 1024  # bytes, answers of 1xx included
MAX_BODY = 8 * 2**20  # bytes, the framing of chunks included
MAX_INTERIM = 8  # answers of 1xx before the real one


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def version(self) -> str:
        """Return the release that the API says it speaks; empty when it does not say."""
        return self.headers.get("contract-version", "")


def read_reply(connection: Connection, *, to_head: bool = False) -> tuple[Reply, bool]:
    """Return the answer, and whether the connection may carry another exchange.

    An answer to HEAD ends with its head, and its connection is not used again.
    Raises a TransportError: the deadline of the connection holds over all of it.
    """
    reader = _Reader(to_head)
    while not reader.complete:
        if data := connection.receive():
            reader.feed(data)
        else:
            reader.end()
    return Reply(reader.status, reader.headers, bytes(reader.content)), reader.reusable


class _Reader:
    """Collects what llhttp reports, and counts what it is given."""

    def __init__(self, to_head: bool) -> None:
        self._parser = HttpResponseParser(self)
        self._to_head = to_head
        self._received = 0
        self._interim = 0
        self._in_body = False
        self._refusal = ""
        self._keep_alive = False
        self.complete = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.content = bytearray()

    @property
    def reusable(self) -> bool:
        """Whether the answer told its own end, and nothing came after it."""
        return self._keep_alive and not self._refusal

    def feed(self, data: bytes) -> None:
        """Read on; what follows a whole answer spoils the connection, not the answer."""
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as exc:
            self._refusal = self._refusal or str(exc)
            if not self.complete:
                raise InvalidResponse(self._refusal) from exc
        if not self.complete and self._received > MAX_HEAD + self._in_body * MAX_BODY:
            part, limit = ("body", MAX_BODY) if self._in_body else ("head", MAX_HEAD)
            raise InvalidResponse(f"a {part} of more than {limit} bytes")

    def end(self) -> None:
        """Take the end of the connection as the end of the body, if nothing else tells it."""
        framed = self.headers.keys() & {"content-length", "transfer-encoding"}
        if not self._in_body or framed:
            raise ConnectionFailed("the connection ended before the answer did")
        self.complete = True

    def on_message_begin(self) -> None:
        """Refuse an answer after the one that was asked for."""
        if self.complete:
            self._refuse("an answer that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; those after the body (trailers) are dropped."""
        if self._in_body:
            return
        key, text = name.decode("latin-1").lower(), value.strip(b" \t").decode("latin-1")
        if key == "transfer-encoding" and (key in self.headers or text.lower() != "chunked"):
            self._refuse("a transfer encoding other than chunked")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """Look at the head; that of an interim answer (1xx) is forgotten."""
        self.status = self._parser.get_status_code()
        if self._parser.get_http_version() not in ("1.1", "1.0") or self.status < 100:
            self._refuse("a status line that is not of HTTP/1.1")
        if self.status < 200:
            self._forget_interim()
            return
        if self.headers.get("content-encoding", "identity") != "identity":
            self._refuse("an encoding that was not asked for")
        if int(self.headers.get("content-length") or 0) > MAX_BODY:
            self._refuse(f"a body of more than {MAX_BODY} bytes")
        self._in_body = True
        self.complete = self._to_head

    def on_body(self, data: bytes) -> None:
        """Add a part of the body."""
        self.content += data

    def on_message_complete(self) -> None:
        """End, unless this was an interim answer."""
        self.complete = self._in_body
        self._keep_alive = self._parser.should_keep_alive()  # llhttp forgets it right after

    def _forget_interim(self) -> None:
        self._interim += 1
        if self.status == 101 or self._interim > MAX_INTERIM:
            self._refuse("interim answers without end, or another protocol")
        self.headers.clear()

    def _refuse(self, reason: str) -> NoReturn:
        self._refusal = reason  # llhttp reports only that a callback raised
        raise InvalidResponse(reason)
