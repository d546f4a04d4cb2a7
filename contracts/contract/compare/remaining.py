"""Every difference between two documents that no other comparison reported.

Both documents are walked in step, by the grammar, with references followed. Each key that differs is reported, so that
two documents are called the same only if they are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from contract.compare.change import Pair, place_of
from contract.compare.report import Report
from contract.findings.difference import ABSENT
from contract.findings.finding import Finding, Touch, Verdict
from contract.openapi.document import Document, Operation, calls
from contract.openapi.grammar import WORDS, lead
from contract.openapi.parameters import written_key
from contract.openapi.place import ANYWHERE, Part, Path, Place
from contract.openapi.values import equal

Node = tuple[int, int, str]
# Keys about time, with the rule under which the comparison reports them.
_LIFE = {"deprecated": "deprecated", "x-sunset": "sunset", "x-stability-level": "stability"}
# Differences in these keys are compatible, and more than words.
_DEFAULTS = frozenset({"default", "x-default"})
_TOLD = _DEFAULTS | {"deprecated", "x-sunset", "x-extensible-enum", "x-minor-digits", "x-stability-level"}
# Objects whose map may be left out when there is none of them: each one that comes or goes is told by itself.
_OPTIONAL = frozenset({"header", "link"})
_WHOLE = Place(part=Part.DOCUMENT)
# More places than an operation has. What is beyond is reported with one of its places.
_MOST = 400


@dataclass(frozen=True)
class At:
    """Where a node is: the part of any operation, and the path to a field."""

    place: Place = ANYWHERE
    path: Path = ()


_TOP = At()


@dataclass
class Edit:
    """One key of one object that differs. It is reported in full when there is a finding for each of its `fields`."""

    kind: str
    key: str
    at: At
    values: Pair[Any]
    fields: frozenset[str] = frozenset({""})
    # Whether the key is a name in a map, and not a keyword.
    entry: bool = False


@dataclass
class _Steps:
    """The edits at each pair of nodes, and the pairs below it."""

    edits: dict[Node, list[Edit]] = field(default_factory=dict)
    # Each pair with the key and the entry that lead to it.
    below: dict[Node, list[tuple[Node, str, str]]] = field(default_factory=dict)
    # The nodes are kept, so that no other object gets their ids.
    kept: list[Any] = field(default_factory=list)


def differences(report: Report, pairs: list[Pair[Operation]], backwards: list[Finding]) -> list[Finding]:
    """The differences that the report's findings do not cover. `backwards`: the findings of the way back."""
    old, new = report.old.data, report.new.data
    if equal(old, new) and not report.old.parted and not report.new.parted:
        return []
    walk = _Walk(report)
    groups: dict[int, tuple[Edit, list[Touch]]] = {}
    for pair in pairs:
        place = place_of(pair.old)
        for edit, at in walk.operation(pair.old, pair.new):
            for touch in _touches(edit, at, place):
                groups.setdefault(id(edit), (edit, []))[1].append(touch)
    spoken, easier = _Spoken(walk, report.findings), _Spoken(walk, backwards)
    told = [_finding(edit, touches, easier.of(edit)) for edit, touches in groups.values() if not spoken.of(edit)]
    told += [
        _elsewhere(edit, rest, easier.of(edit))
        for edit, touches in groups.values()
        if spoken.of(edit) and (rest := spoken.rest(edit, [*touches], easier))
    ]
    told += [_whole(edit) for edit in walk.document()]
    if not told and not report.findings and not backwards and not equal(old, new):
        told.append(_whole(Edit("document", "", At(_WHOLE), Pair(ABSENT, ABSENT))))
    return _joined(told)


