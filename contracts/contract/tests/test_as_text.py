"""Values that travel as text: no witness that no URL and no form can carry, and none that the server could take."""

import json
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from contract.compare import compare
from contract.findings.finding import Verdict
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.openapi.parameters import readings, text_of
from contract.tests.building import I, S, obj, second
from contract.tests.pairs import FORM, MANY, asks, param, takes
from contract.tests.test_leaves import PATH

NULL, LISTED = {"type": "null"}, {"type": ["string", "null"], "enum": ["a", None]}
OR_NULL = {"anyOf": [S, NULL]}
HARMLESS = {
    "text or null": (OR_NULL, S),
    "text or null, by type": ({"type": ["string", "null"]}, S),
    "number or null": ({"anyOf": [I, NULL]}, I),
    "number": (I, S),
    "truth value": ({"type": "boolean"}, S),
    "listed or null": (LISTED, {"enum": ["a"]}),
    "items or null": ({"type": "array", "items": OR_NULL}, {"type": "array", "items": S}),
    "list or null": ({"anyOf": [{"type": "array", "items": S}, NULL]}, {"type": "array", "items": S}),
    "nothing but null": (NULL, S),
}
BREAKING = {
    "a text": (OR_NULL, {**S, "minLength": 2}),
    "a text that is a number": (S, I),
    "a text of a list": (LISTED, {"enum": ["b"]}),
    "a number": (I, {**I, "maximum": 3}),
    "a text of a pattern": (S, {**S, "pattern": "^[b-z]+$"}),
    "a list": ({"type": "array", "items": OR_NULL}, {"type": "array", "items": S, "maxItems": 2}),
    "items": ({"type": "array", "items": S}, {"type": "array", "items": {**S, "maxLength": 1}}),
}
CARRIERS = ("query", "path", "header", "cookie", FORM, MANY)


def carried(carrier, schema):
    if "/" in carrier:
        return asks(obj(q=schema), carrier)
    return takes(param(schema, carrier), path="/t/{q}" if carrier == "path" else "/t")


def stops(carrier, old, new):
    found = compare(Document(carried(carrier, old), PATH), Document(carried(carrier, new), PATH))
    return [one for one in found if one.stops]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_no_text_can_say_is_no_difference(carrier, tell):
    told = {kind: [one.text for one in found] for kind, pair in HARMLESS.items() if (found := stops(carrier, *pair))}
    tell(f"as text: {carrier}, {len(HARMLESS)} kinds of null and numbers, {len(told)} called breaking")
    assert told == {}


@pytest.mark.parametrize("carrier", [FORM, MANY])
def test_what_travels_as_json_within_a_form_can_be_null(carrier):
    assert [one.witness.value for one in stops(carrier, obj(a=OR_NULL), obj(a=S))] == [{"q": {"a": None}}]


class Echo(BaseHTTPRequestHandler):
    """Answers what arrived, as the texts by their names."""

    def _texts(self, raw):
        made = json.dumps(parse_qs(raw, keep_blank_values=True)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(made)))
        self.end_headers()
        self.wfile.write(made)

    def do_GET(self):
        self._texts(urlsplit(self.path).query)

    def do_POST(self):
        self._texts(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def client():
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    connection = HTTPConnection(*server.server_address)
    yield connection
    connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def sent(client, carrier, value):
    """What a server receives of a value, by a real client: its texts, in their order."""
    pairs = urlencode([("q", text_of(one)) for one in (value if isinstance(value, list) else [value])], quote_via=quote)
    if carrier == "query":
        client.request("GET", f"/t?{pairs}")
    else:
        client.request("POST", "/t", pairs, {"Content-Type": FORM})
    return json.loads(client.getresponse().read()).get("q", [])


def has_null(value):
    return value is None or (isinstance(value, list) and any(map(has_null, value)))


@pytest.mark.parametrize("carrier", ["query", FORM])
def test_every_witness_can_be_sent_and_is_refused_when_it_arrives(carrier, client, tell):
    counts = Counter()
    for kind, (old, new) in BREAKING.items():
        for finding in stops(carrier, old, new):
            counts[str(finding.verdict)] += 1
            assert finding.verdict is Verdict.WIRE, kind
            value = finding.witness.value if carrier == "query" else finding.witness.value["q"]
            assert not has_null(value), (kind, value)
            texts = sent(client, carrier, value)
            reader = second(Document(carried(carrier, new), PATH), Direction.REQUEST, True, new)
            received = texts if isinstance(value, list) else texts[0]
            assert [one for one in readings(received) if reader.is_valid(one)] == [], (kind, value, texts)
    tell(f"as text: {carrier}, {counts.total()} witnesses sent, none taken")
    assert counts.total() >= len(BREAKING)
