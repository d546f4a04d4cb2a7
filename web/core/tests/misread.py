"""Answers with one wrong value each, and what a page must make of them.

A value that the page reads fails it, by name; one that it does not read harms nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from contract.document import Json, is_json, pinned
from contract.formats import PARSERS
from core.contract_forms import nullable
from tests.recording import Recorder
from tests.sampling import sample

OBJECT = {"wrong": ["type"]}
HARMLESS = ("extra", "unknown value")


@dataclass(frozen=True)
class Wrong:
    """One wrong value in the answer of an operation."""

    operation: str
    kind: str
    path: str
    body: Any
    is_promised: bool = False  # whether the reader may still take it

    def __str__(self) -> str:
        return f"{self.operation}: {self.path} {self.kind}"


def wrongs(operation: str, status: int, body: Any) -> list[Wrong]:
    """Return every wrong answer that differs from a right one in one value."""
    answer = pinned().operations[operation].spec["responses"][str(status)]
    media = next(each for name, each in answer["content"].items() if is_json(name))
    return [
        Wrong(operation, *rest) for rest in changed(media["schema"], body, "", lambda value: value)
    ]


Made = tuple[str, str, Any, bool]
Whole = Callable[[Any], Any]  # puts a value where it belongs in the body


def changed(prop: Mapping[str, Any], value: Any, path: str, whole: Whole) -> Iterator[Made]:
    """Yield kind, path, the whole body and whether it is promised, for a value and all within."""
    schema, is_null = nullable(prop)
    yield from of_itself(schema, value, path, whole, is_null)
    if isinstance(value, dict) and "properties" in schema:
        yield from of_object(schema, value, path, whole)
    if isinstance(value, list) and value:

        def item(each: Any) -> Any:
            return whole([*value[:-1], each])

        yield from changed(schema.get("items", {}), value[-1], f"{path}[{len(value) - 1}]", item)


def of_itself(
    schema: Mapping[str, Any], value: Any, path: str, whole: Whole, is_null: bool
) -> Iterator[Made]:
    """Yield the changes of a value as one; what may be of any type cannot be of another."""
    options = [option.get("type") for option in schema.get("anyOf", ())]
    kinds = set(options) or set(schema.get("type", "").split())
    is_object = kinds == {"object"}
    has_shapes = len([kind for kind in options if kind in (None, "object", "array")]) > 1
    if has_shapes:
        return  # the reader takes it as it is
    if is_object or (kinds and not kinds & {None, "object"}):
        yield "other type", path, whole("wrong" if is_object else OBJECT), False
        yield "null", path, whole(None), is_null
    if schema.get("format") in PARSERS and value is not None:
        yield "other format", path, whole("no format"), True
    if "enum" in schema and "string" in kinds:
        yield "unknown value", path, whole("brand_new"), True


def of_object(schema: Mapping[str, Any], value: Json, path: str, whole: Whole) -> Iterator[Made]:
    """Yield the changes of each field of an object, and one field more."""
    yield "extra", f"{path}.extra".lstrip("."), whole({**value, "extra": OBJECT}), True
    for name in sorted(value.keys() & schema["properties"].keys()):
        below = f"{path}.{name}".lstrip(".")
        without = {key: each for key, each in value.items() if key != name}
        yield "missing", below, whole(without), name not in schema.get("required", ())

        def inner(each: Any, name: str = name) -> Any:
            return whole({**value, name: each})

        yield from changed(schema["properties"][name], value[name], below, inner)


class Pages:
    """Pages of a site, each with what the API answers to it."""

    def __init__(self, client: Any, api: Any, caplog: pytest.LogCaptureFixture) -> None:
        self.client, self.api, self.caplog = client, api, caplog

    def check(
        self,
        config: pytest.Config,
        request: Callable[[], Any],
        answers: dict[str, tuple[int, Any]],
        about: str,
    ) -> int:
        """Request a page with each wrong answer of one operation; return how many there were.

        ``answers`` come besides, or instead of, what is planned already.
        """
        for operation, (status, body) in answers.items():
            self.api.planned[operation].clear()
            self.api.plan(operation, status, body)
        planned = deepcopy(dict(self.api.planned))
        recorder = Recorder()
        with recorder.listening():
            usual = request().status_code
        (status, body, _) = planned[about][0]
        read = recorder.refusals if status >= 400 else recorder.reads[about][str(status)]
        tried = sample(config, wrongs(about, status, body), lambda wrong: wrong.kind, each=2)
        for wrong in tried:
            self.api.planned.update(deepcopy(planned))
            self.api.planned[about] = [(status, wrong.body, 0)]
            response = self.expect(wrong, read, request, usual)
            is_write = pinned().operations[about].method != "GET"
            if is_write and status < 300 and response.status_code == 502:
                assert "was saved" in response.text, wrong
        return len(tried)

    def expect(self, wrong: Wrong, read: set[str], request: Callable[[], Any], usual: int) -> Any:
        """Request the page, and compare it with what is promised."""
        self.caplog.clear()
        sent = len(self.api.requests)
        response = request()
        writes = [r for r in self.api.requests[sent:] if r.method != "GET"]
        assert len(writes) <= 1, f"{wrong}: sent twice"
        if response.status_code == usual and (wrong.is_promised or not is_read(wrong, read)):
            return response
        assert response.status_code == 502, f"{wrong}: {response.status_code}, read {read}"
        assert is_read(wrong, read), f"{wrong} is not read"
        assert wrong.kind not in HARMLESS, wrong
        named = f"{wrong.operation}: {wrong.path}".rstrip()
        logged = " ".join(record.getMessage() for record in self.caplog.records)
        assert named in logged, f"{wrong} is not named in the log: {logged}"
        assert named in response.text, f"{wrong} is not named on the page"
        return response


def is_read(wrong: Wrong, read: set[str]) -> bool:
    """Tell whether a page reads the value; an item is read with its list."""
    path = re.sub(r"\[\d+\]", "[]", wrong.path)
    return not path or path.removesuffix("[]") in read
