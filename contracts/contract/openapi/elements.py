"""A document as elements that have a name on the wire: operations, parameters, headers, fields, values, alternatives.

Two documents are walked in step by these names, whatever their schemas are called. An element knows how to take itself
out of its document.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.document import Document, Operation
from contract.openapi.grammar import METHODS
from contract.openapi.lifecycle import announced_day, is_unpromised
from contract.openapi.media_types import bare
from contract.openapi.parameters import parameters_of, schema_of, written_key
from contract.openapi.place import ANYWHERE, Part, Path, Place

Json = dict[str, Any]
Key = tuple[str, ...]
CutKey = tuple[Any, ...]
_ANNOTATIONS = frozenset({"deprecated", "x-sunset", "description", "title", "example", "examples"})


@dataclass
class Cut:
    """How to remove an element from a document, and whether each use of it agrees."""

    key: CutKey
    apply: Callable[[], None]
    agreed: bool = True


@dataclass
class Element:
    """An operation, parameter, header, field, value or alternative. `marks` are the nodes that may say `deprecated`."""

    kind: str
    name: str = ""
    place: Place = ANYWHERE
    path: Path = ()
    marks: list[Any] = field(default_factory=list)
    nodes: tuple[Any, ...] = ()
    cuts: list[Cut] = field(default_factory=list)
    elements: Callable[[], dict[Key, Element]] = dict

    @property
    def day(self) -> dt.date | None:
        """The latest day that its marks name."""
        return max(filter(None, map(announced_day, self.marks)), default=None)

    @property
    def deprecated(self) -> bool:
        """Whether anything says so, with or without a day."""
        return any(isinstance(mark, dict) and mark.get("deprecated") is True for mark in self.marks)


def push_down(document: Document) -> None:
    """Copy the parameters of each path to its operations, so that they can be removed from one of them."""
    for section in ("paths", "webhooks"):
        items = []
        for one in document.operations(section):
            shared, own = one.item.get("parameters") or [], one.data.get("parameters") or []
            known = {written_key(document.resolve(raw)) for raw in own}
            left = [raw for raw in shared if written_key(document.resolve(raw)) not in known]
            if left:
                one.data["parameters"] = [*left, *own]
            items.append(one.item)
        for item in items:
            item.pop("parameters", None)


def elements_of(document: Document, wide: bool = False) -> Element:
    """The whole document. `wide`: fields of an alternative are fields of the union too."""
    reader = _Reader(document, wide)
    return Element("document", elements=lambda: dict(reader.operations()))


def declares(document: Document, schema: Any, pointer: Iterable[str]) -> bool:
    """Whether a value may have what a JSON pointer names: its schema declares that, or does not say what there is."""
    nodes: list[Any] = [schema]
    for step in pointer:
        schemas = list(_flat(document, nodes, wide=True))
        if not all(isinstance(node, dict) for node in nodes) or _are_open(schemas):
            return True
        nodes = [inner for one in schemas for inner in _member(one, step)]
        if not nodes:
            return False
    return True


@dataclass(frozen=True)
class _Reader:
    """Finds what lies directly below each element."""

    document: Document
    wide: bool

    def operations(self) -> Iterator[tuple[Key, Element]]:
        """Those of the paths and the webhooks."""
        for section in ("paths", "webhooks"):
            raw = self.document.data.get(section) or {}
            for one in self.document.operations(section):
                key = ("operation", section, one.method, re.sub(r"\{[^}]*\}", "{}", one.path))
                yield key, self._operation(one, raw[one.path])

    def _operation(self, one: Operation, raw: Any) -> Element:
        holders = [held for held in (self._holder(raw, one.method), one.item) if held and not is_unpromised(one.data)]
        place = Place(one.name, str(one.data.get("operationId") or ""))
        return Element(
            "operation",
            one.name,
            place,
            marks=[one.data],
            cuts=[_cut_key(held, one.method) for held in holders],
            elements=lambda: dict(self._within(one, place)),
        )

    def _holder(self, raw: Any, method: str) -> Json | None:
        """The path item that holds the operation itself."""
        for _ in range(30):
            if not isinstance(raw, dict) or method in raw:
                break
            raw = self.document.lookup(raw["$ref"]) if "$ref" in raw else None
        return raw if isinstance(raw, dict) else None

    def _within(self, one: Operation, place: Place) -> Iterator[tuple[Key, Element]]:
        resolve = self.document.resolve
        for key, parameter in parameters_of(self.document, one).items():
            lists = [held for held in (one.item.get("parameters"), one.data.get("parameters")) if held]
            cuts = [
                _cut_entry(held, raw)
                for held in (lists if key.location != "path" else ())
                for raw in held
                if written_key(resolve(raw)) == key
            ]
            here = place.at(Part.PARAMETER, str(parameter.get("name")), key.location)
            yield ("parameter", *key), self._described("parameter", here, parameter, cuts)
        yield from self._content(place.at(Part.BODY), resolve(one.data.get("requestBody")))
        for status, raw in (one.data.get("responses") or {}).items():
            answer, here = resolve(raw), place.at(Part.RESPONSE, status=str(status))
            yield from self._content(here, answer)
            yield from self._headers(here, answer)
        for name, raw in (one.data.get("callbacks") or {}).items():
            for expression, item in resolve(raw).items():
                yield from self._called(name, expression, item)

    def _called(self, name: str, expression: str, item: Any) -> Iterator[tuple[Key, Element]]:
        held = self.document.resolve(item)
        for method in METHODS:
            if isinstance(held.get(method), dict):
                inner = Operation(method, expression, held, held[method])
                yield ("operation", name, expression, method), self._operation(inner, item)

    def _content(self, place: Place, holder: Json) -> Iterator[tuple[Key, Element]]:
        for media_type, entry in (holder.get("content") or {}).items():
            if isinstance(entry, dict) and "schema" in entry:
                element = Element("schema", place=place)
                yield ("media", place.where, bare(media_type)), self._schema(element, (entry["schema"],))

    def _headers(self, place: Place, answer: Json) -> Iterator[tuple[Key, Element]]:
        headers = answer.get("headers") or {}
        for name, raw in headers.items():
            here = place.at(Part.HEADER, name.lower(), status=place.status)
            header = self._described("header", here, self.document.resolve(raw), [_cut_key(headers, name)])
            yield ("header", place.where, name.lower()), header

    def _described(self, kind: str, place: Place, node: Json, cuts: list[Cut]) -> Element:
        """A parameter or a header. Frameworks write `deprecated` into its schema too."""
        nodes = (schema_of(node)[0],)

        def elements() -> dict[Key, Element]:
            return {("schema",): self._schema(Element("schema", place=place), nodes)}

        marks = [node, *_flat(self.document, nodes, wide=False)]
        return Element(kind, place.name, place, marks=marks, cuts=cuts, elements=elements)

    def _schema(self, element: Element, nodes: tuple[Any, ...]) -> Element:
        """An element with the schemas that speak of it."""
        element.nodes = nodes
        element.elements = lambda: self._members(element, list(_flat(self.document, nodes, self.wide)))
        return element

    def _members(self, owner: Element, schemas: list[Json]) -> dict[Key, Element]:
        found: dict[Key, Element] = {}
        for schema in schemas:
            for key, element in self._of(owner, schema):
                found[key] = self._joined(found[key], element) if key in found else element
        for (kind, *name), element in found.items():
            if kind == "field":
                element.cuts += [_cut_required(schema, name[0]) for schema in schemas if name[0] in _required(schema)]
        return found

    def _joined(self, one: Element, other: Element) -> Element:
        marks, cuts = [*one.marks, *other.marks], [*one.cuts, *other.cuts]
        joined = Element(one.kind, one.name, one.place, one.path, marks, cuts=cuts)
        return self._schema(joined, (*one.nodes, *other.nodes))

    def _of(self, owner: Element, schema: Json) -> Iterator[tuple[Key, Element]]:
        """The elements of one schema: fields, values, alternatives, and those without a name."""
        yield from self._fields(owner, schema)
        for key, step, node in _unnamed(schema):
            yield key, self._inner(owner, "schema", "", (step, node))
        values = schema.get("enum")
        for value in values if isinstance(values, list) else ():
            element = self._inner(owner, "value", _text(value), ("", False))
            element.cuts = [_cut_value(schema["enum"], value)]
            yield ("value", element.name), element
        for keyword in ("anyOf", "oneOf"):
            yield from self._alternatives(owner, schema, keyword)

    def _fields(self, owner: Element, schema: Json) -> Iterator[tuple[Key, Element]]:
        fields = schema.get("properties")
        if not isinstance(fields, dict):
            return
        for name, node in fields.items():
            element = self._inner(owner, "field", name, (name, node))
            element.marks, element.cuts = list(_flat(self.document, (node,), wide=False)), [_cut_key(fields, name)]
            yield ("field", name), element

    def _alternatives(self, owner: Element, schema: Json, keyword: str) -> Iterator[tuple[Key, Element]]:
        others = [node for node in schema.get(keyword) or () if not _is_null(node)]
        for node in others if len(others) > 1 or self.wide else ():
            kind, name = _label(node)
            element = self._inner(owner, kind, name, ("", node))
            element.marks = list(_flat(self.document, (node,), wide=False))
            element.cuts = [_cut_entry(schema[keyword], node)]
            yield (kind, name), element

    def _inner(self, owner: Element, kind: str, name: str, step: tuple[str, Any]) -> Element:
        """An element one step below. An empty step means the same value."""
        path = (*owner.path, step[0]) if step[0] else owner.path
        return self._schema(Element(kind, name, owner.place, path), (step[1],))


def _flat(document: Document, nodes: Iterable[Any], wide: bool) -> Iterator[Json]:
    """Every schema of one value: through `$ref`, `allOf`, and unions with null."""
    stack, seen = [*reversed(list(nodes))], set()
    while stack:
        node = stack.pop()
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        parts = [*([document.lookup(node["$ref"])] if "$ref" in node else ()), *(node.get("allOf") or ())]
        for keyword in ("anyOf", "oneOf"):
            others = [one for one in node.get(keyword) or () if not _is_null(one)]
            parts += others if wide or len(others) == 1 else ()
        stack += reversed(parts)


_INSIDE = frozenset({"properties", "additionalProperties", "items", "prefixItems"})
_ELSEWHERE = frozenset({"patternProperties", "if", "dependentSchemas", "$dynamicRef", "unevaluatedProperties"})


def _are_open(schemas: list[Json]) -> bool:
    """Whether the schemas of one value allow members without saying which, or in a way that is not followed here."""
    types = [schema.get("type", "object") for schema in schemas]
    may_hold = any("object" in kind or "array" in kind for kind in types if isinstance(kind, str | list))
    says_nothing = may_hold and not any(_INSIDE & schema.keys() for schema in schemas)
    return says_nothing or any(
        schema.get("additionalProperties") is True or _ELSEWHERE & schema.keys() for schema in schemas
    )


def _member(schema: Json, step: str) -> Iterator[Any]:
    """The schemas of the member that one step of a pointer names."""
    fields, first = schema.get("properties"), schema.get("prefixItems")
    if isinstance(fields, dict) and step in fields:
        yield fields[step]
    elif isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]
    if step.isascii() and step.isdigit():
        listed = first if isinstance(first, list) else []
        rest = [schema["items"]] if "items" in schema else []
        yield from [*listed[int(step) : int(step) + 1], *rest] if len(step) < 9 else rest


def _is_null(node: Any) -> bool:
    return isinstance(node, dict) and (node.get("type") == "null" or ("const" in node and node["const"] is None))


def _required(schema: Json) -> list[Any]:
    held = schema.get("required")
    return held if isinstance(held, list) else []


def _unnamed(schema: Json) -> Iterator[tuple[Key, str, Any]]:
    """Elements without a name, which cannot be announced."""
    patterns = schema.get("patternProperties")
    for pattern, node in patterns.items() if isinstance(patterns, dict) else ():
        yield ("patternProperties", pattern), "*", node
    for keyword, step in (("items", "[]"), ("additionalProperties", "*"), ("contains", "[]")):
        if isinstance(schema.get(keyword), dict):
            yield (keyword,), step, schema[keyword]
    items = schema.get("prefixItems")
    for index, node in enumerate(items if isinstance(items, list) else ()):
        yield ("prefixItems", str(index)), "[]", node


def _label(node: Any) -> tuple[str, str]:
    """The name of an alternative: its only value, else its schema's name, its title or its text."""
    if not isinstance(node, dict):
        return "alternative", _text(node)
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list) and len(values) == 1:
        return "value", _text(values[0])
    name = str(node.get("$ref", "")).rpartition("/")[2] or node.get("title")
    return "alternative", str(name or _text({key: one for key, one in node.items() if key not in _ANNOTATIONS}))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _cut_key(container: Json, name: str) -> Cut:
    return Cut((id(container), "key", name), lambda: container.pop(name, None))


def _cut_required(schema: Json, name: str) -> Cut:
    def apply() -> None:
        schema["required"] = [one for one in schema["required"] if one != name]

    return Cut((id(schema), "required", name), apply)


def _cut_entry(container: list[Any], entry: Any) -> Cut:
    def apply() -> None:
        container[:] = [one for one in container if one is not entry]

    return Cut((id(container), "entry", id(entry)), apply)


def _cut_value(container: list[Any], value: Any) -> Cut:
    def apply() -> None:
        container[:] = [one for one in container if _text(one) != _text(value)]

    return Cut((id(container), "value", _text(value)), apply)
