"""One operation of the reference: who may call it, what it takes, what it answers."""

from __future__ import annotations

import json
from html import escape
from http.client import responses as phrases
from typing import Any

from contract.openapi.document import Document, Operation
from contract.openapi.parameters import parameters_of
from contract.reference.html import anchor, blocks, code, inline, tag
from contract.reference.schemas import Schemas
from contract.schema.examples import Examples


class Operations:
    """Writes operations as sections."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.schemas = Schemas(document)
        self._examples = Examples(document)
        self._known = {one.data.get("operationId") for one in document.operations()}

    def name(self, operation: Operation) -> str:
        """What an operation is called in addresses and lists."""
        return str(operation.data.get("operationId") or operation.name)

    def section(self, operation: Operation) -> str:
        """The whole of an operation."""
        data = operation.data
        method = tag("span", operation.method.upper(), class_=f"method {operation.method}")
        old = tag("span", "deprecated", class_="mark old") if data.get("deprecated") else ""
        title = tag("h3", inline(str(data.get("summary") or self.name(operation))) + old)
        line = tag("p", method + code(operation.path), class_="line")
        parts = [title, line, blocks(str(data.get("description") or "")), self._security(operation)]
        parts += [self._parameters(operation), self._body(operation), self._responses(operation)]
        return tag("article", "".join(parts), id=anchor(self.name(operation)))

    def _security(self, operation: Operation) -> str:
        ways = operation.data.get("security", self.document.data.get("security")) or []
        if not ways:
            return tag("p", "Open to anyone.", class_="quiet")
        told = [" and ".join(_way(name, scopes) for name, scopes in way.items()) or "nothing" for way in ways]
        return tag("p", f"Needs {' or '.join(told)}.", class_="quiet")

    def _parameters(self, operation: Operation) -> str:
        rows = []
        for (location, _), parameter in parameters_of(self.document, operation).items():
            text = f"{parameter.get('description', '')} *{location}*".replace(f"*{location}*", f"({location})")
            required = parameter.get("required") is True
            rows.append(self.schemas.row(str(parameter.get("name")), parameter.get("schema"), required, text))
        if not rows:
            return ""
        table = tag("div", tag("table", tag("tbody", "".join(rows))), class_="scroll", tabindex="0")
        return tag("h4", "Parameters") + table

    def _body(self, operation: Operation) -> str:
        body = self.document.resolve(operation.data.get("requestBody"))
        if not body:
            return ""
        return tag("h4", "Body" + ("" if body.get("required") else " (optional)")) + self._content(body)

    def _content(self, body: dict[str, Any]) -> str:
        made = []
        for media_type, entry in (body.get("content") or {}).items():
            schema = entry.get("schema", True)
            kind = tag("p", f"{escape(media_type)} · {self.schemas.type_of(schema)}", class_="quiet")
            made.append(kind + self.schemas.table(schema) + self._example(schema))
        return "".join(made)

    def _example(self, schema: Any) -> str:
        value = self._examples.make(schema)
        if not isinstance(value, dict | list):
            return ""
        text = escape(json.dumps(value, indent=2, ensure_ascii=False), quote=False)
        return tag("details", tag("summary", "Example") + tag("pre", text, tabindex="0"))

    def _responses(self, operation: Operation) -> str:
        made = []
        for status, raw in sorted((operation.data.get("responses") or {}).items()):
            response = self.document.resolve(raw)
            phrase = phrases.get(int(status), "") if str(status).isdigit() else ""
            words = inline(str(response.get("description") or phrase))
            kind = "good" if str(status).startswith("2") else "bad" if str(status)[0] in "45" else ""
            head = tag("summary", tag("span", str(status), class_=f"status {kind}") + words)
            made.append(
                tag("details", head + self._headers(response) + self._content(response) + self._links(response))
            )
        return tag("h4", "Responses") + "".join(made)

    def _headers(self, response: dict[str, Any]) -> str:
        rows = []
        for name, raw in (response.get("headers") or {}).items():
            header = self.document.resolve(raw)
            text = str(header.get("description", ""))
            rows.append(self.schemas.row(name, header.get("schema"), header.get("required") is True, text))
        return tag("div", tag("table", tag("tbody", "".join(rows))), class_="scroll", tabindex="0") if rows else ""

    def _links(self, response: dict[str, Any]) -> str:
        """Where an answer leads, each with the values that it gives to the next request."""
        rows = []
        for name, raw in (response.get("links") or {}).items():
            link = self.document.resolve(raw)
            target = str(link.get("operationId") or "")
            title = tag("a", code(name), href=f"#{anchor(target)}") if target in self._known else code(name)
            filled = [f"{code(key)} from {code(str(value))}" for key, value in (link.get("parameters") or {}).items()]
            words = inline(str(link.get("description") or ""))
            rows.append(
                tag("li", title + (f": {', '.join(filled)}" if filled else "") + (f" {words}" if words else ""))
            )
        return tag("p", "Leads to", class_="quiet") + tag("ul", "".join(rows)) if rows else ""


def _way(name: str, scopes: list[str]) -> str:
    told = ", ".join(code(scope) for scope in scopes)
    return f"a {escape(name)} token" + (f" with {told}" if told else "")
