"""What callers send to a server that they wish no good, by kind, and what they get for it.

To add one is to add a line: what is sent, and the statuses that come back. ``drip`` is sent again
and again, a fifth of a second apart, until the server closes.
"""

from typing import NamedTuple

from conftest import make_token
from tests.front.application import SCOPES

SMALL = b'{"text":"small"}'
NEVER = b'{"text":"never"}'  # no handler may see this one
MAX_BODY = 256 * 1024


class Abuse(NamedTuple):
    """One connection: ``closed`` tells whether the server ends it by itself."""

    kind: str
    name: str
    data: bytes
    statuses: list[int]
    or_else: int = 0  # instead of the last status: which one comes first is a race
    closed: bool = True
    drip: bytes = b""
    reads: bool = True


def authorization(scope: str = SCOPES, sub: str = "tester") -> bytes:
    """Return the header of a good token."""
    token = make_token(scope=scope, sub=sub, exp=2**32)
    return b"Authorization: Bearer " + token.encode() + b"\r\n"


TOKEN = authorization()
JSON = b"Content-Type: application/json\r\n"
HOST = b"Host: api.test\r\n"
END = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def get(fields: bytes = HOST, target: bytes = b"/v1/notes", version: bytes = b"HTTP/1.1") -> bytes:
    """Return a GET with a token."""
    return b"GET " + target + b" " + version + b"\r\n" + fields + TOKEN + b"\r\n"


def post(
    fields: bytes, body: bytes = b"", token: bytes = TOKEN, target: bytes = b"/v1/notes"
) -> bytes:
    """Return a POST of a note."""
    return b"POST " + target + b" HTTP/1.1\r\n" + HOST + JSON + token + fields + b"\r\n" + body


def length(number: int | bytes) -> bytes:
    """Return a Content-Length."""
    return b"Content-Length: " + (number if isinstance(number, bytes) else b"%d" % number) + b"\r\n"


def chunk(body: bytes, extension: bytes = b"") -> bytes:
    """Return a chunk."""
    return b"%x" % len(body) + extension + b"\r\n" + body + b"\r\n"


MESSAGES = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "noise": bytes(range(256)),
    "an unknown method": b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method in small letters": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/2 with prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1.2": get(version=b"HTTP/1.2"),
    "no version but a word": get(version=b"HTTP"),
    "a space before the colon": get(b"Host : api.test\r\n"),
    "a folded line": get(HOST + b"X-Long: a\r\n b\r\n"),
    "NUL in a value": get(HOST + b"X: a\0b\r\n"),
    "a bare line feed": b"GET / HTTP/1.1\nHost: api.test\n\n",
    "a carriage return in a value": get(HOST + b"X: a\rY: b\r\n"),
    "a field without a colon": get(HOST + b"X\r\n"),
    "CONNECT": b"CONNECT api.test:80 HTTP/1.1\r\n" + HOST + b"\r\n",
}
HOSTS = {
    "none": b"",
    "two": HOST * 2,
    "two that differ": HOST + b"host: other.test\r\n",
    **{
        name.decode("latin-1") or "empty": b"Host: " + name + b"\r\n"
        for name in (
            b"", b"a,b", b"a, b", b"user@api.test", b"user:word@api.test", b"a b", b"[", b"[::1",
            b"[:::1]", b"[::1]x", b"::1", b"api.test:", b"api.test:x", b"api.test:99999",
            b"api.test/v1", b"api.test?x", b"api.test#x", b"http://api.test", b"<b>", b"a\xffb",
            b"api.test:80:80", b"%00", b"a\\b", b'"a"',
        )
    },
}  # fmt: skip
GOOD_HOSTS = [
    b"api.test",
    b"api.test:8000",
    b"API.test.",
    b"shop_api",
    b"127.0.0.1:80",
    b"[::1]:80",
]
LENGTHS = [b"-1", b"+1", b"0x10", b"1, 1", b"1 1", b"", b"one", b"1.0", b"9" * 30, b"9" * 5000]
CODINGS = {
    "and a length": CHUNKED + length(3),
    "after a length": length(3) + CHUNKED,
    "twice": CHUNKED * 2,
    "in a list": b"Transfer-Encoding: chunked, chunked\r\n",
    "compressed": b"Transfer-Encoding: gzip, chunked\r\n",
    "not last": b"Transfer-Encoding: chunked, gzip\r\n",
    "identity": b"Transfer-Encoding: identity\r\n",
    "misspelt": b"Transfer-Encoding: xchunked\r\n",
    "quoted": b'Transfer-Encoding: "chunked"\r\n',
}
HEADS = {
    "one long line": (get(HOST + b"X: " + b"a" * 40_000 + b"\r\n"), 431),
    "one line without end": (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 4_000_000, 431),
    "one name without end": (b"GET / HTTP/1.1\r\n" + HOST + b"x" * 4_000_000, 431),
    "lines without end": (b"GET / HTTP/1.1\r\n" + (b"X: " + b"a" * 995 + b"\r\n") * 4_000, 431),
    "many small fields": (get(HOST + b"".join(b"X%d: a\r\n" % n for n in range(200))), 431),
    "one field many times": (get(HOST + b"A:b\r\n" * 50_000), 431),
    "the sum of many": (get(HOST + (b"X: " + b"a" * 595 + b"\r\n") * 60), 431),
    "a large cookie": (get(HOST + b"Cookie: a=" + b"a" * 33_000 + b"\r\n"), 431),
    "a large token": (get(HOST + b"Authorization: Bearer " + b"a" * 33_000 + b"\r\n"), 431),
    "a long path": (get(target=b"/" + b"a" * 40_000), 414),
    "a long query": (get(target=b"/v1/notes?" + b"a" * 40_000), 414),
    "a path without end": (b"GET /" + b"a" * 4_000_000, 414),
}
CHUNKS = {
    "a size that is none": (b"z\r\n", 400),
    "a size too large to count": (b"F" * 20 + b"\r\n", 400),
    "a negative size": (b"-1\r\n", 400),
    "a chunk longer than it says": (b"1\r\nabc\r\n", 400),
    "an extension without end": (b"1;" + b"e" * 400_000, 400),
    "extensions on each": (chunk(b"a", b";" + b"e" * 100) * 2_000, 400),
    "a byte each": (chunk(b"[") * 50_000, 400),
    "a byte each, and leading zeros": (b"0000000001\r\na\r\n" * 20_000, 400),
    "trailers without end": (chunk(NEVER) + b"0\r\n" + b"X: y\r\n" * 50_000, 400),
    "one long trailer": (chunk(NEVER) + b"0\r\nX: " + b"y" * 400_000, 400),
    "more than may be": (chunk(b" " * 4096) * 80, 413),
    "more than may be at once": (chunk(b" " * (MAX_BODY + 1)), 413),
    "all that was needed, then more": (chunk(NEVER) + chunk(b" " * 4096) * 80, 413),
}
EXPECT = b"Expect: 100-continue\r\n"
OLD = b"HTTP/1.0"
GOOD = get()
UPGRADE = HOST + b"Connection: Upgrade\r\nUpgrade: "
H2C = HOST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
INVALID = b"Authorization: Bearer a.b.c\r\n"

