"""What was edited: the named schema in which two documents differ, and what came and went there.

A finding says what a difference does to a client. This says, from the documents alone, what somebody changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from contract.findings.difference import ABSENT
from contract.findings.finding import Finding
from contract.openapi.direction import Direction
from contract.openapi.document import Document, DocumentError
from contract.openapi.media_types import bare
from contract.openapi.place import Part, Path, Place

# Rules about whether a field is there: they are about the object that has the field.
OF_MEMBERS = frozenset({"required", "read-only", "field-added", "field-removed", "dependentRequired"})
_UNIONS = ("oneOf", "anyOf")
_INSIDE = ("allOf", *_UNIONS)
# Rules about values, types or alternatives that a schema lists.
_LISTED = frozenset({"enum", "type", "alternative", *_UNIONS})
_OF_SCHEMAS = frozenset({Part.PARAMETER, Part.BODY, Part.RESPONSE, Part.HEADER})
# More ways than any readable schema has.
_MOST = 200
# Unions within unions, written one in the other.
_DEEPEST = 8
# So many alternatives are told where no value names the one that is meant.
_FEW = 3


@dataclass(frozen=True)
class _At:
    """A node with its references followed, the name of the last reference, and the way from there."""

    node: Any
    schema: str = ""
    within: Path = ()

    @property
    def way(self) -> tuple[str, Path]:
        return self.schema, self.within


def add_edits(old: Document, new: Document, findings: Iterable[Finding]) -> None:
    """Complete `schema`, `within`, `came` and `went` of the findings about schemas."""
    sides = _Side(old), _Side(new)
    for finding in findings:
        if finding.place.part in _OF_SCHEMAS and not finding.subject:
            ways = [side.ways(finding) for side in sides]
            finding.is_edit = _describe(finding, *ways) or _describe_union(finding, *sides)
            if not finding.is_edit:
                finding.schema, finding.within, finding.came, finding.went = "", (), (), ()


def _describe(finding: Finding, before: list[_At], after: list[_At]) -> bool:
    """Take the way on which the documents differ; the first one where they do not, or where only one has it.

    Returns whether the edit is there.
    """
    news = {at.way: at for at in reversed(after)}
    pairs = [(at, news[at.way]) for at in before if at.way in news]
    edited = [pair for pair in pairs if _is_edited(finding, pair[0].node, pair[1].node)]
    differing = edited or [pair for pair in pairs if _text(pair[0].node) != _text(pair[1].node)]
    one, two = next(iter(differing or pairs), (None, None))
    at = two or next(iter(after), None) or next(iter(before), None)
    if at is not None:
        finding.schema, finding.within = at.way
    if one is not None and two is not None:
        finding.came, finding.went = _changed(finding, one.node, two.node)
    return bool(edited)


def _is_edited(finding: Finding, old: Any, new: Any) -> bool:
    """Whether two nodes differ in what a finding is about."""
    if finding.rule in _LISTED:
        came, went = _changed(finding, old, new)
        moved = went if _is_narrower(finding) else came
        values = list(_values_at(finding.witness.value, finding.path)) if finding.witness else []
        plain = [_text(value) for value in values if not isinstance(value, dict | list)]
        if finding.rule == "enum" and plain and _is_stopping(finding):
            return any(_text(value) in plain for value in moved)
        return bool(moved)
    if finding.rule in OF_MEMBERS and finding.path:
        sides = [(_requires(node, finding.path[-1]), _values(finding, node)) for node in (old, new)]
        return sides[0] != sides[1] or (finding.rule not in ("required", "field-removed") and _text(old) != _text(new))
    if _is_undeclared(finding):
        one, two = (_others(node, finding.path[-1]) for node in (old, new))
        return one != two
    return _text(old) != _text(new)


def _is_undeclared(finding: Finding) -> bool:
    """Whether it is about a field that one of the schemas does not declare."""
    return finding.rule == "additionalProperties" and bool(finding.path)


def _others(node: Any, name: str) -> tuple[bool, str]:
    """Whether an object declares a field, and what it says of the fields that it does not."""
    if not isinstance(node, dict):
        return False, ""
    return name in (node.get("properties") or {}), _text(node.get("additionalProperties"))


def _requires(node: Any, name: str) -> bool:
    return isinstance(node, dict) and name in (node.get("required") or ())


def _is_narrower(finding: Finding) -> bool:
    return (finding.direction is Direction.REQUEST) is not finding.loosened


def _is_stopping(finding: Finding) -> bool:
    return finding.witness is not None and finding.witness.value is not ABSENT


def _describe_union(finding: Finding, old: _Side, new: _Side) -> bool:
    """A value of an alternative that came or went is compared with the nearest other one: tell the alternative."""
    value = finding.witness.value if finding.witness else ABSENT
    if value is ABSENT:
        return False
    gone = _is_narrower(finding)
    for length in range(len(finding.path), -1, -1):
        path = finding.path[:length]
        held = list(_values_at(value, path))
        news = {at.way: at for at in reversed(new.at(finding.place, path))}
        for one in old.at(finding.place, path):
            if one.way not in news:
                continue
            names = [{_alternative(each): each for each in _alternatives(at.node)} for at in (one, news[one.way])]
            mine, other = names if gone else names[::-1]
            moved = [name for name in mine if name not in other]
            side = old if gone else new
            named = tuple(name for name in moved if any(side.is_of(each, mine[name]) for each in held))
            chosen = named or tuple(moved if len(moved) <= _FEW else ())
            if chosen:
                finding.schema, finding.within, finding.edited = one.schema, one.within, path
                finding.came, finding.went = ((), chosen) if gone else (chosen, ())
                return True
    return False


def _alternatives(node: Any) -> list[Any]:
    """The alternatives of a union."""
    return [one for key in _UNIONS for one in node.get(key) or ()] if isinstance(node, dict) else []


def _values_at(value: Any, path: Path) -> Iterator[Any]:
    """The values at a path within a value."""
    if not path:
        yield value
    elif isinstance(value, list) and path[0] == "[]":
        for one in value:
            yield from _values_at(one, path[1:])
    elif isinstance(value, dict):
        named = [value[path[0]]] if path[0] in value else value.values() if path[0] == "*" else ()
        for one in named:
            yield from _values_at(one, path[1:])


def _changed(finding: Finding, old: Any, new: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    one, two = (_values(finding, node) for node in (old, new))
    known = {_text(value) for value in one}, {_text(value) for value in two}
    return (
        tuple(value for value in two if _text(value) not in known[0]),
        tuple(value for value in one if _text(value) not in known[1]),
    )


def _values(finding: Finding, node: Any) -> list[Any]:
    """What a rule is about in one node: values, types, names of alternatives, or the field itself."""
    if not isinstance(node, dict):
        return []
    if finding.rule in OF_MEMBERS:
        name = finding.path[-1] if finding.path else ""
        return [name] if name in (node.get("properties") or {}) else []
    if finding.rule == "enum":
        listed = node.get("enum")
        return [*listed] if isinstance(listed, list) else [node["const"]] if "const" in node else []
    if finding.rule in (*_UNIONS, "alternative"):
        return [_alternative(one) for one in _alternatives(node)]
    return _types(node) if finding.rule == "type" else []


def _types(node: dict[str, Any]) -> list[str]:
    given = node.get("type")
    listed = [given] if isinstance(given, str) else [*given] if isinstance(given, list) else []
    return [*listed, "null"] if listed and node.get("nullable") is True and "null" not in listed else listed


def _alternative(node: Any) -> str:
    """An alternative by the name of its schema, its title, or what it is."""
    if not isinstance(node, dict):
        return str(node)
    if isinstance(node.get("$ref"), str):
        return str(node["$ref"].rpartition("/")[2])
    return str(node.get("title") or node.get("type") or json.dumps(node)[:40])


def _text(node: Any) -> str:
    return json.dumps(node, sort_keys=True, default=str)


class _Side:
    """One document, in which places are found by the references as they are written."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[tuple[Place, Path, bool], list[_At]] = {}

    def ways(self, finding: Finding) -> list[_At]:
        """Each node that the place and the path of a finding may mean."""
        undeclared = _is_undeclared(finding)
        if finding.rule not in OF_MEMBERS and not undeclared:
            return self.at(finding.place, finding.path)
        key = (finding.place, finding.path, True)
        if key not in self._known:
            roots, name = self.at(finding.place, finding.path[:-1]), finding.path[-1:]
            found = [] if undeclared else self._holders(roots, name)[:_MOST]
            self._known[key] = found or [replace(at, within=(*at.within, *name)) for at in roots]
        return self._known[key]

    def at(self, place: Place, path: Path) -> list[_At]:
        """Each node that a path of a place may mean."""
        key = (place, path, False)
        if key not in self._known:
            roots = [self._follow(_At(node, schema)) for schema, node in self._roots(place)]
            self._known[key] = self._down(roots, path)[:_MOST]
        return self._known[key]

    def is_of(self, value: Any, alternative: Any) -> bool:
        """Whether an alternative lists the value of a field; or, listing none, has just the fields of the value."""
        node = self._follow(_At(alternative)).node
        properties = node.get("properties") if isinstance(node, dict) and isinstance(value, dict) else None
        if not properties:
            return False
        for name, raw in properties.items():
            inner = self._follow(_At(raw)).node
            listed = (
                inner.get("enum", [inner["const"]] if "const" in inner else None) if isinstance(inner, dict) else None
            )
            if isinstance(listed, list) and name in value:
                return value[name] in listed
        return {*value} <= {*properties} and {*(node.get("required") or ())} <= {*value} != set()

    @cached_property
    def _operations(self) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        """The raw path item and operation of each METHOD and path."""
        found = {}
        for section in ("paths", "webhooks"):
            for operation in self._document.operations(section):
                item = self._document.resolve((self._document.data.get(section) or {}).get(operation.path))
                raw = item.get(operation.method) or (item.get("additionalOperations") or {}).get(operation.method)
                found[operation.name] = (item, raw if isinstance(raw, dict) else {})
        return found

    def _roots(self, place: Place) -> Iterator[tuple[str, Any]]:
        """The schemas of a part, each with the name of the component that the part is."""
        item, operation = self._operations.get(place.operation, ({}, {}))
        if place.part is Part.PARAMETER:
            for raw in [*(operation.get("parameters") or ()), *(item.get("parameters") or ())]:
                at = self._follow(_At(raw))
                if (at.node.get("name"), at.node.get("in")) == (place.name, place.location):
                    yield from self._contents(at, "")
            return
        if place.part is Part.BODY:
            yield from self._contents(self._follow(_At(operation.get("requestBody"))), place.media_type)
            return
        answer = self._follow(_At((operation.get("responses") or {}).get(place.status)))
        if place.part is Part.RESPONSE:
            yield from self._contents(answer, place.media_type)
        else:
            for name, raw in (answer.node.get("headers") or {}).items():
                if name.lower() == place.name.lower():
                    yield from self._contents(self._follow(_At(raw, answer.schema)), "")

    @staticmethod
    def _contents(at: _At, media_type: str) -> Iterator[tuple[str, Any]]:
        if "schema" in at.node:
            yield at.schema, at.node["schema"]
        for name, entry in (at.node.get("content") or {}).items():
            if isinstance(entry, dict) and media_type in ("", name, bare(name)):
                yield from ((at.schema, entry[key]) for key in ("schema", "itemSchema") if key in entry)

    def _follow(self, at: _At) -> _At:
        """The node at the end of its references, with the name of the last; keys beside a reference are left out."""
        for _ in range(20):
            node = at.node
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return at if isinstance(node, dict | bool) else _At({}, at.schema, at.within)
            try:
                at = _At(self._document.target(node), node["$ref"].rpartition("/")[2], ())
            except DocumentError:
                break
        return _At({}, at.schema, at.within)

    def _down(self, roots: Iterable[_At], path: Path) -> list[_At]:
        """Every node at the end of a path, through `allOf`, `anyOf` and `oneOf`."""
        found = self._inside(roots)
        for step in path:
            inner = (self._follow(one) for at in found if isinstance(at.node, dict) for one in self._steps(at, step))
            found = self._inside(inner)
        return found

    def _holders(self, roots: Iterable[_At], name: Path) -> list[_At]:
        """Every part of the nodes that declares or requires a field."""
        held = [at for at in self._inside(roots) if isinstance(at.node, dict)]
        keys = [(at, {*(at.node.get("properties") or ()), *(at.node.get("required") or ())}) for at in held]
        return [replace(at, within=(*at.within, *name)) for at, declared in keys if {*name} & declared]

    def _inside(self, roots: Iterable[_At]) -> list[_At]:
        """The nodes and all their parts, each way to a node once: alternatives may lead back to each other."""
        found: dict[tuple[int, str, Path], _At] = {}

        def add(at: _At, depth: int) -> None:
            key = (id(at.node), *at.way)
            if key not in found:
                found[key] = at
                for part in self._parts(at) if depth < _DEEPEST else ():
                    add(part, depth + 1)

        for root in roots:
            add(root, 0)
        return [*found.values()]

    def _parts(self, at: _At) -> Iterator[_At]:
        node = at.node if isinstance(at.node, dict) else {}
        for keyword in _INSIDE:
            listed = node.get(keyword)
            yield from (self._follow(replace(at, node=one)) for one in (listed if isinstance(listed, list) else ()))

    @staticmethod
    def _steps(at: _At, step: str) -> Iterator[_At]:
        properties, node = at.node.get("properties") or {}, at.node
        if isinstance(properties, dict) and step in properties:
            yield _At(properties[step], at.schema, (*at.within, step))
        elif step == "[]":
            listed = node.get("prefixItems")
            inner = [node.get("items"), *(listed if isinstance(listed, list) else ()), node.get("contains")]
            yield from (_At(one, at.schema, (*at.within, step)) for one in inner if isinstance(one, dict))
        elif step == "*":
            patterns = node.get("patternProperties")
            inner = [node.get("additionalProperties"), *(patterns.values() if isinstance(patterns, dict) else ())]
            yield from (_At(one, at.schema, (*at.within, step)) for one in inner if isinstance(one, dict))
        elif step == "(name)" and isinstance(node.get("propertyNames"), dict):
            yield _At(node["propertyNames"], at.schema, (*at.within, step))
