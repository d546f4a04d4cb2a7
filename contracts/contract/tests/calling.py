"""Calls every operation of a document at its mock, and says what is answered that is not declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import quote, urlencode

from contract.mock.api import Api
from contract.mock.requests import Request
from contract.mock.routes import declared, expand, is_json
from contract.mock.server import Mock
from contract.openapi.direction import Direction
from contract.openapi.document import Document, Operation
from contract.openapi.media_types import bare, is_form
from contract.openapi.parameters import parameters_of, schema_of, text_of
from contract.schema.examples import Examples

BOUNDARY = "a-boundary"
Values = dict[str, str]


class Caller:
    """Makes requests that a document allows, from its examples, and sends them to its mock."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mock = Mock(Api(document))
        self.examples = Examples(document, Direction.REQUEST)

    def request(self, operation: Operation) -> Request:
        """A request of an operation, with its required parameters, a body, and any credentials."""
        headers, query, values = Message(), Values(), Values()
        headers["Authorization"] = "Bearer any"
        for raw in ((self.document.data.get("components") or {}).get("securitySchemes") or {}).values():
            scheme = self.document.resolve(raw)
            if scheme.get("type") == "apiKey":
                self._place(scheme.get("in"), scheme["name"], "any", (headers, query, values))
        for parameter in parameters_of(self.document, operation).values():
            if parameter.get("required") is True or parameter.get("in") == "path":
                value = self._value(parameter)
                self._place(parameter.get("in"), str(parameter["name"]), value, (headers, query, values))
        path = expand(
            operation.path.split("?")[0].split("#")[0], {name: quote(value, safe="") for name, value in values.items()}
        )
        body = self._body(operation, headers)
        return Request(operation.method.upper(), path, urlencode(query), headers, body)

    def _value(self, parameter: dict[str, Any]) -> str:
        schema, media_type = schema_of(parameter)
        value = parameter["example"] if "example" in parameter else self.examples.make(schema)
        if media_type:
            return json.dumps(value)
        if isinstance(value, list):
            items = self.document.resolve(schema).get("items", True)
            return text_of(value[0] if value else self.examples.make(items)) or "a"
        return (json.dumps(value) if isinstance(value, dict) else text_of(value)) or "a"

    def _place(self, location: str | None, name: str, value: str, places: tuple[Message, Values, Values]) -> None:
        headers, query, values = places
        if location == "header":
            headers[name] = value if value.isascii() and value.isprintable() else "a"
        elif location == "cookie":
            headers["Cookie"] = f"{name}={quote(value)}"
        else:
            (query if location == "query" else values)[name] = value

    def _body(self, operation: Operation, headers: Message) -> bytes:
        content = (self.document.resolve(operation.data.get("requestBody")) or {}).get("content") or {}
        if not content:
            return b""
        media_type = next((one for one in content if is_json(one)), next(iter(content)))
        schema = (content[media_type] or {}).get("schema", True)
        value = self.examples.make(schema)
        headers["Content-Type"] = media_type
        if is_json(media_type):
            return json.dumps(value).encode()
        if is_form(media_type) and isinstance(value, dict):
            return self._form(media_type, value, headers)
        return str(value).encode("utf-8", "replace") or b"a"

    def _form(self, media_type: str, value: dict[str, Any], headers: Message) -> bytes:
        texts = [(name, one) for name, each in value.items() for one in (each if isinstance(each, list) else [each])]
        fields = [(name, json.dumps(one) if isinstance(one, dict | list) else text_of(one)) for name, one in texts]
        if bare(media_type) != "multipart/form-data":
            return urlencode(fields).encode()
        headers.replace_header("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields
        ]
        return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()

    def wrong(self, operation: Operation) -> Iterator[str]:
        """Call an operation, and tell what its document does not declare of the answer."""
        answer = self.mock.answer(self.request(operation))
        response = declared(self.document, operation, answer.status)
        name = f"{operation.name} {answer.status}"
        if response is None:
            yield f"{name} is not declared: {str(answer.body)[:300]}"
            return
        if (
            answer.status >= 400
            and answer.status != 404
            and any(str(one).startswith("2") for one in operation.data["responses"])
        ):
            yield f"{name} refuses what the document allows: {str(answer.body)[:300]}"
        content = response.get("content") or {}
        if content and answer.body is not None and answer.media_type not in content:
            yield f"{name} has another media type: {answer.media_type}"
        schema = (content.get(answer.media_type) or {}).get("schema") if is_json(answer.media_type) else None
        if (
            schema is not None
            and answer.body is not None
            and not self.mock.api.examples.judge.allows((schema,), answer.body)
        ):
            yield f"{name} has a body that is not declared: {str(answer.body)[:200]}"
