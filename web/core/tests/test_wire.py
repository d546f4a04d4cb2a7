"""What a generated client sends arrives as it was meant, and what is answered is read as it is.

Documents are made by seed (contract/tests/ordinary.py). What arrives is read here by the rules of
OpenAPI and by the standard library, not by the code that wrote it.
"""

import json
import sys
from inspect import signature
from types import ModuleType
from typing import Any, get_args
from urllib.parse import parse_qsl, unquote

import msgspec
import pytest

from contract.document import Document
from contract.generate import generate
from contract.multipart import File
from contract.tests.ordinary import Case, Ordinary, Parameter
from core.api import Api
from core.tests.server import Tokens, reply

LONG, SHORT = 1500, 20  # documents
FIELD_HEAD = 'Content-Disposition: form-data; name="'
FILE_HEAD = '; filename="a %22b%22.png"\r\nContent-Type: application/octet-stream'
DELIMITERS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C", "simple": ","}


@pytest.fixture
def client(monkeypatch):
    """Return what makes a client of a document: its modules."""

    def make(document):
        files = generate(document)
        package = ModuleType("generated")
        monkeypatch.setitem(sys.modules, "generated", package)
        for name in ("models", "operations"):
            module = ModuleType(f"generated.{name}")
            monkeypatch.setitem(sys.modules, module.__name__, module)
            text = files[f"{name}.py"].replace("from client import", "from generated import")
            exec(compile(text, module.__name__, "exec"), vars(module))
            setattr(package, name, module)
        return package

    return make


def arguments(function, case: Case) -> dict[tuple[str, str], str]:
    """Return the argument of each parameter, found by where a sign comes out."""
    names = [name for name in signature(function).parameters if name != "body"]
    signs = {f"sign{number}": name for number, name in enumerate(names)}
    call = function(**{name: sign for sign, name in signs.items()}, **bodiless(function))
    found = {("query", key): signs[sign] for key, sign in call.query.items()}
    found |= {("header", key.lower()): signs[sign] for key, sign in call.headers.items()}
    found |= {("cookie", key): signs[sign] for key, sign in call.cookies.items()}
    in_path = [signs[part] for part in call.path.split("/") if part in signs]
    wanted = [p.name for p in case.parameters if p.place == "path"]
    return found | {("path", key): name for key, name in zip(wanted, in_path, strict=True)}


def bodiless(function):
    return {"body": None} if "body" in signature(function).parameters else {}


def python_body(function, case: Case):
    """Return the body as the function takes it."""
    kind = function.__annotations__["body"]
    if case.media != "multipart/form-data":
        return msgspec.convert(case.body, kind)
    files = {name: File(content, 'a "b".png') for name, content in case.files.items()}
    fields = case.body | files
    structs = [each for each in (kind, *get_args(kind)) if isinstance(each, type(msgspec.Struct))]
    if not structs:
        return fields
    kind = structs[0]
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    return kind(
        **{
            known[name].name: value if name in files else msgspec.convert(value, known[name].type)
            for name, value in fields.items()
        }
    )


def texts(value):
    """Return a value, or each of a list, or the members of an object, as text."""
    if isinstance(value, list):
        return [texts(each) for each in value]
    if isinstance(value, dict):
        return {name: texts(each) for name, each in value.items()}
    return value if isinstance(value, str) else json.dumps(value)


def same(arrived, sent):
    """Tell whether texts are those of a value; a number may be written in several ways."""
    if isinstance(arrived, list | dict):
        pairs = zip(
            arrived.items() if isinstance(arrived, dict) else enumerate(arrived),
            sent.items() if isinstance(sent, dict) else enumerate(sent),
            strict=True,
        )
        return all(a == b and same(x, y) for (a, x), (b, y) in pairs)
    if isinstance(sent, int | float) and not isinstance(sent, bool):
        return float(arrived) == sent
    return arrived == texts(sent)


def arrived_in_query(raw: str, parameter: Parameter):
    """Return a parameter as a server reads it that knows its style."""
    pairs = [pair.split("=", 1) for pair in raw.split("&")]
    value, style = parameter.value, parameter.style
    named = [text for name, text in pairs if unquote(name) == parameter.name]
    if style == "application/json":
        return json.loads(unquote(named[0]))
    if isinstance(value, dict) and style in ("form*", "deepObject"):
        wanted = {
            f"{parameter.name}[{key}]" if style == "deepObject" else key: key for key in value
        }
        return {wanted[unquote(n)]: unquote(text) for n, text in pairs if unquote(n) in wanted}
    if isinstance(value, list | dict) and style != "form*":
        (text,) = named
        parts = [unquote(part) for part in text.split(DELIMITERS[style])]
        return parts if isinstance(value, list) else dict(zip(parts[::2], parts[1::2], strict=True))
    return [unquote(text) for text in named] if isinstance(value, list) else unquote(*named)


def arrived_in_path(text: str, parameter: Parameter):
    """Return a segment of the path as a server reads it."""
    parts = [unquote(part) for part in text.split(",")]
    return parts if isinstance(parameter.value, list) else parts[0]


