"""One schema node as plain JSON Schema 2020-12, for one side of the wire.

OpenAPI's own notions end here: `nullable`, boolean bounds, `readOnly`, `writeOnly`, `x-extensible-enum`, and the
tolerance of those who read a response. Everything after this file sees JSON Schema alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.openapi.values import among, integral
from contract.schema.formats import ANNOTATIONS, FORMATS
from contract.schema.keywords import UNREADABLE, Opaque, readable
from contract.schema.texts import comparable

OPAQUE = "x-opaque"
# What `format: binary` is called since OpenAPI 3.1.
OCTETS = "application/octet-stream"
# How many digits of an amount are minor units, by currency.
DIGITS = "x-minor-digits"
# That other fields are allowed in so many words; `unevaluatedProperties` does not speak of them then.
ALL_EVALUATED = "x-all-evaluated"
# The schema of a field that is never sent: `readOnly` in a request, `writeOnly` in a response.
HIDDEN: dict[str, Any] = {"not": {}}


@dataclass(eq=False)
class Side:
    """A document as its writer or its reader uses it, in one direction."""

    document: Document
    direction: Direction
    reader: bool

    def __post_init__(self) -> None:
        self._views: dict[int, tuple[Any, dict[str, Any]]] = {}
        self.shapes: dict[tuple[int, ...], tuple[Any, Any]] = {}
        self.valued: dict[int, tuple[Any, Any]] = {}

    @property
    def tolerant(self) -> bool:
        """Whether unknown fields are ignored: by a client that reads a response."""
        return self.reader and self.direction is Direction.RESPONSE

    def view(self, node: Any) -> dict[str, Any]:
        """The node as plain JSON Schema; the nodes below it are left as they are."""
        known = self._views.get(id(node))
        if known is None:
            # The node is kept too, so that no other object gets its id.
            known = self._views[id(node)] = (node, self._view(node))
        return known[1]

    def target(self, view: dict[str, Any]) -> Any:
        """What the `$ref` of a view points at."""
        return self.document.lookup(view["$ref"])

    def _view(self, node: Any) -> dict[str, Any]:
        if isinstance(node, bool) or not isinstance(node, dict):
            return {"not": {}} if node is False else {}
        if isinstance(node.get("$ref"), str) and self.document.version == "3.0":
            return {"$ref": self.document.reference(node)}
        view, strange = readable(node)
        if "$ref" in view:
            view["$ref"] = self.document.reference(node)
        if strange:
            view[OPAQUE] = strange
        if isinstance(node.get("$dynamicRef"), str):
            bound = {"$ref": self.document.reference({"$dynamicRef": node["$dynamicRef"]})}
            view = {**view, "allOf": [*view.get("allOf", ()), bound]} if "$ref" in view else {**view, **bound}
        _values(view, node)
        _bounds(view)
        _texts(view)
        _lists(view)
        self._extensible(view, node)
        if "properties" in view or "allOf" in view:
            self._hide(view, node)
        if self.tolerant:
            _tolerate(view)
        return _nullable(view) if node.get("nullable") is True else view

    def _extensible(self, view: dict[str, Any], node: dict[str, Any]) -> None:
        if isinstance(node.get(DIGITS), dict) and node[DIGITS]:
            view[DIGITS] = node[DIGITS]
        marked = node.get("x-extensible-enum")
        if isinstance(marked, list) and "enum" not in view:
            view["enum"] = marked
        if marked and self.tolerant and "enum" in view:
            values = view.pop("enum")
            view.setdefault("type", sorted({json_type(value) for value in values}))

    def _hide(self, view: dict[str, Any], node: dict[str, Any]) -> None:
        """OpenAPI 3.1, Schema Object, readOnly: not sent in a request, and its `required` is for responses only."""
        hidden = self.hidden(node)
        if not hidden:
            return
        stand_in: Any = True if self.reader else HIDDEN
        if "properties" in view:
            view["properties"] = {
                name: stand_in if name in hidden else schema for name, schema in view["properties"].items()
            }
        if "required" in view:
            view["required"] = [name for name in view["required"] if name not in hidden]
        if "allOf" in view:
            view["allOf"] = [_not_required(part, hidden) for part in view["allOf"]]

    def hidden(self, node: Any, depth: int = 0) -> set[str]:
        """The names of properties that do not travel in this direction."""
        flag = "readOnly" if self.direction is Direction.REQUEST else "writeOnly"
        node = self._raw(node)
        properties = node.get("properties")
        names = {
            name
            for name, schema in (properties.items() if isinstance(properties, dict) else ())
            if self._flagged(schema, flag)
        }
        if depth < 8:
            for part in node.get("allOf") or ():
                names |= self.hidden(part, depth + 1)
        return names

    def _raw(self, node: Any) -> dict[str, Any]:
        return self.document.resolve(node) if isinstance(node, dict) else {}

    def _flagged(self, schema: Any, flag: str, depth: int = 0) -> bool:
        raw = self._raw(schema)
        if raw.get(flag) is True:
            return True
        return depth < 8 and any(self._flagged(part, flag, depth + 1) for part in raw.get("allOf") or ())


def json_type(value: Any) -> str:
    """The JSON Schema name of a value's type."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "integer" if integral(value) else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _values(view: dict[str, Any], node: dict[str, Any]) -> None:
    if "const" in node:
        enum = view.get("enum")
        view["enum"] = [node["const"]] if not isinstance(enum, list) or among(node["const"], enum) else []
    if view.get("enum") and "type" not in view:
        # Values list their types too: a reader of texts fails on a number, and not on another text.
        types = sorted({json_type(value) for value in view["enum"]})
        view["type"] = types if types[1:] else types[0]


