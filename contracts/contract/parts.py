"""A document as parts that have a name on the wire: operations, parameters, headers, fields, values, alternatives.

Two documents are walked in step by these names, whatever their schemas are called; a part knows how it is taken out.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.compare.lifecycle import sunset, unpromised
from contract.compare.parameters import listed, schema_of
from contract.document import Document, Operation

Json = dict[str, Any]
Key = tuple[str, ...]
CutKey = tuple[Any, ...]
Where = tuple[Operation, str, str]
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_ANNOTATIONS = frozenset({"deprecated", "x-sunset", "description", "title", "example", "examples"})


def announced_day(node: Any) -> dt.date | None:
    """The announced day; None when nothing is announced: not deprecated, no day, or no full-date."""
    return sunset(node) if isinstance(node, dict) and node.get("deprecated") is True else None


@dataclass
class Cut:
    """How a part is taken out of a document, and whether each use of it agrees."""

    container: Any
    apply: Callable[[], None]
    agreed: bool = True


@dataclass
class Part:
    """Something that has a place in a document; `marks` are the nodes that may say `deprecated`."""

    kind: str
    name: str = ""
    place: tuple[Operation | None, str, str] = (None, "", "")
    marks: list[Any] = field(default_factory=list)
    inner: tuple[Any, ...] = ()
    cuts: list[tuple[CutKey, Cut]] = field(default_factory=list)
    parts: Callable[[], dict[Key, Part]] = dict

    @property
    def day(self) -> dt.date | None:
        """The latest day that its marks name."""
        return max(filter(None, map(announced_day, self.marks)), default=None)

    @property
    def deprecated(self) -> bool:
        """Whether anything says so, with or without a day."""
        return any(isinstance(mark, dict) and mark.get("deprecated") is True for mark in self.marks)


def push_down(document: Document) -> None:
    """Give each operation the parameters of its path: one operation may lose what another still has."""
    for section in ("paths", "webhooks"):
        items = []
        for one in document.operations(section):
            shared, own = one.item.get("parameters") or [], one.data.get("parameters") or []
            known = {_name(document.resolve(raw)) for raw in own}
            one.data["parameters"] = [*(raw for raw in shared if _name(document.resolve(raw)) not in known), *own]
            items.append(one.item)
        for item in items:
            item.pop("parameters", None)


def parts_of(document: Document, wide: bool = False) -> Part:
    """The whole document; `wide`: fields of any alternative are fields of the union too, so that none is missed."""
    return Part("document", parts=lambda: dict(_operations(document, wide)))


def _operations(document: Document, wide: bool) -> Iterator[tuple[Key, Part]]:
    for section in ("paths", "webhooks"):
        raw = document.data.get(section) or {}
        for one in document.operations(section):
            key = ("operation", section, one.method, re.sub(r"\{[^}]*\}", "{}", one.path))
            yield key, _operation(document, one, raw[one.path], wide)


def _operation(document: Document, one: Operation, raw: Any, wide: bool) -> Part:
    owner = _owner(document, raw, one.method)
    holders = [held for held in (owner, one.item) if held and not unpromised(one.data)]
    cuts = [_cut_key(held, one.method) for held in holders]
    return Part(
        "operation", one.name, (one, "", ""), [one.data], (), cuts,
        parts=lambda: dict(_within(document, one, wide)),
    )  # fmt: skip


def _owner(document: Document, raw: Any, method: str) -> Json | None:
    """The path item that holds the operation itself."""
    for _ in range(30):
        if not isinstance(raw, dict) or method in raw:
            break
        raw = document.lookup(raw["$ref"]) if "$ref" in raw else None
    return raw if isinstance(raw, dict) else None


def _within(document: Document, one: Operation, wide: bool) -> Iterator[tuple[Key, Part]]:
    for key, parameter in listed(document, one).items():
        yield ("parameter", *key), _parameter(document, one, parameter, key, wide)
    body = document.resolve(one.data.get("requestBody"))
    yield from _content(document, (one, "request body", ""), body, wide)
    for status, raw in (one.data.get("responses") or {}).items():
        answer = document.resolve(raw)
        place = (one, f"{status} response", "")
        yield from _content(document, place, answer, wide)
        yield from _headers(document, place, answer, wide)
    for name, raw in (one.data.get("callbacks") or {}).items():
        for expression, item in document.resolve(raw).items():
            held = document.resolve(item)
            for method in _METHODS:
                if isinstance(held.get(method), dict):
                    inner = Operation(method, expression, held, held[method])
                    yield ("operation", name, expression, method), _operation(document, inner, item, wide)


def _parameter(document: Document, one: Operation, parameter: Json, key: Key, wide: bool) -> Part:
    place = (one, f"{key[0]} parameter {parameter.get('name')}", "")
    lists = [held for held in (one.item.get("parameters"), one.data.get("parameters")) if held and key[0] != "path"]
    cuts = [_cut_entry(held, raw) for held in lists for raw in held if _name(document.resolve(raw)) == key]
    return _described(document, ("parameter", key[1], place), parameter, cuts, wide)


def _name(parameter: Json) -> tuple[str, str]:
    location, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
    return location, name.lower() if location == "header" else name


def _content(document: Document, place: Where, holder: Json, wide: bool) -> Iterator[tuple[Key, Part]]:
    one, where, _ = place
    for media_type, entry in (holder.get("content") or {}).items():
        if isinstance(entry, dict) and "schema" in entry:
            key = ("media", where, media_type.split(";")[0].strip().lower())
            yield key, _schema(document, (one, where, ""), (entry["schema"],), wide)


def _headers(document: Document, place: Where, answer: Json, wide: bool) -> Iterator[tuple[Key, Part]]:
    one, where, _ = place
    headers = answer.get("headers") or {}
    for name, raw in headers.items():
        here = (one, f"{where}, header {name.lower()}", "")
        yield (
            ("header", where, name.lower()),
            _described(document, ("header", name, here), document.resolve(raw), [_cut_key(headers, name)], wide),
        )


def _described(
    document: Document, what: tuple[str, str, Where], node: Json, cuts: list[tuple[CutKey, Cut]], wide: bool
) -> Part:
    """A parameter or a header; its schema may carry the announcement too, as frameworks write it there."""
    kind, name, place = what
    schema = (schema_of(node)[0],)
    marks = [node, *_flat(document, schema, wide=False)]
    parts: Callable[[], dict[Key, Part]] = lambda: {("schema",): _schema(document, place, schema, wide)}  # noqa: E731
    return Part(kind, name, place, marks, (), cuts, parts)


def _schema(document: Document, place: Where, nodes: tuple[Any, ...], wide: bool, **more: Any) -> Part:
    return Part(
        more.pop("kind", "schema"), more.pop("name", ""), place, inner=nodes,
        parts=lambda: _members(document, place, list(_flat(document, nodes, wide)), wide), **more,
    )  # fmt: skip


def _flat(document: Document, nodes: Iterable[Any], wide: bool) -> Iterator[Json]:
    """Every schema that speaks of the same value: through `$ref`, `allOf`, and what may be null."""
    stack, seen = [*reversed(list(nodes))], set()
    while stack:
        node = stack.pop()
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        parts = [*([document.lookup(node["$ref"])] if "$ref" in node else ()), *(node.get("allOf") or ())]
        for word in ("anyOf", "oneOf"):
            others = [one for one in node.get(word) or () if not _null(one)]
            parts += others if wide or len(others) == 1 else ()
        stack += reversed(parts)


def _null(node: Any) -> bool:
    return isinstance(node, dict) and (node.get("type") == "null" or ("const" in node and node["const"] is None))


def _members(document: Document, place: Where, schemas: list[Json], wide: bool) -> dict[Key, Part]:
    found: dict[Key, Part] = {}
    for schema in schemas:
        for key, part in _of(document, place, schema, wide):
            if key in found:
                part = _joined(document, found[key], part, wide)
            found[key] = part
    for (kind, *name), part in found.items():
        if kind == "field":
            part.cuts += [_cut_required(schema, name[0]) for schema in schemas if name[0] in _required(schema)]
    return found


def _joined(document: Document, one: Part, other: Part, wide: bool) -> Part:
    marks, cuts = [*one.marks, *other.marks], [*one.cuts, *other.cuts]
    nodes = (*one.inner, *other.inner)
    operation, where, trail = one.place
    assert operation  # noqa: S101 - whatever is below a schema belongs to one
    return _schema(
        document, (operation, where, trail), nodes, wide, kind=one.kind, name=one.name, marks=marks, cuts=cuts
    )


def _required(schema: Json) -> list[Any]:
    held = schema.get("required")
    return held if isinstance(held, list) else []


def _of(document: Document, place: Where, schema: Json, wide: bool) -> Iterator[tuple[Key, Part]]:
    """What one schema says: fields, values, alternatives, and what may lie within."""
    one, where, trail = place

    def inner(step: str, node: Any, kind: str = "schema", name: str = "", **more: Any) -> Part:
        here = (one, where, f"{trail}.{step}".strip(".").replace(".[]", "[]"))
        return _schema(document, here, (node,), wide, kind=kind, name=name, **more)

    yield from _fields(document, schema, inner)
    yield from _within_schema(schema, inner)
    yield from _values(schema, inner)
    for word in ("anyOf", "oneOf"):
        others = [node for node in schema.get(word) or () if not _null(node)]
        for node in others if len(others) > 1 or wide else ():
            kind, name = _label(node)
            marks = list(_flat(document, (node,), wide=False))
            yield (kind, name), inner("", node, kind, name, marks=marks, cuts=[_cut_entry(schema[word], node)])


def _fields(document: Document, schema: Json, inner: Callable[..., Part]) -> Iterator[tuple[Key, Part]]:
    fields = schema.get("properties")
    if isinstance(fields, dict):
        for name, node in fields.items():
            marks = list(_flat(document, (node,), wide=False))
            yield ("field", name), inner(name, node, "field", name, marks=marks, cuts=[_cut_key(fields, name)])


def _within_schema(schema: Json, inner: Callable[..., Part]) -> Iterator[tuple[Key, Part]]:
    """What has no name of its own, and so cannot be announced."""
    patterns = schema.get("patternProperties")
    for pattern, node in patterns.items() if isinstance(patterns, dict) else ():
        yield ("patternProperties", pattern), inner("*", node)
    for word, step in (("items", "[]"), ("additionalProperties", "*"), ("contains", "[]")):
        if isinstance(schema.get(word), dict):
            yield (word,), inner(step, schema[word])
    items = schema.get("prefixItems")
    for index, node in enumerate(items if isinstance(items, list) else ()):
        yield ("prefixItems", str(index)), inner("[]", node)


def _values(schema: Json, inner: Callable[..., Part]) -> Iterator[tuple[Key, Part]]:
    values = schema.get("enum")
    if isinstance(values, list):
        for value in values:
            name = _text(value)
            yield ("value", name), inner("", False, "value", name, cuts=[_cut_value(values, value)])


def _label(node: Any) -> Key:
    """What an alternative is called: the value that it stands for, its schema's name, its title, its text."""
    if not isinstance(node, dict):
        return "alternative", _text(node)
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list) and len(values) == 1:
        return "value", _text(values[0])
    name = str(node.get("$ref", "")).rpartition("/")[2] or node.get("title")
    return "alternative", str(name or _text({key: one for key, one in node.items() if key not in _ANNOTATIONS}))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _cut_key(container: Json, name: str) -> tuple[CutKey, Cut]:
    return (id(container), "key", name), Cut(container, lambda: container.pop(name, None))


def _cut_required(schema: Json, name: str) -> tuple[CutKey, Cut]:
    def apply() -> None:
        schema["required"] = [one for one in schema["required"] if one != name]

    return (id(schema), "required", name), Cut(schema, apply)


def _cut_entry(container: list[Any], entry: Any) -> tuple[CutKey, Cut]:
    def apply() -> None:
        container[:] = [one for one in container if one is not entry]

    return (id(container), "entry", id(entry)), Cut(container, apply)


def _cut_value(container: list[Any], value: Any) -> tuple[CutKey, Cut]:
    def apply() -> None:
        container[:] = [one for one in container if _text(one) != _text(value)]

    return (id(container), "value", _text(value)), Cut(container, apply)