class _Walk:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._steps = _Steps()
        self._roots: dict[str, list[Node]] = {}

    def operation(self, before: Operation, after: Operation) -> Iterator[tuple[Edit, At]]:
        """Every edit below an operation, whichever operation met it first, with each place that it has there."""
        roots = []
        if before.path != after.path:
            yield Edit("item", "path", _TOP, Pair(before.path, after.path), entry=True), _TOP
        item = {key: value for key, value in before.item.items() if lead("item", key) is None or key == "parameters"}
        other = {key: value for key, value in after.item.items() if lead("item", key) is None or key == "parameters"}
        for kind, one, two in (("item", item, other), ("operation", before.data, after.data)):
            self._pair(kind, one, two, _TOP)
            roots.append((id(one), id(two), kind))
        self._call(before, after, roots)
        seen: set[tuple[Node, At]] = set()
        known: set[Node] = set()
        # Each node with those above it: a schema that contains itself is entered once.
        stack: list[tuple[Node, At, frozenset[Node]]] = [(node, _TOP, frozenset()) for node in roots[::-1]]
        while stack:
            node, at, above = stack.pop()
            if node in above or (node, at) in seen or (node in known and len(seen) > _MOST):
                continue
            seen.add((node, at))
            known.add(node)
            yield from ((edit, at) for edit in self._steps.edits.get(node, ()))
            for inner, key, entry in self._steps.below.get(node, ()):
                stack.append((inner, _further(node[2], key, entry, at) if key else at, above | {node}))

    def _call(self, before: Operation, after: Operation, roots: list[Node]) -> None:
        """Remember where an operation begins, and those that it calls back."""
        for name in {before.name, after.name}:
            self._roots.setdefault(name, []).extend(roots)
        one, two = (dict(calls(each)) for each in (before, after))
        for key in one.keys() & two.keys():
            self._call(one[key], two[key], [(id(one[key].data), id(two[key].data), "operation")])

    def at(self, finding: Finding) -> Iterator[tuple[Edit, str]]:
        """The edits that a finding may cover, each with the field that it names."""
        seen: set[tuple[Node, At]] = set()
        stack = [(node, _TOP) for name in finding.operations[:1] for node in self._roots.get(name, ())]
        while stack:
            node, at = step = stack.pop()
            if step in seen:
                continue
            seen.add(step)
            if node[2] != "schema" or finding.place.within(at.place):
                for edit in self._steps.edits.get(node, ()):
                    yield from _meant(edit, finding, at)
                for inner, key, entry in self._steps.below.get(node, ()):
                    further = _further(node[2], key, entry, at) if key else at
                    if finding.path[: len(further.path)] == further.path:
                        stack.append((inner, further))

    def document(self) -> Iterator[Edit]:
        """The edits outside of operations: title, tags, servers, components that are not used."""
        old, new = self._report.old.data, self._report.new.data
        for key in _keys(old, new):
            one, two = old.get(key, ABSENT), new.get(key, ABSENT)
            if key in ("paths", "webhooks"):
                yield from self._paths(key, one, two)
            elif key == "components" and isinstance(one, dict) and isinstance(two, dict):
                yield from self._components(one, two)
            elif key == "info" and isinstance(one, dict) and isinstance(two, dict):
                yield from (_edit("info", inner, "", one, two) for inner in _keys(one, two) if _differ(inner, one, two))
            elif _differ(key, old, new):
                yield _edit("document", key, "", old, new)
        one, two = self._report.old.beside, self._report.new.beside
        for place in _keys(one, two):
            before, after = one.get(place, {}), two.get(place, {})
            keys = (key for key in _keys(before, after) if not _described(key) and _differ(key, before, after))
            yield from (_edit("beside", key, f"{place}, beside its $ref", before, after) for key in keys)

    def _paths(self, section: str, one: Any, two: Any) -> Iterator[Edit]:
        old, new = (value if isinstance(value, dict) else {} for value in (one, two))
        for key in _keys(old, new):
            if key.startswith("x-") and section == "paths" and _differ(key, old, new):
                yield _edit("document", key, section, old, new)

    def _components(self, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Edit]:
        for section in _keys(old, new):
            one, two = old.get(section), new.get(section)
            if not isinstance(one, dict) or not isinstance(two, dict):
                if _differ(section, old, new):
                    yield _edit("components", section, "", old, new)
                continue
            for name in _keys(one, two):
                both = name in one and name in two
                if _differ(name, one, two) and not (both and self._met(one[name], two[name])):
                    yield _edit("components", name, f"components.{section}", one, two)

    def _met(self, one: Any, two: Any) -> bool:
        return any(
            (id(one), id(two), kind) in self._steps.below for kind in ("schema", "parameter", "response", "body")
        )

    def _pair(self, kind: str, one: Any, two: Any, at: At) -> None:
        key = (id(one), id(two), kind)
        if key in self._steps.below:
            return
        self._steps.below[key], self._steps.edits[key] = [], []
        self._steps.kept += [one, two]
        if kind == "schema":
            one, two = self._schema(key, one, two, at)
        if not isinstance(one, dict) or not isinstance(two, dict):
            if not equal(one, two):
                self._steps.edits[key].append(Edit(kind, "", at, Pair(one, two)))
            return
        for inner in _keys(one, two):
            if inner != "$ref" or kind != "schema":
                self._key(key, inner, Pair(one, two), at)

    def _schema(self, key: Node, one: Any, two: Any, at: At) -> tuple[Any, Any]:
        """Follow the references of two schemas; return the keywords beside them."""
        documents = (self._report.old, self._report.new)
        linked = [isinstance(node, dict) and isinstance(node.get("$ref"), str) for node in (one, two)]
        if not any(linked):
            return one, two
        inner = [_target(document, node) for document, node in zip(documents, (one, two), strict=True)]
        self._below(key, "schema", Pair(inner[0], inner[1]), ("", ""), at)
        beside = [
            {name: value for name, value in node.items() if name != "$ref"} if link and isinstance(node, dict) else {}
            for node, link in zip((one, two), linked, strict=True)
        ]
        self._steps.kept += beside
        return beside[0], beside[1]

    def _below(self, key: Node, kind: str, pair: Pair[Any], step: tuple[str, str], at: At) -> None:
        one, two = pair.old, pair.new
        if self._report.same.equal(one, two):
            return
        self._steps.below[key].append(((id(one), id(two), kind), *step))
        self._pair(kind, one, two, _further(key[2], *step, at) if step[0] else at)

    def _key(self, key: Node, name: str, pair: Pair[dict[str, Any]], at: At) -> None:
        one, two = (node.get(name, ABSENT) for node in (pair.old, pair.new))
        led = lead(key[2], name)
        if led and led.kind in _OPTIONAL and {} not in (one, two):
            one, two = ({} if value is ABSENT else value for value in (one, two))
        form = {"list": list, "map": dict}.get(led.form) if led else None
        walked = led is not None and led.kind not in ("requirement", "server", "text")
        if led is None or not walked or one is ABSENT or two is ABSENT:
            self._leaf(key, name, Pair(one, two), at)
        elif form is None:
            self._below(key, led.kind, Pair(one, two), (name, ""), at)
        elif not isinstance(one, form) or not isinstance(two, form):
            self._leaf(key, name, Pair(one, two), at)
        else:
            self._held(key, name, led.kind, Pair(one, two), at)

    def _held(self, key: Node, name: str, kind: str, pair: Pair[Any], at: At) -> None:
        """Pair the entries of maps and of parameter lists by name, and those of other lists by position."""
        one, two = (_entries(held, kind) for held in (pair.old, pair.new))
        for entry in _keys(one, two):
            if entry in one and entry in two:
                self._below(key, kind, Pair(one[entry][1], two[entry][1]), (name, entry), at)
                continue
            values = Pair(*(held[entry][1] if entry in held else ABSENT for held in (one, two)))
            label = (one.get(entry) or two[entry])[0]
            here = at if kind == "schema" else replace(at, place=_further(key[2], name, entry, at).place)
            fields = frozenset({label if name == "properties" else ""})
            self._steps.edits[key].append(Edit(kind, label, here, values, fields, True))

    def _leaf(self, key: Node, name: str, pair: Pair[Any], at: At) -> None:
        if pair.old is ABSENT or pair.new is ABSENT or not equal(pair.old, pair.new):
            self._steps.edits[key].append(Edit(key[2], name, at, pair, _fields(name, pair)))


