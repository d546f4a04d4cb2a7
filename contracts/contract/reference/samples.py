"""A request of an operation in curl, Python and JavaScript, made from the examples of the document."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pprint import pformat
from shlex import quote as quoted
from textwrap import indent
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from contract.openapi.direction import Direction
from contract.openapi.document import Document, Operation
from contract.openapi.media_types import is_form
from contract.openapi.parameters import parameters_of, schema_of, text_of
from contract.openapi.security import requirements_of
from contract.schema.examples import Examples

PLACEHOLDER = "https://api.example"


@dataclass
class Sample:
    """A request, with the values that its text shows."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = ""
    body: Any = None

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return "json" in self.media_type

    def curl(self) -> str:
        """As a shell command."""
        parts = [f"curl -X {self.method} {quoted(self.url)}"]
        parts += [f"-H {quoted(f'{name}: {value}')}" for name, value in self.headers.items()]
        if self.is_json:
            parts += ["-H 'Content-Type: application/json'", f"-d {quoted(_json(self.body))}"]
        elif is_form(self.media_type):
            option = "--data-urlencode" if "urlencoded" in self.media_type else "-F"
            parts += [f"{option} {quoted(f'{name}={value}')}" for name, value in self._fields().items()]
        elif self.media_type:
            parts += [f"-H {quoted(f'Content-Type: {self.media_type}')}", "--data-binary @FILE"]
        return " \\\n  ".join(parts)

    def python(self) -> str:
        """With requests."""
        lines = [json.dumps(self.url)]
        headers = dict(self.headers)
        if self.media_type and not self.is_json and not is_form(self.media_type):
            headers["Content-Type"] = self.media_type
        if headers:
            lines.append(f"headers={pformat(headers, width=70, sort_dicts=False)}")
        if self.is_json:
            lines.append(f"json={pformat(self.body, width=70, sort_dicts=False)}")
        elif is_form(self.media_type):
            lines.append(f"data={pformat(self._fields(), width=70, sort_dicts=False)}")
        elif self.media_type:
            lines.append('data=open("FILE", "rb")')
        arguments = indent(",\n".join(lines), "    ")
        call = f"answer = requests.request(\n    {self.method!r},\n{arguments},\n)"
        return f"import requests\n\n{call}\nprint(answer.json())"

    def javascript(self) -> str:
        """With fetch, as browsers and Node.js have it."""
        headers = dict(self.headers)
        lines = [f"method: {json.dumps(self.method)}"]
        if self.media_type and not is_form(self.media_type):
            headers["Content-Type"] = "application/json" if self.is_json else self.media_type
        if headers:
            lines.append(f"headers: {_json(headers)}")
        if self.is_json:
            lines.append(f"body: JSON.stringify({_json(self.body)})")
        elif is_form(self.media_type):
            kind = "URLSearchParams" if "urlencoded" in self.media_type else "FormData"
            value = _json(self._fields()) if kind == "URLSearchParams" else "document.querySelector('form')"
            lines.append(f"body: new {kind}({value})")
        elif self.media_type:
            lines.append("body: file")
        options = indent(",\n".join(lines), "  ")
        call = f"const answer = await fetch({json.dumps(self.url)}, {{\n{options},\n}});"
        return f"{call}\nconsole.log(await answer.json());"

    def _fields(self) -> dict[str, str]:
        body = self.body if isinstance(self.body, dict) else {}
        return {name: json.dumps(one) if isinstance(one, dict | list) else text_of(one) for name, one in body.items()}


class Samples:
    """Makes samples for the operations of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.examples = Examples(document, Direction.REQUEST)
        servers = document.data.get("servers") or [{}]
        self.base = _base(servers[0])

    def make(self, operation: Operation) -> Sample:
        """A request with the credentials, the required parameters and a body."""
        sample = Sample(operation.method.upper(), operation.path)
        query: dict[str, str] = {}
        self._credentials(operation, sample, query)
        for parameter in parameters_of(self.document, operation).values():
            name, location = str(parameter.get("name")), parameter.get("in")
            if location == "path":
                sample.url = sample.url.replace(f"{{{name}}}", quote(self._value(parameter), safe=""))
            elif parameter.get("required") is True and location == "query":
                query[name] = self._value(parameter)
            elif parameter.get("required") is True and location == "header":
                sample.headers[name] = self._value(parameter)
        sample.url = self.base + sample.url + (f"?{urlencode(query)}" if query else "")
        self._body(operation, sample)
        return sample

    def _credentials(self, operation: Operation, sample: Sample, query: dict[str, str]) -> None:
        for scheme in requirements_of(self.document, operation)[0]:
            told = json.loads(scheme) if scheme.startswith("{") else {}
            if told.get("type") == "apiKey" and told.get("in") == "query":
                query[told["name"]] = "KEY"
            elif told.get("type") == "apiKey" and told.get("in") == "header":
                sample.headers[told["name"]] = "KEY"
            elif told.get("scheme") == "basic":
                sample.headers["Authorization"] = "Basic CREDENTIALS"
            elif told.get("type") in ("http", "oauth2", "openIdConnect"):
                sample.headers["Authorization"] = "Bearer TOKEN"

    def _value(self, parameter: dict[str, Any]) -> str:
        named = [self.document.resolve(raw).get("value") for raw in (parameter.get("examples") or {}).values()]
        shown = [parameter["example"]] if "example" in parameter else named
        value = shown[0] if shown else self.examples.make(schema_of(parameter)[0])
        if isinstance(value, list):
            return ",".join(map(text_of, value))
        return json.dumps(value) if isinstance(value, dict) else text_of(value)

    def _body(self, operation: Operation, sample: Sample) -> None:
        content = (self.document.resolve(operation.data.get("requestBody")) or {}).get("content") or {}
        if not content:
            return
        sample.media_type = next((one for one in content if "json" in one), next(iter(content)))
        sample.body = self.example(content[sample.media_type] or {})

    def example(self, entry: dict[str, Any]) -> Any:
        """The example of a body: the document's own, else one made for its schema."""
        if "example" in entry:
            return entry["example"]
        for raw in (entry.get("examples") or {}).values():
            example = self.document.resolve(raw)
            if "value" in example:
                return example["value"]
        return self.examples.make(entry.get("schema", True))


def _base(server: dict[str, Any]) -> str:
    url = str(server.get("url") or "/").rstrip("/")
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", name)))
    return url if urlsplit(url).scheme else PLACEHOLDER + url


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
