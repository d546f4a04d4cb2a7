"""Requests at the bounds of the document, and beyond them, made from its schemas."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

from httpx2 import AsyncClient, Response
from hypothesis import strategies as st

from conftest import DOCUMENT

JSON = {"Content-Type": "application/json"}
UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
# One letter of each length in UTF-8; those that grow in lower case, or in JSON, or in a URL; those
# that LIKE, SQL and JSON read in their own way.
LETTERS = [
    "a",
    "Z",
    "é",
    "€",
    "\U0001f600",
    "\U0010ffff",
    "İ",
    "\x01",
    "\n",
    "%",
    "\\",
    "'",
    '"',
    "|",
    "&",
]
WRITING = ("post", "patch", "put", "delete")


class Operation(NamedTuple):
    """An operation of the document."""

    method: str
    path: str
    spec: dict[str, Any]

    @property
    def body(self) -> dict[str, Any] | None:
        """Return the schema of its body, if it has one."""
        content = self.spec.get("requestBody", {}).get("content", {})
        return resolve(content["application/json"]["schema"]) if content else None

    @property
    def query(self) -> dict[str, Any]:
        """Return the schemas of its query parameters by name."""
        parameters = self.spec.get("parameters", [])
        return {p["name"]: resolve(p["schema"]) for p in parameters if p["in"] == "query"}

    @property
    def is_list(self) -> bool:
        """Tell whether it answers with pages."""
        return "cursor" in self.query

    def url(self, ids: dict[str, Any]) -> str:
        """Return its path with ids in it; one that nobody has where there is none."""
        return re.sub(
            r"\{(\w+)\}", lambda name: quote(str(ids.get(name[1], UNKNOWN)), safe=""), self.path
        )


def operations(*methods: str) -> list[Operation]:
    """Return the operations of the API proper, as the document has them."""
    return [
        Operation(method, path, spec)
        for path, item in DOCUMENT["paths"].items()
        for method, spec in item.items()
        if method in methods and path.startswith("/v1/")
    ]


WRITES, READS = operations(*WRITING), operations("get")


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without a reference at its top, and without an `allOf` of one."""
    while "$ref" in schema:
        found = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        schema = {**found, **{name: each for name, each in schema.items() if name != "$ref"}}
    if len(schema.get("allOf", ())) == 1:
        schema = {**schema, **schema["allOf"][0]}
    return schema


def id_parameter(operation: Operation) -> str | None:
    """Return the path parameter that names what an operation creates."""
    start = f"{operation.path}/{{"
    paths = (path for path in DOCUMENT["paths"] if path.startswith(start))
    return next((path.removeprefix(start).split("}")[0] for path in paths), None)


FORMATS = {  # values of a format, the longest last
    "date": ("2026-11-26", "0001-01-01", "9999-12-31"),
    "date-time": ("2026-11-26T08:30:00Z", "2024-02-29T23:59:59.999999+14:00"),
    "time": ("08:30:00", "23:59:59.999999Z"),
    "duration": ("PT0S", "P1DT2H3M4.500000S"),
    "email": ("a@b.example", "ann.other+shop@mail.shop.example"),
    "uri": ("https://a.example/", "https://a.example:8443/b%20c?d=e#f"),
    "ipv4": ("0.0.0.0", "255.255.255.255"),  # noqa: S104
    "ipv6": ("::", "2001:db8:1111:2222:3333:4444:5555:6666"),
}