def _target(document: Document, node: Any) -> Any:
    for _ in range(30):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        node = document.target(node)
    return node


def _keys(*nodes: dict[str, Any]) -> Iterable[str]:
    return dict.fromkeys(key for node in nodes for key in node)


def _differ(key: str, one: dict[str, Any], two: dict[str, Any]) -> bool:
    return (key in one) != (key in two) or not equal(one.get(key), two.get(key))


def _edit(kind: str, key: str, where: str, one: dict[str, Any], two: dict[str, Any]) -> Edit:
    return Edit(kind, key, At(replace(_WHOLE, name=where)), Pair(one.get(key, ABSENT), two.get(key, ABSENT)))


def _entries(held: Any, kind: str) -> dict[str, tuple[str, Any]]:
    """Entries by the key that identifies them in both documents, each with its name for a person."""
    if isinstance(held, list):
        if kind != "parameter":
            return {str(index): (str(index), one) for index, one in enumerate(held)}
        return {_parameter_key(one): (str(one.get("name")), one) for one in held if isinstance(one, dict)}
    if kind == "header":
        return {name.lower(): (name, one) for name, one in held.items()}
    return {name: (name, one) for name, one in held.items()}


def _parameter_key(parameter: dict[str, Any]) -> str:
    return f"{parameter.get('in')} {written_key(parameter).name}"


