"""Schemas as tables of fields: type, limits, meaning."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from contract.openapi.document import Document
from contract.reference.html import Anchors, code, scroll, tag
from contract.reference.markdown import inline

LIMITS = (
    ("minimum", "at least {}"), ("exclusiveMinimum", "more than {}"), ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"), ("minLength", "at least {} characters"), ("maxLength", "up to {} characters"),
    ("minItems", "at least {} items"), ("maxItems", "up to {} items"), ("multipleOf", "multiple of {}"),
    ("format", "{}"),
)  # fmt: skip
NOT_EMPTY = (("minLength", 1), ("minLength", 0), ("minItems", 0))
UNIONS = (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and "))
_DEPTH = 4  # of objects within objects that have no name
_SHOWN = 30  # values of an enum


class Schemas:
    """Says what a schema is, with links to the named ones."""

    def __init__(self, document: Document, anchors: Anchors) -> None:
        self.document = document
        self.anchors = anchors
        self._named = set((document.data.get("components") or {}).get("schemas") or {})

    def type_of(self, schema: Any) -> str:
        """The type in a few words."""
        if not isinstance(schema, dict) or not schema:
            return "anything"
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            is_here = name in self._named and str(schema["$ref"]).startswith("#/components/schemas/")
            return tag("a", escape(name), href=f"#{self.anchors('schema', name)}") if is_here else escape(name)
        for keyword, word in UNIONS:
            parts = [self.type_of(part) for part in schema.get(keyword) or ()]
            if parts and not (keyword == "allOf" and "properties" in schema):
                return word.join(dict.fromkeys(parts))
        if schema.get("type") == "array":
            return f"list of {self.type_of(schema.get('items'))}"
        types = schema.get("type", "object" if "properties" in schema else "anything")
        told = " or ".join(map(str, types)) if isinstance(types, list) else str(types)
        return escape(told) + (" or null" if schema.get("nullable") is True else "")

    def limits(self, schema: Any) -> str:
        """What is allowed beyond the type."""
        if not isinstance(schema, dict):
            return ""
        told = ["not empty"] if schema.get("minLength") == 1 else []
        told += [
            escape(words.format(schema[key]))
            for key, words in LIMITS
            if key in schema and (key, schema[key]) not in NOT_EMPTY
        ]
        for part in schema.get("anyOf") or ():
            told += [self.limits(part)] if isinstance(part, dict) and "$ref" not in part else []
        if isinstance(schema.get("items"), dict) and "$ref" not in schema["items"]:
            told += [self.limits(schema["items"])]
        if isinstance(schema.get("enum"), list):
            told.append(" ".join(code(value) for value in schema["enum"][:_SHOWN]))
            told += [f"and {len(schema['enum']) - _SHOWN} more"] if schema["enum"][_SHOWN:] else []
            told += ["more may come"] if schema.get("x-extensible-enum") else []
        for key in ("default", "x-default"):
            if key in schema:
                told.append(f"default {code(json.dumps(schema[key], ensure_ascii=False))}")
        return ", ".join(part for part in told if part)

    def row(self, name: str, schema: Any, required: bool, text: str = "", depth: int = 0) -> str:
        """One field or parameter."""
        node = schema if isinstance(schema, dict) else {}
        marks = tag("span", "required", class_="mark") if required else ""
        marks += ended(node) + (tag("span", "read only", class_="mark") if node.get("readOnly") else "")
        words = inline(text or str(node.get("description") or ""))
        limits = tag("small", self.limits(node)) if self.limits(node) else ""
        inner = self._inner(name, node, depth) if depth < _DEPTH else ""
        return tag(
            "tr",
            tag("th", code(name) + marks, scope="row")
            + tag("td", self.type_of(node) + limits)
            + tag("td", words + inner),
        )

    def _inner(self, name: str, node: dict[str, Any], depth: int) -> str:
        """The fields of an object that has no name of its own, to be opened."""
        one = node
        while one.get("type") == "array" and isinstance(one.get("items"), dict):
            one = one["items"]
        parts = [one, *(part for key, _ in UNIONS for part in one.get(key) or () if isinstance(part, dict))]
        made = [self._rows(part, depth + 1) for part in parts if "$ref" not in part and part.get("properties")]
        tables = "".join(tag("table", tag("tbody", rows)) for rows in made)
        return tag("details", tag("summary", f"Fields of {code(name)}") + tables) if tables else ""

    def _rows(self, node: dict[str, Any], depth: int) -> str:
        parts = self._parts(node)
        required = {name for part in parts for name in part.get("required") or ()}
        fields = {name: field for part in parts for name, field in (part.get("properties") or {}).items()}
        return "".join(self.row(name, field, name in required, depth=depth) for name, field in fields.items())

    def table(self, schema: Any) -> str:
        """The fields of an object; its type where it is none."""
        node = self.document.resolve(schema)
        if node.get("type") == "array" and isinstance(node.get("items"), dict) and "$ref" not in node["items"]:
            node = node["items"]
        rows = self._rows(node, 0)
        if not rows:
            limits = self.limits(node)
            return tag("p", self.type_of(node) + (tag("small", limits) if limits else ""), class_="type")
        return scroll(tag("table", tag("tbody", rows)), "Fields")

    def _parts(self, node: dict[str, Any], depth: int = 0) -> list[dict[str, Any]]:
        parts = [node]
        for part in (node.get("allOf") or ()) if depth < 6 else ():
            parts += self._parts(self.document.resolve(part), depth + 1)
        return parts


def ended(node: dict[str, Any]) -> str:
    """The mark of what is deprecated, with its last day if it has one."""
    if not node.get("deprecated"):
        return ""
    until = f", until {escape(str(node['x-sunset']))}" if node.get("x-sunset") else ""
    return tag("span", f"deprecated{until}", class_="mark old")
