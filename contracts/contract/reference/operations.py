"""One operation of the reference: who may call it, what it takes, what it answers, how it is called."""

from __future__ import annotations

import json
from html import escape
from http.client import responses as phrases
from typing import Any

from contract.openapi.document import Document, Operation
from contract.openapi.parameters import parameters_of, schema_of
from contract.reference.html import Anchors, code, scroll, tag
from contract.reference.markdown import blocks, inline
from contract.reference.samples import Sample, Samples
from contract.reference.schemas import Schemas, ended

LANGUAGES = (("curl", Sample.curl), ("Python", Sample.python), ("JavaScript", Sample.javascript))


class Operations:
    """Writes operations as sections."""

    def __init__(self, document: Document, anchors: Anchors) -> None:
        self.document = document
        self.anchors = anchors
        self.schemas = Schemas(document, anchors)
        self.samples = Samples(document)
        self._known = {one.data.get("operationId"): one for one in document.operations()}

    def name(self, operation: Operation) -> str:
        """What an operation is called in addresses and lists."""
        return str(operation.data.get("operationId") or operation.name)

    def anchor(self, operation: Operation) -> str:
        """Where its section is."""
        return self.anchors("", self.name(operation))

    def title(self, operation: Operation) -> str:
        """Its summary as text, else its name."""
        return str(operation.data.get("summary") or self.name(operation)).strip()

    def section(self, operation: Operation, is_called: bool = True) -> str:
        """The whole of an operation; a webhook is not called, so it has no sample."""
        data = operation.data
        anchor = self.anchor(operation)
        method = tag("span", escape(operation.method.upper()), class_=f"method {escape(operation.method.lower())}")
        link = tag("a", "#", href=f"#{anchor}", class_="here", aria_label=f"Link to {self.title(operation)}")
        title = tag("h3", escape(self.title(operation), quote=False) + ended(data) + link)
        line = tag("p", method + code(operation.path), class_="line")
        parts = [title, line, blocks(str(data.get("description") or "")), self._security(operation)]
        parts += [self._parameters(operation), self._body(operation)]
        samples = self._samples(operation) if is_called else ""
        told = tag("div", "".join(parts) + self._responses(operation, anchor), class_="told")
        return tag("article", told + samples, id=anchor, class_="called" if samples else "")

    def _security(self, operation: Operation) -> str:
        ways = operation.data.get("security", self.document.data.get("security")) or []
        if not ways:
            return tag("p", "Open to anyone.", class_="quiet")
        told = [" and ".join(_way(name, scopes) for name, scopes in way.items()) or "nothing" for way in ways]
        return tag("p", f"Needs {' or '.join(told)}.", class_="quiet")

    def _parameters(self, operation: Operation) -> str:
        rows = []
        for (location, _), parameter in parameters_of(self.document, operation).items():
            text = f"{parameter.get('description') or ''} ({location})".strip()
            required = parameter.get("required") is True
            schema = schema_of(parameter)[0]
            if isinstance(schema, dict) and parameter.get("deprecated"):
                schema = {**schema, "deprecated": True, "x-sunset": parameter.get("x-sunset")}
            rows.append(self.schemas.row(str(parameter.get("name")), schema, required, text))
        table = scroll(tag("table", tag("tbody", "".join(rows))), "Parameters")
        return tag("h4", "Parameters") + table if rows else ""

    def _body(self, operation: Operation) -> str:
        body = self.document.resolve(operation.data.get("requestBody"))
        if not body:
            return ""
        words = blocks(str(body.get("description") or ""), 5)
        return tag("h4", "Body" + ("" if body.get("required") else " (optional)")) + words + self._content(body)

    def _content(self, body: dict[str, Any], is_short: bool = False) -> str:
        """Each media type: its fields, and an example. What is short names its schema alone."""
        made = []
        for media_type, entry in (body.get("content") or {}).items():
            schema = (entry or {}).get("schema", True)
            made.append(tag("p", f"{escape(media_type)} · {self.schemas.type_of(schema)}", class_="quiet"))
            if not (is_short and isinstance(schema, dict) and "$ref" in schema):
                made.append(self.schemas.table(schema) + self._example(entry or {}))
        return "".join(made)

    def _example(self, entry: dict[str, Any]) -> str:
        value = self.samples.example(entry)
        if not isinstance(value, dict | list):
            return ""
        text = escape(json.dumps(value, indent=2, ensure_ascii=False), quote=False)
        return tag("details", tag("summary", "Example") + tag("pre", text, tabindex="0"))

    def _samples(self, operation: Operation) -> str:
        """The request in each language; the first is open."""
        sample = self.samples.make(operation)
        made: list[str] = []
        for name, write in LANGUAGES:
            text = tag("pre", escape(write(sample), quote=False), tabindex="0")
            opened = {"open": "open"} if not made else {}
            group = f"{self.anchor(operation)}-sample"
            made.append(tag("details", tag("summary", name) + text, name=group, class_=name.lower(), **opened))
        return tag("div", "".join(made), class_="samples", role="group", aria_label="Sample request")

    def _responses(self, operation: Operation, anchor: str) -> str:
        made = []
        for status, raw in sorted((operation.data.get("responses") or {}).items(), key=lambda one: str(one[0])):
            response = self.document.resolve(raw)
            phrase = phrases.get(int(status), "") if str(status).isdigit() else ""
            words = inline(str(response.get("description") or phrase)) or "&nbsp;"
            is_good = str(status).startswith("2")
            kind = "good" if is_good else "bad" if str(status)[0] in "45" else ""
            head = tag("summary", tag("span", escape(str(status)), class_=f"status {kind}") + tag("span", words))
            inner = self._headers(response) + self._content(response, not is_good) + self._links(response)
            made.append(
                tag("details", head + (inner or tag("p", "No body.", class_="quiet")), id=f"{anchor}-{status}".lower())
            )
        return tag("h4", "Responses") + "".join(made)

    def _headers(self, response: dict[str, Any]) -> str:
        rows = []
        for name, raw in (response.get("headers") or {}).items():
            header = self.document.resolve(raw)
            text = str(header.get("description") or "")
            rows.append(self.schemas.row(name, schema_of(header)[0], header.get("required") is True, text))
        return scroll(tag("table", tag("tbody", "".join(rows))), "Headers") if rows else ""

    def _links(self, response: dict[str, Any]) -> str:
        """Where an answer leads, each with the values that it gives to the next request."""
        rows = []
        for name, raw in (response.get("links") or {}).items():
            link = self.document.resolve(raw)
            target = str(link.get("operationId") or "")
            known = self._known.get(target)
            title = tag("a", code(name), href=f"#{self.anchor(known)}") if known else code(name)
            filled = [f"{code(key)} from {code(str(value))}" for key, value in (link.get("parameters") or {}).items()]
            words = inline(str(link.get("description") or ""))
            rows.append(
                tag("li", title + (f": {', '.join(filled)}" if filled else "") + (f" {words}" if words else ""))
            )
        return tag("p", "Leads to", class_="quiet") + tag("ul", "".join(rows)) if rows else ""


def _way(name: str, scopes: list[str]) -> str:
    told = ", ".join(code(scope) for scope in scopes or ())
    return code(name) + (f" with {told}" if told else "")