def arrived_parameter(parameter: Parameter, target: str, headers):
    """Return a parameter of the query, a header or a cookie as it arrived."""
    if parameter.place == "query":
        return arrived_in_query(target.partition("?")[2], parameter)
    lower = {name.lower(): value for name, value in headers.items()}
    if parameter.place == "cookie":
        return dict(pair.split("=", 1) for pair in lower["cookie"].split("; "))[parameter.name]
    text = lower[parameter.name.lower()]
    return text.split(",") if isinstance(parameter.value, list) else text


def arrived_form(case: Case, content_type: str, content: bytes):
    """Return the fields of a form as they arrived, each a list, and its files."""
    fields: dict[str, list[Any]] = {}
    files: dict[str, bytes] = {}
    if case.media != "multipart/form-data":
        for name, text in parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=True):
            fields.setdefault(name, []).append(text)
        return fields, files
    boundary = b"\r\n--" + content_type.partition("boundary=")[2].encode()
    first, *parts, last = (b"\r\n" + content).split(boundary)
    assert (first, last) == (b"", b"--\r\n")
    for part in parts:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name, _, rest = head.decode().removeprefix(FIELD_HEAD).partition('"')
        name = name.replace("%0A", "\n").replace("%22", '"')
        if rest == FILE_HEAD:
            files[name] = value
        elif rest == "\r\nContent-Type: application/json":
            fields.setdefault(name, []).append(json.loads(value))
        else:
            assert rest == ""
            fields.setdefault(name, []).append(value.decode())
    return fields, files


def check_body(case: Case, headers, content: bytes) -> None:
    """Compare a body with what was meant."""
    kind = headers.get("Content-Type", "")
    assert kind.split(";")[0] == case.media
    if case.media.endswith("json"):
        assert json.loads(content) == case.body
    elif "form" in case.media:
        fields, files = arrived_form(case, kind, content)
        assert files == case.files
        assert fields.keys() == case.body.keys()
        for name, value in case.body.items():
            listed = value if isinstance(value, list) else [value]
            if name == "details":
                assert fields[name] == [value]
            else:
                assert same(fields[name], listed), (name, fields[name], listed)
    else:
        assert content == (case.body if isinstance(case.body, bytes) else case.body.encode())


def includes(read, answered) -> bool:
    """Tell whether what was read is what was answered; a default may have come to it."""
    if isinstance(answered, dict):
        return isinstance(read, dict) and all(
            name in read and includes(read[name], value) for name, value in answered.items()
        )
    if isinstance(answered, list):
        return len(read) == len(answered) and all(map(includes, read, answered))
    return read == answered and isinstance(read, bool) == isinstance(answered, bool)


def plan(case: Case):
    """Return the server's answer."""
    content = case.answer
    if not isinstance(content, bytes):
        is_json = case.answer_media.endswith("json")
        content = (json.dumps(content) if is_json else content or "").encode()
    headers = {"Content_Type": f"{case.answer_media}; charset=utf-8"} if case.answer_media else {}
    return reply(case.status, content, **headers)


def send(function, case: Case, api):
    """Call the function with the case's values, and send; return what was read."""
    named, values = arguments(function, case), {}
    for parameter in case.parameters:
        is_header = parameter.place == "header"
        name = parameter.name.lower() if is_header else parameter.name
        values[named[parameter.place, name]] = parameter.value
    if case.media:
        values["body"] = python_body(function, case)
    return api.send(function(**values))


def check_request(case: Case, request) -> None:
    """Compare what arrived with what was meant."""
    method, target, headers, content = request
    assert method == case.method
    segments = target.partition("?")[0].split("/")
    in_path = [p for p in case.parameters if p.place == "path"]
    for parameter in case.parameters:
        if parameter.place == "path":
            arrived = arrived_in_path(segments[in_path.index(parameter) - len(in_path)], parameter)
        else:
            arrived = arrived_parameter(parameter, target, headers)
        if parameter.style == "application/json":
            assert arrived == parameter.value
        else:
            assert same(arrived, parameter.value), (parameter, arrived)
    if case.media:
        check_body(case, headers, content)
    else:
        assert not content


def check_answer(case: Case, read) -> None:
    """Compare what was read with what was answered."""
    if case.answer is None and not case.answer_media:
        assert not read
    elif isinstance(case.answer, bytes):
        assert read == case.answer
    else:
        assert includes(msgspec.to_builtins(read), case.answer), read


def test_ordinary_documents_go_over_the_wire(
    client, server, subtests, record_property, pytestconfig
):
    kinds: set[str] = set()
    sent = 0
    for seed in range(LONG if pytestconfig.getoption("long") else SHORT):
        ordinary = Ordinary(seed)
        document = Document(ordinary.raw)
        operations = client(document).operations
        functions = {o.path.split("/")[1]: name for name, o in document.operations.items()}
        for case in ordinary.cases:
            with subtests.test(seed=seed, path=case.path):
                server.scripts[:] = [plan(case)]
                read = send(getattr(operations, functions[case.path[1:]]), case, Api(Tokens()))
                check_request(case, server.seen.pop())
                check_answer(case, read)
                kinds.update(case.kinds)
                sent += 1
    record_property("operations of ordinary documents, sent and answered over HTTP", sent)
    record_property("kinds of parameters, bodies and answers among them", len(kinds))