ABUSES = [
    *(Abuse("message", name, data, [400]) for name, data in MESSAGES.items()),
    Abuse("message", "HTTP/2.0", get(version=b"HTTP/2.0"), [505]),
    Abuse("message", "HTTP/0.9", b"GET /\r\n\r\n", [505]),
    *(Abuse("host", name, get(fields), [400]) for name, fields in HOSTS.items()),
    *(
        Abuse("host", f"good: {name!r}", get(b"Host: " + name + b"\r\n" + END), [200])
        for name in GOOD_HOSTS
    ),
    Abuse("host", "none in HTTP/1.0", get(b"", version=OLD), [200]),
    Abuse("host", "two in HTTP/1.0", get(HOST * 2, version=OLD), [400]),
    *(Abuse("head", name, data, [status]) for name, (data, status) in HEADS.items()),
    *(Abuse("length", f"{len(n)}: {n[:20]!r}", post(length(n), NEVER), [400]) for n in LENGTHS),
    Abuse("length", "twice", post(length(16) * 2, NEVER), [400]),
    Abuse("length", "two that differ", post(length(16) + length(3), NEVER), [400]),
    *(Abuse("length", f"{n}", post(length(n), NEVER), [413]) for n in (MAX_BODY + 1, 10**18)),
    Abuse("length", "too large on a GET", get(HOST + length(10**12)), [413]),
    *(Abuse("coding", n, post(f, chunk(NEVER) + b"0\r\n\r\n"), [400]) for n, f in CODINGS.items()),
    Abuse("coding", "in HTTP/1.0", post(CHUNKED).replace(b"HTTP/1.1", OLD), [400]),
    *(Abuse("chunks", n, post(CHUNKED, data), [status]) for n, (data, status) in CHUNKS.items()),
    *(
        Abuse("chunks", f"no token: {n}", post(CHUNKED, data, b""), [401], status)
        for n, (data, status) in CHUNKS.items()
    ),
    Abuse("wait", "silent", b"", []),
    Abuse("wait", "empty lines", b"", [], drip=b"\r\n"),
    Abuse("wait", "empty lines after an answer", GOOD, [200], drip=b"\r\n"),
    Abuse("wait", "half a method", b"GE", [408]),
    Abuse("wait", "half a head", b"GET / HTTP/1.1\r\nHost: a", [408]),
    Abuse("wait", "half a head after an answer", GOOD + b"GET /", [200, 408]),
    Abuse("wait", "a dripping line", b"GET / HTTP/1.1\r\nX: ", [408], drip=b"a"),
    Abuse("wait", "dripping lines", b"GET / HTTP/1.1\r\n", [408], drip=b"X: y\r\n"),
    Abuse("wait", "half a body", post(length(100), b"{"), [408]),
    Abuse("wait", "no body", post(length(100)), [408]),
    Abuse("wait", "a dripping body", post(length(100)), [408], drip=b" "),
    Abuse("wait", "half a chunk", post(CHUNKED, b"10\r\n{"), [408]),
    Abuse("wait", "half a chunk's size", post(CHUNKED, b"1"), [408]),
    Abuse("wait", "no last chunk", post(CHUNKED, chunk(NEVER)), [408]),
    Abuse("wait", "dripping chunks", post(CHUNKED, chunk(b" ")), [408], drip=chunk(b" ")),
    Abuse("wait", "a dripping extension", post(CHUNKED, b"1;"), [408], drip=b"e"),
    Abuse("wait", "dripping trailers", post(CHUNKED, b"0\r\n"), [408], drip=b"X: y\r\n"),
    Abuse("wait", "a body behind an answer", GOOD + post(length(100), b"{"), [200, 408]),
    Abuse("wait", "told to continue", post(EXPECT + length(100)), [100, 408]),
    Abuse("token", "none, half a body", post(length(100), b"{", b""), [401]),
    Abuse("token", "none, no body", post(length(100), b"", b""), [401]),
    Abuse("token", "none, half a large body", post(length(MAX_BODY), b"[" * 9_999, b""), [401]),
    Abuse("token", "none, a large body", post(length(MAX_BODY), b"[" * MAX_BODY, b""), [401]),
    Abuse("token", "none, no JSON", post(length(1) + END, b"{", b""), [401]),
    Abuse("token", "none, told to continue", post(EXPECT + length(100), b"", b""), [401]),
    Abuse("token", "none, a dripping body", post(length(100), b"", b""), [401], drip=b" "),
    Abuse("token", "invalid, half a body", post(length(100), b"{", INVALID), [401]),
    Abuse("token", "in a trailer", post(CHUNKED, b"0\r\n" + TOKEN + b"\r\n", END), [401]),
    Abuse(
        "token", "of another scope, half a body",
        post(length(100), b"{", authorization(scope="notes:read")), [403],
    ),
    Abuse("pipelined", "400 requests", GOOD * 399 + get(HOST + END), [200] * 400),
    Abuse("pipelined", "bodies", post(length(16), SMALL) * 40 + get(HOST + END),
          [201] * 40 + [200]),
    Abuse("pipelined", "noise", GOOD * 3 + MESSAGES["noise"], [200, 200, 200, 400]),
    Abuse("pipelined", "a bad chunk", GOOD + post(CHUNKED, b"z\r\n"), [200, 400]),
    Abuse("pipelined", "a large head", GOOD + HEADS["one long line"][0], [200, 431]),
    Abuse("pipelined", "after a refusal", post(length(10**12)) + GOOD, [413]),
    Abuse("pipelined", "after a close", get(HOST + END) + GOOD, [200]),
    Abuse("upgrade", "h2c", get(H2C) + get(HOST + END), [200, 200]),
    Abuse("upgrade", "h2c with a body", post(H2C[len(HOST) :] + length(16), NEVER) + GOOD, [400]),
    Abuse("upgrade", "h2c with chunks", post(H2C[len(HOST) :] + CHUNKED, chunk(NEVER)), [400]),
    Abuse("upgrade", "WebSocket", get(UPGRADE + b"websocket\r\nSec-WebSocket-Version: 13\r\n"
          b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"), [403]),
    Abuse("upgrade", "unknown", get(UPGRADE + b"tea/2\r\n") + get(HOST + END), [200, 200]),
    Abuse("reader", "reads nothing", get(target=b"/v1/long"), [], reads=False),
    Abuse("reader", "reads nothing of many", get(target=b"/v1/long") * 9, [], reads=False),
    Abuse("reader", "reads nothing of one without end", get(target=b"/v1/long") + GOOD * 99, [],
          reads=False),
    Abuse("HTTP/1.0", "it is closed", get(version=OLD), [200]),
    Abuse("HTTP/1.0", "keep-alive is ignored", get(b"Connection: keep-alive\r\n", version=OLD),
          [200]),
    Abuse("HTTP/1.0", "no 100", post(EXPECT + length(16), SMALL).replace(b"HTTP/1.1", OLD), [201]),
    Abuse("not read", "a body on a GET", get(HOST + length(100)), [200]),
    Abuse("not read", "a large body on a GET", get(HOST + length(MAX_BODY)), [200]),
    Abuse("not read", "chunks without end on a GET", get(HOST + CHUNKED) + b"1\r\n", [200]),
    Abuse("not read", "a body to nowhere",
          post(length(100), b"{").replace(b"/v1/notes", b"/v1/none"), [404]),
    Abuse("good", "small chunks", post(CHUNKED + END, chunk(SMALL[:8]) + chunk(SMALL[8:])
          + b"0\r\n\r\n"), [201]),
    Abuse("good", "extensions and trailers", post(CHUNKED + END, chunk(SMALL, b";a=b")
          + b"0\r\nX: y\r\n\r\n"), [201]),
    Abuse("good", "told to continue, and does", post(EXPECT + length(16) + END, SMALL), [100, 201]),
    Abuse("good", "a head of 30 KiB", get(HOST + END + b"X: " + b"a" * 30_000 + b"\r\n"), [200]),
]  # fmt: skip