def valid(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[Any]:
    """Return values at the bounds of a schema; for an id stands ``id:NAME:NUMBER``."""
    schema = resolve(schema)
    if "anyOf" in schema and "properties" not in schema:
        return st.one_of(*(valid(each, name) for each in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    plain: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]]
    plain = {"string": partial(_text, name=name), "integer": _integer, "object": _object}
    if strategy := plain.get(str(kind)):
        return strategy(schema)
    if kind == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
        sizes = st.sampled_from([least, least + 1, min(most, 20)])
        items = valid(schema["items"])
        return sizes.flatmap(lambda size: st.lists(items, min_size=size, max_size=size))
    if kind == "number":
        least, most = schema.get("minimum", -(10**6)), schema.get("maximum", 10**6)
        return st.floats(least, most, allow_nan=False)
    few = {"null": st.none(), "boolean": st.booleans()}
    return few.get(str(kind), st.just(schema.get("const", {})))


def with_ids(text: str, ids: dict[str, list[str]]) -> str:
    """Put ids that exist into the text of a body; one that nobody has where there is none."""

    def known(place: re.Match[str]) -> str:
        latest = ids.get(place[1], [])[-int(place[2]) :] if place[2] != "0" else []
        return latest[0] if latest else UNKNOWN

    return re.sub(r"id:(\w*):(\d)", known, text)


def python_pattern(pattern: str) -> str:
    """Return a pattern of ECMA 262, where `$` is the very end, as Python writes it."""
    escaped_or_class = r"(\\.|\[(?:\\.|[^\]\\])*\])"
    return re.sub(rf"{escaped_or_class}|\$", lambda found: found[1] or r"\Z", pattern)


def _text(schema: dict[str, Any], name: str) -> st.SearchStrategy[str]:
    if schema.get("format") == "uuid":
        return st.integers(0, 3).map(lambda number: f"id:{name}:{number}")
    if "format" in schema:
        return st.sampled_from(FORMATS[schema["format"]])
    least, most = schema.get("minLength", 0), schema.get("maxLength", 50)
    pattern = python_pattern(schema.get("pattern", ""))
    known = [letter * size for letter in LETTERS for size in {least, least + 1, most}]
    known += [letter * (most - 1) + "x" for letter in LETTERS] + ["x" * (most - 1) + "\u20ac"]
    fitting = [text for text in known if least <= len(text) <= most and re.search(pattern, text)]
    if not fitting:
        letters = st.characters(codec="utf-8", exclude_characters="\0")
        found = st.from_regex(re.compile(pattern, re.ASCII), alphabet=letters)
        return found.filter(lambda text: least <= len(text) <= most)
    mixed = st.text(st.sampled_from(LETTERS), min_size=least, max_size=most)
    allowed = mixed.filter(lambda text: re.search(pattern, text))
    return (
        st.one_of(st.sampled_from(fitting), allowed)
        if "a-z" not in pattern
        else st.sampled_from(fitting)
    )


def _integer(schema: dict[str, Any]) -> st.SearchStrategy[int]:
    least, most = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1)
    refused = schema.get("not", {}).get("const")
    near = {least, least + 1, -1, 0, 1, most - 1, most}
    return st.sampled_from(sorted(n for n in near if least <= n <= most and n != refused))


