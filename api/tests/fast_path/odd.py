"""Odd requests, made from good ones: what callers send by mistake, by old code, or on purpose.

The same seed makes the same requests, as long as the answers are the same: ids and cursors that
were answered are sent again.
"""

import json
import random
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

Header = tuple[bytes, bytes]
JSON = (b"content-type", b"application/json")
UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "BREW"]
TEXTS = [
    "", " ", "0", "1", "-1", "1.0", "1e9", "9" * 30, "true", "null", "NaN", "a", "A" * 300,
    "ä€😀", "a b", "a\tb", "%", "_", "\\", "'", '"', "../..", "a/b", "bulk", "x" * 3000, "[]", "{}",
    "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10", "{01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10}",
    "01936D5E7C1A7B3F9C550F6A1F3C2D10", "urn:uuid:01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10", "name",
    "-name", "active", "２",
]  # fmt: skip
TYPES = [
    b"application/json", b"application/json; charset=utf-8", b"application/json;charset=latin-1",
    b"Application/JSON", b" application/json", b"application/problem+json", b"application/x+json",
    b"application/", b"json", b"text/plain", b"text/json", b"multipart/form-data; boundary=x",
    b"application/x-www-form-urlencoded", b"\xff", b"", b"application/json, application/json",
    b"application/json;", b"application/jsonp",
]  # fmt: skip
ETAGS = [
    b"*", b'"1"', b'W/"1"', b'"2"', b'"0"', b'"1", "2"', b"1", b'"', b"", b'W/"', b", ,",
    b"x" * 2000, b'"\xe4"', b'"1" "2"', b'w/"1"',
]  # fmt: skip
KEYS = [b"a", b'"a"', b"b", b"a b", b"", b"x" * 200, b"\xe4", b"a,b", b"7f3c1d1e-3b0a-4b6e-9d53"]
LATER: list[Header] = [
    (b"accept", b"text/html"), (b"cookie", b"a=1; a=2; =; b"), (b"cookie", b"\xff"),
    (b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    (b"traceparent", b"x"), (b"content-length", b"abc"), (b"content-length", b"99999999999"),
    (b"x-http-method-override", b"DELETE"), (b"x-forwarded-prefix", b"/x"), (b"x-one", b"1"),
    (b"host", b"elsewhere.test"), (b"if-match", b'"1"'), (b"x-stop", b"1"), (b"x-key", b""),
]  # fmt: skip


class Odd(NamedTuple):
    """A request as a server would hand it on."""

    method: str
    path: str
    query: bytes
    headers: list[Header]
    body: bytes
    cut: bool = False


def spoil(good: Odd, by: random.Random) -> Odd:
    """Return the request with up to three of its parts spoilt; one in eight stays as it is."""
    ways: list[Callable[[Odd, random.Random], Odd]] = [
        spoil_path, spoil_query, spoil_query, spoil_headers, spoil_headers, spoil_token,
        spoil_method,
    ]  # fmt: skip
    if good.body:
        ways += [spoil_body] * 6 + [spoil_type] * 2
    if by.random() < 0.125:
        return good
    for way in by.choices(ways, k=by.choice((1, 1, 1, 2, 3))):
        good = way(good, by)
    return good


def spoil_path(request: Odd, by: random.Random) -> Odd:
    parts = request.path.split("/")
    place = by.randrange(1, len(parts))
    match by.randrange(7):
        case 0:
            parts[place] = by.choice(TEXTS)
        case 1:
            parts.append("")
        case 2:
            parts.insert(place, "")
        case 3:
            parts[place] = parts[place].upper()
        case 4:
            parts[-1] += by.choice(["\n", "\r\n", "\n\n", "\0"])
        case 5:
            parts[place] = quote(parts[place] + "/", safe="")
        case _:
            parts[-1] = by.choice(TEXTS)
    return request._replace(path="/".join(parts))


def spoil_query(request: Odd, by: random.Random) -> Odd:
    pairs = [pair for pair in request.query.split(b"&") if pair]
    names = [pair.split(b"=")[0] for pair in pairs] or [b"limit", b"q", b"a"]
    name, value = by.choice(names), quote(by.choice(TEXTS)).encode()
    odd = [
        name + b"=" + value, name, name + b"=", name + b"[]=" + value, name.upper() + b"=1", b"=",
        b"unknown=" + value, name + b"=%zz", name + b"=%ff", name + b"=%00", name + b"=+" + value,
        b"%20" + name + b"=1", name + b"=%D8%00", b"\xff=1", name + b"=1;" + name + b"=2", b"&&",
        name + b"=%ED%A0%80",
    ]  # fmt: skip
    pairs[by.randint(0, len(pairs)) : by.randint(0, len(pairs))] = by.choices(
        odd, k=by.randint(1, 3)
    )
    return request._replace(query=b"&".join(pairs))


def spoil_headers(request: Odd, by: random.Random) -> Odd:
    odd: Header = by.choice(
        [
            (b"if-none-match", by.choice(ETAGS)),
            (b"if-match", by.choice(ETAGS)),
            (b"idempotency-key", by.choice(KEYS)),
            by.choice(LATER),
            by.choice(request.headers or LATER),
        ]
    )
    headers = list(request.headers)
    headers.insert(by.randint(0, len(headers)), odd)
    return request._replace(headers=headers)


def spoil_token(request: Odd, by: random.Random) -> Odd:
    others = [each for each in request.headers if each[0] != b"authorization"]
    token = dict(request.headers).get(b"authorization", b"Bearer t").split(b" ")[-1]
    odd = [
        b"Bearer " + token, b"bearer " + token, b"BEARER  " + token, b"Basic YTpi", b"Bearer",
        b"Bearer a.b.c", b"Bearer " + token[:-4], token, b"", b"Bearer \xe4",
        b"Bearer " + b"x" * 9000,
    ]  # fmt: skip
    headers = [(b"authorization", value) for value in by.sample(odd, by.choice((0, 1, 1, 1, 2)))]
    return request._replace(headers=headers + others)


def spoil_type(request: Odd, by: random.Random) -> Odd:
    others = [each for each in request.headers if each[0] != b"content-type"]
    types = by.sample(TYPES, by.choice((0, 1, 1, 1, 2)))
    return request._replace(headers=[*others, *((b"content-type", each) for each in types)])


def spoil_method(request: Odd, by: random.Random) -> Odd:
    return request._replace(method=by.choice(METHODS))


def spoil_body(request: Odd, by: random.Random) -> Odd:
    """Spoil the bytes, or a value within."""
    body = request.body
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if by.random() < 0.5 and value is not None:
        changed = json.dumps(_spoil_value(value, by), ensure_ascii=by.random() < 0.5)
        return request._replace(body=changed.encode("utf-8", "surrogatepass"))
    at = by.randint(0, len(body))
    bytes_: list[bytes] = [
        body[:at], b"", b"null", b"[]", b"{}", b'""', b"0", b"-", b"[" * 100_000, b'{"a":' * 5_000,
        b"[" + b"9" * 5_000 + b"]", b"NaN", b"-Infinity", b"\xef\xbb\xbf" + body,
        b"\xff\xfe" + body, body.decode("utf-8", "replace").encode("utf-16"), body + b"\x00",
        body + b"}", body * 2,
        b" \n\t" + body + b"\r\n", body.replace(b"{", b'{"name":"twice",', 1), b"'a'", b'"\\ud800"',
        body.replace(b'"', b"'"), body[:at] + b"\xe4" + body[at:], body.replace(b":", b":NaN,", 1),
        re.sub(rb":\d+", b":1e400", body), re.sub(rb":\d+", b":" + b"1" * 5_000, body),
        re.sub(rb':"[^"]*"', rb':"\\ud800"', body, count=1), b"\x00", body.replace(b",", b",,", 1),
    ]  # fmt: skip
    return request._replace(body=by.choice(bytes_), cut=by.random() < 0.03)


def _spoil_value(value: Any, by: random.Random) -> Any:
    odd: list[Any] = [
        None, True, 0, -1, 2**31, 2**63, 10**40, 1.5, float("nan"), float("inf"), "", " ", "\0",
        "\ud800", "x" * 5_000, [], {}, [value], {"a": value}, *TEXTS[:12],
    ]  # fmt: skip
    if isinstance(value, dict) and value and by.random() < 0.85:
        key = by.choice(list(value))
        match by.randrange(5):
            case 0:
                return {k: v for k, v in value.items() if k != key}
            case 1:
                return value | {by.choice(["colour", "\ud800", "", "a/b~c", "__proto__"]): 1}
            case _:
                return value | {key: _spoil_value(value[key], by)}
    if isinstance(value, list) and value and by.random() < 0.7:
        return [_spoil_value(value[0], by), *value[1:]] if by.random() < 0.7 else value * 30
    return by.choice(odd)


class FromDocument:
    """Good requests of an OpenAPI document's operations."""

    def __init__(self, document: dict[str, Any], token: str, by: random.Random) -> None:
        self._document, self._by = document, by
        self._token = (b"authorization", f"Bearer {token}".encode())
        self._operations = [
            (method.upper(), path, operation)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        ]
        self._known: dict[str, list[str]] = {}  # values that were answered, by name

    def make(self) -> Odd:
        """Return a request of any operation; creations come oftener, so that there is something."""
        weights = [2 if method == "POST" else 1 for method, _, _ in self._operations]
        ((method, path, operation),) = self._by.choices(self._operations, weights)
        parameters = operation.get("parameters", [])
        query = [
            f"{each['name']}={quote(str(self._value(each)))}"
            for each in parameters
            if each["in"] == "query" and self._by.random() < 0.3
        ]
        headers = [self._token] + [
            (each["name"].encode(), str(self._value(each)).encode())
            for each in parameters
            if each["in"] == "header"
            and self._by.random() < (0.9 if each["name"] == "if-match" else 0.2)
        ]
        body = b""
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            body = json.dumps(self._sample(schema, "body")).encode()
            headers.append(JSON)
        url = re.sub("{(.*?)}", lambda found: self._an_id(path, found[1]), path)
        return Odd(method, url, "&".join(query).encode(), headers, body)

    def learn(self, path: str, messages: list[Any]) -> None:
        """Remember what an answer told: ids by the list they belong to, cursors, ETags."""
        start = messages[0] if messages else {}
        if not isinstance(start, dict) or not 200 <= start.get("status", 0) < 300:
            return
        for name, value in start["headers"]:
            if name == b"etag":
                self._remember("etag", value.decode("latin-1"))
        try:
            body = json.loads(b"".join(each.get("body", b"") for each in messages[1:]))
        except (ValueError, AttributeError):
            return
        for each in [body, *(body.get("items") or [])] if isinstance(body, dict) else []:
            if each.get("id"):
                self._remember(path.split("/")[2], each["id"])
        if isinstance(body, dict) and body.get("next_cursor"):
            self._remember("cursor", body["next_cursor"])

    def _remember(self, name: str, value: str) -> None:
        self._known.setdefault(name, []).append(value)
        del self._known[name][:-20]

    def _an_id(self, path: str, name: str) -> str:
        resource = path.split("{")[0].split("/")[-2]
        found = self._known.get(path.split("/")[2] if path.count("{") == 1 else resource)
        return self._by.choice(found or [UNKNOWN])

    def _value(self, parameter: dict[str, Any]) -> Any:
        name = {"if-match": "etag", "if-none-match": "etag"}.get(
            parameter["name"], parameter["name"]
        )
        if found := self._known.get(name):
            return self._by.choice(found)
        if name == "etag":
            return '"1"'
        return self._sample(parameter["schema"], parameter["name"], parameter.get("example"))

    def _sample(self, schema: dict[str, Any], name: str, example: Any = None) -> Any:
        """Return a value of a schema, oftenest a valid one."""
        by = self._by
        if "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema:
            schema = by.choice(schema["anyOf"])
        if "enum" in schema:
            return by.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._sample_object(schema)
            case "array":
                return [self._sample(schema["items"], name) for _ in range(by.randint(1, 3))]
            case "integer":
                low = schema.get("minimum", 0)
                return by.randint(low, min(schema.get("maximum", low + 100), low + 100))
            case "null":
                return None
        return self._sample_text(schema, example)

    def _sample_text(self, schema: dict[str, Any], example: Any) -> str:
        by = self._by
        if schema.get("format") == "uuid":
            return by.choice(self._ids() or [UNKNOWN])
        words = example or next(iter(schema.get("examples", ["word"])))
        return words if by.random() < 0.5 else f"{words}{by.randrange(1000)}"

    def _sample_object(self, schema: dict[str, Any]) -> dict[str, Any]:
        required = schema.get("required", [])
        return {
            key: self._sample(each, key)
            for key, each in schema.get("properties", {}).items()
            if key in required or self._by.random() < 0.5
        }

    def _ids(self) -> list[str]:
        return [
            each
            for name, found in self._known.items()
            if name not in ("etag", "cursor")
            for each in found
        ]