def _further(kind: str, key: str, entry: str, at: At) -> At:
    """The place one step further, as the other comparisons name it."""
    if kind == "schema":
        return replace(at, path=(*at.path, *_step(key, entry)))
    place = at.place
    location, _, name = entry.partition(" ")
    steps = {
        "responses": Place(part=Part.RESPONSE, status=entry),
        "parameters": Place(part=Part.PARAMETER, name=name, location=location),
        "requestBody": Place(part=Part.BODY),
        "headers": Place(part=Part.HEADER, name=entry, status=place.status),
        "links": Place(part=Part.LINK, name=entry, status=place.status),
        "callbacks": Place(part=Part.CALLBACK, name=entry),
    }
    return replace(at, place=steps.get(key, place))


def _step(key: str, entry: str) -> Path:
    if key in ("properties", "patternProperties", "dependentSchemas"):
        return (entry,)
    if key in ("items", "prefixItems", "contains", "unevaluatedItems"):
        return ("[]",)
    return ("*",) if key == "additionalProperties" else ()


def _fields(key: str, pair: Pair[Any]) -> frozenset[str]:
    """The fields that only one of two `required` lists has; for any other key, the value itself."""
    both = (pair.old, pair.new)
    if key != "required" or not all(isinstance(one, list) for one in both if one is not ABSENT):
        return frozenset({""})
    one, two = ({str(name) for name in value} if value is not ABSENT else set() for value in both)
    return frozenset(one ^ two) or frozenset({""})


class _Spoken:
    """Which edits some findings cover."""

    def __init__(self, walk: _Walk, findings: list[Finding]) -> None:
        self._told: dict[int, set[str]] = {}
        self._places: dict[int, set[tuple[str, ...]]] = {}
        for finding in findings:
            for edit, name in walk.at(finding):
                self._told.setdefault(id(edit), set()).add(name)
                self._places.setdefault(id(edit), set()).update(map(_spot, finding.touches))
                wide = {_spot(touch)[:2] for touch in finding.touches if touch.deeper}
                self._places[id(edit)] |= wide

    def of(self, edit: Edit) -> bool:
        """Whether they cover an edit in full."""
        return edit.fields <= self._told.get(id(edit), set())

    def rest(self, edit: Edit, touches: list[Touch], other: _Spoken) -> list[Touch]:
        """The places of a schema's edit that these findings and the other ones do not name, if it is no entry."""
        named = self._places.get(id(edit), set()) | other._places.get(id(edit), set())
        plain = edit.kind == "schema" and not edit.entry and edit.key != "required"
        return [touch for touch in touches if plain and not {_spot(touch), _spot(touch)[:2]} & named]


def _spot(touch: Touch) -> tuple[str, ...]:
    return touch.operation_id, touch.place.whole().where, touch.field


def _meant(edit: Edit, finding: Finding, at: At) -> Iterator[tuple[Edit, str]]:
    """The edit, with each field that the finding names, if the finding covers this key."""
    if _apart(edit):
        return
    if edit.kind != "schema":
        own = edit.entry and (edit.key == finding.subject or finding.place.matches(_own(edit, at.place)))
        if own or (not edit.entry and finding.place.matches(at.place) and _speaks(finding.rule, edit)):
            yield edit, ""
    elif _speaks(finding.rule, edit):
        for name in edit.fields:
            if finding.path == ((*at.path, name) if name else at.path):
                yield edit, name


def _own(edit: Edit, place: Place) -> Place:
    """The place of a part that came or went, in the operation at hand."""
    return replace(edit.at.place, status=place.status) if edit.kind in ("header", "link") else edit.at.place


def _apart(edit: Edit) -> bool:
    """Words and defaults are always reported by themselves."""
    return _wordy(edit) or (edit.key in _DEFAULTS and not edit.entry)


def _wordy(edit: Edit) -> bool:
    own = edit.key in WORDS.get(edit.kind, ()) and not edit.entry
    return own or (edit.key.startswith("x-") and edit.key not in _TOLD)