def _object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {name: valid(each, name) for name, each in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    body = st.fixed_dictionaries(required, optional=fields)
    ways = [set(each["required"]) for each in schema.get("anyOf", [])]
    return body.filter(lambda each: any(way <= each.keys() for way in ways)) if ways else body


# What no field, or not every field, takes. Texts stand as they are written in JSON.
BAD = [
    "null", "true", "0", "-1", "1.5", "1e400", "NaN", "-Infinity", "9" * 30, "-" + "9" * 30,
    "9" * 5000, '""', '" "',
    '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u202e"', '"1"',
    '"' + "9" * 5000 + '"', '"' + "\U0001f600" * 5000 + '"', '"2026-02-30"', '"0000-01-01"',
    '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"2026-06-30T23:59:60Z"',
    '"2026-01-01T24:00:00Z"', '"2026-01-01T00:00:00"', "[]", "[null]", "[[]]", "{}",
    '{"\\ud800": 1}', '{"a\\u0000": 1}', "[" * 200 + "]" * 200,
]  # fmt: skip


def bad_bodies(schema: dict[str, Any]) -> Iterator[str]:
    """Yield JSON texts: a good body with each bad value in each place, and with one field more."""
    good = example(schema)
    yield from BAD
    for place in places(schema):
        for value in BAD:
            text = json.dumps(_put(good, place, "\x7fhere"))
            yield text.replace('"\\u007fhere"', value)
    for name in ("x", "\\ud800", "a\\u0000", "__proto__", "9" * 5000):
        yield f'{{"{name}": 1, {json.dumps(good)[1:]}'
    yield json.dumps(good)[:-1]


def places(schema: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each field and each item of a schema."""
    schema = resolve(schema)
    for each in schema.get("anyOf", []):
        yield from places(each)
    if "items" in schema:
        yield (0,)
        yield from ((0, *rest) for rest in places(schema["items"]))
    for name, each in schema.get("properties", {}).items():
        yield (name,)
        yield from ((name, *rest) for rest in places(each))


def example(schema: dict[str, Any], name: str = "") -> Any:
    """Return a value that a schema allows, from its examples; for an id stands ``id:NAME:1``."""
    schema = resolve(schema)
    if "uuid" in [each.get("format") for each in (schema, *schema.get("anyOf", []))]:
        return f"id:{name}:1"
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {name: example(each, name) for name, each in schema["properties"].items()}
    return [example(schema["items"])] if schema.get("type") == "array" else None


def _put(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a body with a value in one place."""
    if not place:
        return value
    copy: Any = dict(body) if isinstance(body, dict) else list(body or [None])
    first, rest = place[0], place[1:]
    inner = copy[first] if isinstance(copy, list) else copy.get(first)
    if rest and inner is None:
        inner = {} if isinstance(rest[0], str) else []
    copy[first] = _put(inner, rest, value)
    return copy


# In a URL or a header: not UTF-8, NUL, a lone surrogate, a line's end, too long, other digits.
BAD_TEXTS = [
    "", " ", "%00", "a%00b", "%ff", "%ED%A0%80", "a%0Ab", "%F0%9F%98%80" * 200, "9" * 30,
    "9" * 5000, "-1", "1.5", "1e3", "%D9%A1", "null", "true", "%2B1", "0x1", "1_0", "[]", "%5C",
    "%25", "%27%3B--", "0" * 4000 + "1", "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-14:00", "2026-06-30T23:59:60Z", "0000-01-01",
]  # fmt: skip
BAD_HEADERS = [
    b"", b"\x00", b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"*,*", b"W/", b"x" * 7000,
    b"9" * 5000,
    b"Bearer \xff", b"Bearer e30.e30.e30", b"application/json; charset=\xff", b"text/plain",
]  # fmt: skip


class Walk:
    """What exists, and how many requests were sent."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.ids: dict[str, list[str]] = {}
        self.owners: dict[str, dict[str, str]] = {}  # of a new id: the ids in its path
        self.sent = 0

    async def send(self, method: str, url: str, **options: Any) -> Response:
        self.sent += 1
        return await self.client.request(method, f"http://api.test{url}", **options)

    async def write(
        self,
        operation: Operation,
        body: Any,
        place: dict[str, str],
        key: dict[str, str] | None = None,
    ) -> Response:
        if key is None:
            key = {"Idempotency-Key": uuid.uuid4().hex} if uuid.uuid4().int % 2 else {}
        headers = JSON | {"If-Match": "*"} | key
        content = with_ids(json.dumps(body), self.ids) if operation.body else None
        url = operation.url(place)
        response = await self.send(operation.method, url, content=content, headers=headers)
        name = id_parameter(operation)
        if response.status_code == 201 and name:
            created = response.json()["id"]
            self.ids.setdefault(name, []).append(created)
            self.owners[created] = place
        return response

    def place(self, operation: Operation, choose: Any) -> dict[str, str]:
        """Return ids for an operation's path that belong together."""
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        found: dict[str, str] = {}
        for name in reversed(names):
            known = self.ids.get(name, [])
            if name not in found and known:
                found |= {name: choose(known[-4:])}
                found |= self.owners[found[name]]
        return found


async def fill(walk: Walk) -> None:
    """Create one of everything."""
    for operation in WRITES:
        if operation.method == "post" and operation.body:
            place = walk.place(operation, lambda known: known[-1])
            await walk.write(operation, example(operation.body), place)
