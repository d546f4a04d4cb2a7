"""Answers as the document declares them: the response of a status, its example, and errors in its own schema."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contract.mock.problems import MEDIA_TYPE, Problem
from contract.mock.routes import declared, is_json
from contract.openapi.document import Document, Operation
from contract.openapi.media_types import covers
from contract.openapi.parameters import schema_of, text_of
from contract.schema.examples import Examples

# What a refusal becomes where the document does not declare its status, the nearest first.
NEAREST = {
    401: (403,), 404: (410,), 405: (404,), 406: (400,), 412: (409, 400), 415: (400, 422), 422: (400,), 428: (400, 422),
}  # fmt: skip
# What error schemas of others call the parts of a problem (RFC 9457).
OTHERS = {
    "message": "detail",
    "error": "title",
    "error_description": "detail",
    "code": "status",
    "statusCode": "status",
}

_VALUES = {"value": 0, "dataValue": 0, "serializedValue": 0}.keys()


@dataclass
class Answer:
    """A status, a body (None: no body), headers, and the media type of the body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if not is_json(self.media_type) and isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace")


class Answers:
    """Makes answers from what an operation declares."""

    def __init__(self, document: Document, examples: Examples) -> None:
        self.document = document
        self.examples = examples

    def declared(self, operation: Operation, status: int, name: str = "", accept: str = "") -> Answer:
        """The answer of a status, by the example of this name; raises Problem for a name that there is not."""
        response = declared(self.document, operation, status) or {}
        content = response.get("content") or {}
        media_type = _acceptable(content, accept)
        entry = content.get(media_type) or {}
        if name:
            named = self._named(content)
            if name not in named:
                raise Problem(400, _unknown(name, named))
            media_type, body = named[name]
        else:
            body = self._example(entry) if content else None
        headers = self._headers(response)
        return Answer(status, None if status in (204, 304) else body, headers, media_type or "application/json")

    def problem(self, operation: Operation | None, problem: Problem, path: str) -> Answer:
        """A refusal, as the document declares it for the operation; else as a problem (RFC 9457)."""
        headers = problem.headers()
        for status in (problem.status, *NEAREST.get(problem.status, ())):
            response = declared(self.document, operation, status) if operation else None
            content = (response or {}).get("content") or {}
            if response is not None:
                media_type = next((one for one in content if is_json(one)), "")
                told = problem.body(path) | {"status": status}
                body = self._told(content[media_type], told) if media_type else None
                return Answer(status, body, self._headers(response) | headers, media_type)
        return Answer(problem.status, problem.body(path), headers, MEDIA_TYPE)

    def _told(self, entry: dict[str, Any], problem: dict[str, Any]) -> Any:
        """The error that a schema describes, with our words wherever it has a place for them."""
        schema = entry.get("schema", True)
        if self.examples.judge.allows((schema,), problem):
            return problem
        told = {**{name: problem[ours] for name, ours in OTHERS.items()}, **problem}
        if self.examples.fields(schema):
            example = self._example(entry)
            body = self.examples.fit(schema, (example if isinstance(example, dict) else {}) | told)
            if self.examples.judge.allows((schema,), body):
                return body
        return self._example(entry)

    def _named(self, content: dict[str, Any]) -> dict[str, tuple[str, Any]]:
        """The named examples of a response, each with its media type."""
        found: dict[str, tuple[str, Any]] = {}
        for media_type, entry in content.items():
            for name, raw in (entry.get("examples") or {}).items():
                example = self.document.resolve(raw)
                found.setdefault(name, (media_type, _value(example)))
        return found

    def _example(self, entry: dict[str, Any]) -> Any:
        """The first example that the schema allows, else a value made for it, else the first example."""
        resolved = [self.document.resolve(raw) for raw in (entry.get("examples") or {}).values()]
        shown = [_value(one) for one in resolved if one.keys() & _VALUES]
        found = [entry["example"], *shown] if "example" in entry else shown
        schema = entry.get("schema")
        if schema is None:
            return found[0] if found else None
        allowed = [one for one in found if self.examples.judge.allows((schema,), one)]
        if allowed:
            return allowed[0]
        made = self.examples.make(schema)
        return found[0] if made is None and found else made

    def _headers(self, response: dict[str, Any]) -> dict[str, str]:
        """The headers that the document promises."""
        found = {}
        for name, raw in (response.get("headers") or {}).items():
            header = self.document.resolve(raw)
            if header.get("required") is True and name.lower() not in ("content-type", "content-length"):
                value = header["example"] if "example" in header else self.examples.make(schema_of(header)[0])
                found[name] = value if isinstance(value, str) else json.dumps(value) if value else text_of(value)
        return {name: value for name, value in found.items() if value.isprintable() and value.isascii()}


def _value(example: dict[str, Any]) -> Any:
    return next((example[key] for key in _VALUES if key in example), None)


def _unknown(name: str, named: dict[str, Any]) -> str:
    return f"There is no example {name} here; there {_listed(list(named))}."


def _listed(names: list[str]) -> str:
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names)}" if names else "is none"


def _acceptable(content: dict[str, Any], accept: str) -> str:
    """The media type to send: the one that is asked for, else JSON, else the first."""
    for wanted in (part.split(";")[0].strip() for part in accept.split(",")):
        if wanted and wanted != "*/*":
            found = next((one for one in content if covers(wanted, one)), None)
            if found:
                return found
    return next((one for one in content if is_json(one)), next(iter(content), ""))
