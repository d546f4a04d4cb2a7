"""Schemas as tables of fields: type, limits, meaning."""

from __future__ import annotations

import json
from typing import Any

from contract.openapi.document import Document
from contract.reference.html import anchor, code, inline, tag

LIMITS = (
    ("minimum", "at least {}"), ("exclusiveMinimum", "more than {}"), ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"), ("minLength", "{} characters or more"), ("maxLength", "up to {} characters"),
    ("minItems", "{} items or more"), ("maxItems", "up to {} items"), ("multipleOf", "multiple of {}"),
    ("format", "{}"),
)  # fmt: skip


class Schemas:
    """Says what a schema is, with links to the named ones."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def type_of(self, schema: Any) -> str:
        """The type in a few words."""
        if not isinstance(schema, dict) or not schema:
            return "anything"
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            return tag("a", name, href=f"#schema-{anchor(name)}")
        for keyword, word in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
            if keyword in schema:
                return word.join(self.type_of(part) for part in schema[keyword])
        if schema.get("type") == "array":
            return f"list of {self.type_of(schema.get('items'))}"
        types = schema.get("type", "anything")
        return " or ".join(types) if isinstance(types, list) else str(types)

    def limits(self, schema: Any) -> str:
        """What is allowed beyond the type."""
        if not isinstance(schema, dict):
            return ""
        told = [words.format(schema[key]) for key, words in LIMITS if key in schema]
        for part in schema.get("anyOf", ()):
            told += [self.limits(part)] if isinstance(part, dict) and "$ref" not in part else []
        if isinstance(schema.get("items"), dict) and "$ref" not in schema["items"]:
            told += [self.limits(schema["items"])]
        if "enum" in schema:
            told.append(" ".join(code(value) for value in schema["enum"]))
            told += ["more may come"] if schema.get("x-extensible-enum") else []
        for key in ("default", "x-default"):
            if key in schema:
                told.append(f"default {code(json.dumps(schema[key], ensure_ascii=False))}")
        return ", ".join(part for part in told if part)

    def row(self, name: str, schema: Any, required: bool, text: str = "") -> str:
        """One field or parameter."""
        node = schema if isinstance(schema, dict) else {}
        marks = tag("span", "required", class_="mark") if required else ""
        marks += tag("span", "deprecated", class_="mark old") if node.get("deprecated") else ""
        marks += tag("span", "read only", class_="mark") if node.get("readOnly") else ""
        words = inline(text or str(node.get("description", "")))
        limits = tag("small", self.limits(node)) if self.limits(node) else ""
        return tag(
            "tr",
            tag("th", code(name) + marks, scope="row") + tag("td", self.type_of(node) + limits) + tag("td", words),
        )

    def table(self, schema: Any) -> str:
        """The fields of an object; its type where it is none."""
        node = self.document.resolve(schema)
        fields = self._fields(node)
        if not fields:
            limits = self.limits(node)
            return tag("p", self.type_of(node) + (tag("small", limits) if limits else ""), class_="type")
        required = {name for part in self._parts(node) for name in part.get("required", ())}
        rows = "".join(self.row(name, field, name in required) for name, field in fields.items())
        return tag("div", tag("table", tag("tbody", rows)), class_="scroll", tabindex="0")

    def _parts(self, node: dict[str, Any], depth: int = 0) -> list[dict[str, Any]]:
        parts = [node]
        for part in node.get("allOf", ()) if depth < 6 else ():
            parts += self._parts(self.document.resolve(part), depth + 1)
        return parts

    def _fields(self, node: dict[str, Any]) -> dict[str, Any]:
        return {name: field for part in self._parts(node) for name, field in (part.get("properties") or {}).items()}