def _bounds(view: dict[str, Any]) -> None:
    """OpenAPI 3.0 says `exclusiveMinimum: true` beside `minimum`."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(view.get(exclusive), bool) and view.pop(exclusive) and bound in view:
            view[exclusive] = view.pop(bound)
        if isinstance(view.get(bound), bool):
            del view[bound]


def _texts(view: dict[str, Any]) -> None:
    if "pattern" in view and not comparable(view["pattern"]):
        view[OPAQUE] = [*view.get(OPAQUE, []), Opaque("pattern", view.pop("pattern"))]
    if "patternProperties" in view:
        _names(view)
    _octets(view)
    name = view.get("format")
    if name is not None and name not in FORMATS:
        del view["format"]
        if name not in ANNOTATIONS:
            view[OPAQUE] = [*view.get(OPAQUE, []), Opaque("format", name)]
    for keyword in ("contentEncoding", "contentMediaType"):
        if keyword in view:
            view[OPAQUE] = [*view.get(OPAQUE, []), Opaque(keyword, view.pop(keyword))]


def _names(view: dict[str, Any]) -> None:
    """Leave out names that no pattern of ours can say; what else an object has cannot be told then."""
    strange = [name for name in view["patternProperties"] if not comparable(name)]
    if strange:
        view["patternProperties"] = {
            name: schema for name, schema in view["patternProperties"].items() if name not in strange
        }
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            view.pop(keyword, None)
        said = [Opaque(UNREADABLE, f"`patternProperties: {json.dumps(name)[:80]}`") for name in strange]
        view[OPAQUE] = [*view.get(OPAQUE, []), *said]


def _octets(view: dict[str, Any]) -> None:
    """OpenAPI 3.1, migrating from 3.0: `format: binary` and `byte` became keywords of the content."""
    if view.get("format") == "binary":
        del view["format"]
        view.setdefault("contentMediaType", OCTETS)
    if view.get("contentEncoding") == "base64" and "format" not in view:
        del view["contentEncoding"]
        view["format"] = "byte"


def _lists(view: dict[str, Any]) -> None:
    if "required" in view:
        view["required"] = [name for name in view["required"] if name]
    if isinstance(view.get("items"), list):
        view["prefixItems"] = view.pop("items")
    if view.get("additionalProperties") is True or view.get("additionalProperties") == {}:
        del view["additionalProperties"]
        view[ALL_EVALUATED] = True


def _tolerate(view: dict[str, Any]) -> None:
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if view.get(keyword) is False or view.get(keyword) == {"not": {}}:
            del view[keyword]
    if "oneOf" in view:
        # A reader takes the first alternative that fits.
        both = [
            {"anyOf": view.pop("oneOf")},
            *([{"anyOf": view.pop("anyOf")}] if "anyOf" in view else []),
        ]
        view["allOf"] = [*view.get("allOf", []), *both]


def _nullable(view: dict[str, Any]) -> dict[str, Any]:
    if "type" in view:
        types = view["type"] if isinstance(view["type"], list) else [view["type"]]
        view["type"] = [*types, *(["null"] if "null" not in types else [])]
        if "enum" in view and not among(None, view["enum"]):
            view["enum"] = [*view["enum"], None]
        rest = {key: view.pop(key) for key in ("$ref", "allOf", "anyOf", "oneOf") if key in view}
        return {**view, "anyOf": [{"type": "null"}, rest]} if rest else view
    return {"anyOf": [{"type": "null"}, view]} if view else view


def _not_required(part: Any, hidden: set[str]) -> Any:
    if isinstance(part, dict) and hidden.intersection(part.get("required") or ()):
        return {**part, "required": [name for name in part["required"] if name not in hidden]}
    return part
