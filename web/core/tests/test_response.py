"""What is taken for an answer, byte by byte."""

import socket
from itertools import pairwise
from time import monotonic
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.connection import Connection, ConnectionFailed, InvalidResponse, TransportError
from core.response import MAX_HEAD, read_reply

HEAD = b"HTTP/1.1 200 OK\r\n"
SIZED = HEAD + b"Content-Length: 4\r\nLink: <a>\r\nLINK: <b>\r\n\r\ntrue"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\ntr\r\n2;a\r\nue\r\n0\r\nA: b\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SIZED


def read(*pieces, ends=True):
    """Read what a server sends in these pieces."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = Connection(cast(socket.socket, Pieces(ours, theirs, list(pieces), ends=ends)))
        connection.begin(monotonic() + 30)
        return read_reply(connection)


class Pieces:
    """A socket that receives one piece at a time."""

    def __init__(self, ours, theirs, pieces, *, ends):
        self.settimeout = ours.settimeout
        self._ours, self._theirs, self._pieces, self._ends = ours, theirs, pieces, ends

    def recv(self, size):
        if self._pieces:
            self._theirs.sendall(self._pieces.pop(0))
        elif self._ends:
            self._theirs.close()
        return self._ours.recv(size)


def cut(data, places):
    ends = sorted({0, len(data), *(place % len(data) for place in places)})
    return [data[a:b] for a, b in pairwise(ends)]


class TestPieces:
    @given(st.sampled_from([SIZED, CHUNKED, INTERIM]), st.lists(st.integers(0, 500), max_size=9))
    def test_how_an_answer_is_cut_into_pieces_changes_nothing(self, data, places):
        reply, reusable = read(*cut(data, places))

        assert (reply.status, reply.content, reusable) == (200, b"true", True)

    @given(st.sampled_from([SIZED, CHUNKED, INTERIM]), st.integers(0, 500))
    def test_the_beginning_of_an_answer_is_none(self, data, place):
        with pytest.raises(ConnectionFailed, match="ended before the answer did"):
            read(*cut(data[: place % len(data)] or b"H", []))

    @given(
        st.sampled_from([SIZED, CHUNKED, INTERIM]),
        st.integers(0, 500),
        st.integers(0, 9),
        st.binary(max_size=9),
    )
    def test_damage_is_refused_or_ends_the_connection_or_leaves_a_whole_answer(
        self, data, place, gone, come
    ):
        at = place % len(data)
        try:
            reply, _ = read(data[:at] + come + data[at + gone :])
        except TransportError:
            return
        assert reply.status >= 200

    @given(st.binary(min_size=1, max_size=9).filter(lambda more: more.strip(b"\r\n")))
    def test_more_than_the_answer_spoils_the_connection(self, more):
        reply, reusable = read(SIZED + more)

        assert (reply.content, reusable) == (b"true", False)


class TestHead:
    def test_repeated_headers_are_joined_and_names_are_in_lower_case(self):
        assert read(SIZED)[0].headers == {"content-length": "4", "link": "<a>, <b>"}

    def test_a_trailer_is_no_header(self):
        assert "a" not in read(CHUNKED)[0].headers

    def test_an_empty_header_is_empty(self):
        headers = read(HEAD + b"A:\r\nB: \r\nContent-Length: 0\r\n\r\n")[0].headers

        assert headers == {"a": "", "b": "", "content-length": "0"}

    @pytest.mark.parametrize(
        "head",
        [
            b"HTTP/2 200 OK",
            b"HTTP/2.0 200 OK",
            b"HTTP/0.9 200 OK",
            b"HTTP/1.2 200 OK",
            b"HTTP/1.1 2000 OK",
            b"HTTP/1.1 20 OK",
            b"HTTP/1.1 099 OK",
            b"HTTP/1.1\t200 OK",
            b"HTTP/1.1 200 OK\r\n folded: yes",
            b"HTTP/1.1 200 OK\r\nA: b\r\n folded: yes",
            b"HTTP/1.1 200 OK\r\nA : b",
            b"HTTP/1.1 200 OK\r\n: b",
            b"HTTP/1.1 200 OK\r\nno colon",
            b"HTTP/1.1 200 OK\r\nA: b\nC: d",
            b"HTTP/1.1 200 OK\r\nA: b\rC: d",
            b"HTTP/1.1 200 OK\r\nA: b\0",
            b"HTTP/1.1 200 OK\r\nContent-Length: +4",
            b"HTTP/1.1 200 OK\r\nContent-Length: 4, 4",
            b"HTTP/1.1 200 OK\r\nContent-Length: 0_4",
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4",
            b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551620",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9000000",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4",
        ],
    )
    def test_what_may_be_read_two_ways_is_refused(self, head):
        with pytest.raises(InvalidResponse):
            read(head + b"\r\n\r\ntrue")

    def test_a_head_has_a_limit(self):
        with pytest.raises(InvalidResponse, match="a head of more than 32768 bytes"):
            read(HEAD + b"A: ", b"a" * MAX_HEAD)

    def test_interim_answers_have_a_limit(self):
        with pytest.raises(InvalidResponse, match="interim answers without end"):
            read(INTERIM[: -len(SIZED)] * 9 + SIZED)


class TestReuse:
    @pytest.mark.parametrize(
        ("data", "reusable"),
        [
            (SIZED, True),
            (b"HTTP/1.1 204 No Content\r\n\r\n", True),
            (SIZED.replace(b"Link", b"Connection: close\r\nLink"), False),
            (SIZED.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
            (b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\ntrue", False),
            (HEAD + b"\r\ntrue", False),
        ],
        ids=["sized", "empty", "close", "1.0", "a body of 204", "ended by closing"],
    )
    def test_only_a_connection_with_nothing_left_is_used_again(self, data, reusable):
        assert read(data)[1] is reusable