def _speaks(rule: str, edit: Edit) -> bool:
    """Whether findings of this rule cover this key."""
    if edit.key in _LIFE and not edit.entry:
        return rule == _LIFE[edit.key]
    if rule in _LIFE.values():
        return False
    if edit.entry or not edit.key or lead(edit.kind, edit.key):
        return True
    return _RULES.get(edit.key, edit.key) in (rule, *rule.split("-")) or rule in _OTHERS.get(edit.key, ())


# Keys that the comparison reports under the name of another key.
_RULES = {
    "const": "enum", "nullable": "type", "exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum",
    "explode": "style", "tags": "tag", "operationId": "operation-id",
}  # fmt: skip
_OTHERS = {
    "required": {"field-added", "field-removed", "parameter-optional", "header-optional", "body-optional"},
    "exclusiveMinimum": {"exclusiveMinimum"}, "exclusiveMaximum": {"exclusiveMaximum"}, "const": {"const", "type"},
    "minimum": {"exclusiveMinimum"}, "maximum": {"exclusiveMaximum"}, "enum": {"type"},
    **{key: {"link-changed"} for key in ("operationId", "operationRef", "parameters", "requestBody")},
}  # fmt: skip


def _touches(edit: Edit, at: At, operation: Place) -> Iterator[Touch]:
    """The places of an edit in one operation; `at` is the node that it is in."""
    own = _own(edit, at.place) if edit.entry and edit.kind != "media" else at.place
    place = replace(own, operation=operation.operation, operation_id=operation.operation_id)
    for name in sorted(edit.fields):
        path = at.path if edit.kind == "schema" else ()
        yield Touch(place, (*path, name) if name else path)


def _finding(edit: Edit, touches: list[Touch], easier: bool) -> Finding:
    """An edit as a finding. `easier`: it breaks on the way back."""
    kept = edit.key in _TOLD and not edit.entry
    verdict = Verdict.COMPATIBLE if kept or (easier and not _wordy(edit)) else Verdict.WORDS
    first, own = touches[0].place, edit.at.place
    return Finding(
        verdict=verdict,
        rule=edit.key if kept else "words",
        place=replace(own, operation=first.operation, operation_id=first.operation_id),
        path=edit.at.path,
        keyword=edit.key,
        holder="" if edit.entry else edit.kind,
        before=edit.values.old,
        after=edit.values.new,
        operations=list(dict.fromkeys(touch.place.operation for touch in touches)),
        touches=list(dict.fromkeys(touches)),
    )


def _elsewhere(edit: Edit, touches: list[Touch], easier: bool) -> Finding:
    """An edit that is told for some of its places, as a finding for the others: there it changes nothing."""
    return replace(_finding(edit, touches, easier), place=touches[0].place, path=touches[0].path)


def _described(key: str) -> bool:
    """Words that have an effect beside a reference, so that they are reported with their operation."""
    return key in ("summary", "description")


def _whole(edit: Edit) -> Finding:
    is_version = edit.kind == "info" and edit.key == "version"
    return Finding(
        verdict=Verdict.WORDS,
        rule="version" if is_version else "words",
        place=edit.at.place,
        keyword=edit.key,
        holder="" if edit.kind in ("components", "beside") else edit.kind,
        before=edit.values.old,
        after=edit.values.new,
    )


def _joined(findings: list[Finding]) -> list[Finding]:
    """Join the same edit of several operations, and edits of one key at several fields."""
    same: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        place, values = replace(finding.place, operation="", operation_id=""), (finding.before, finding.after)
        key = (repr(place), repr(finding.path), finding.rule, finding.keyword, finding.holder, repr(values))
        known = same.setdefault(key, finding)
        if known is not finding:
            known.operations = list(dict.fromkeys([*known.operations, *finding.operations]))
            known.touches = list(dict.fromkeys([*known.touches, *finding.touches]))
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for number, finding in enumerate(same.values()):
        alone = finding.verdict is not Verdict.WORDS or not finding.path or not finding.keyword
        name = str(number) if alone else finding.keyword
        groups.setdefault((finding.place.where, name, *finding.operations), []).append(finding)
    return [_as_one(group) for group in groups.values()]


def _as_one(group: list[Finding]) -> Finding:
    first, *rest = group
    first.also = [finding.path for finding in rest]
    first.touches = list(dict.fromkeys([*first.touches, *(touch for finding in rest for touch in finding.touches)]))
    return first
