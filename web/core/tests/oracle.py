"""Does a breaking edit of the contract break this UI, and does usage.json foretell it?

Every answer that an API may give after an edit is given to the real pages, and every request that
the real pages send is held to what an API accepts after an edit.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from contract.document import Document, Json, Operation
from contract.formats import PARSERS, is_of_format
from contract.usage import is_below

# What a tolerant reader does not look at.
LOOSE = frozenset({"maxLength", "maximum", "maxItems", "enum"})
# The rule of the contract that an answer with such a value no longer follows.
RULES = {
    "missing": "required",
    "null": "type",
    "other type": "type",
    "other format": "format",
    "unknown value": "enum",
}
NEW = "brand_new"


@dataclass
class Judgement:
    """What was foretold and what happened, edit by edit."""

    counts: Counter[tuple[bool, bool]]
    wrong: list[str]

    def __init__(self) -> None:
        self.counts, self.wrong = Counter(), []

    def add(self, what: str, *, foretold: bool, broke: bool) -> None:
        """Add one edit."""
        self.counts[foretold, broke] += 1
        if foretold != broke:
            self.wrong.append(f"{'false alarm' if foretold else 'missed'}: {what}")

    @property
    def recall(self) -> float:
        """Return how many of the breaks were foretold."""
        both, missed = self.counts[True, True], self.counts[False, True]
        return both / (both + missed) if both + missed else 1.0

    @property
    def precision(self) -> float:
        """Return how many of those that were foretold are breaks."""
        both, false = self.counts[True, True], self.counts[True, False]
        return both / (both + false) if both + false else 1.0

    def __str__(self) -> str:
        return f"recall {self.recall:.3f}, precision {self.precision:.3f}"


def concerns(field: str, used: str) -> bool:
    """Tell whether a field is one that is used, is around it, or is inside of it."""
    return not field or field == used or is_below(used, field) or is_below(field, used)


def reads(rule: str, path: str, use: Json, status: int) -> bool:
    """Tell whether a usage foretells that a change of an answer breaks its consumer."""
    field = re.sub(r"\[\d+\]", "[]", path)
    found = use.get("reads", {}).get(str(status), ())
    return rule not in LOOSE and any(concerns(field, one) for one in found)


@dataclass(frozen=True)
class Request:
    """What the UI sent."""

    operation: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Edit:
    """An API that accepts less: what is no longer right, and how to tell."""

    operation: str
    rule: str
    place: str  # query, header, body
    field: str
    accepts: Callable[[Request], bool]

    def __str__(self) -> str:
        return f"{self.operation}: {self.place} {self.field} {self.rule}"


def sends(edit: Edit, use: Json) -> bool:
    """Tell whether a usage foretells that a change of what is accepted breaks its consumer."""
    sent = {one.removesuffix("?"): not one.endswith("?") for one in use.get(edit.place, ())}
    if edit.rule == "required":
        above = edit.field.rpartition(".")[0].removesuffix("[]")
        around = not above or any(concerns(above, one) for one in sent)
        return around and not sent.get(edit.field, False)
    return any(concerns(edit.field, one) for one in sent)


def edits(operation: Operation, document: Document, sent: list[Request]) -> Iterator[Edit]:
    """Yield every edit by which an operation accepts less; limits fall below what was sent."""
    for parameter in operation.parameters:
        yield from of_parameter(operation.id, parameter)
    for place in ("query", "header"):
        yield Edit(operation.id, "required", place, NEW, lambda request: False)
    content = operation.spec.get("requestBody", {}).get("content", {})
    for media in content.values():
        whole = inline(document, media["schema"])
        bodies = [request.body for request in sent]
        for field, rule, schema in narrowed(whole, bodies, "", lambda node: node):
            validator = jsonschema_rs.validator_for(schema)

            def accepts(request: Request, validator: Any = validator) -> bool:
                return bool(validator.is_valid(request.body))

            yield Edit(operation.id, rule, "body", field, accepts)


def of_parameter(operation: str, parameter: Json) -> Iterator[Edit]:
    """Yield what may happen to a parameter: it goes, means something else, or has to be there."""
    name, place = parameter["name"].lower(), parameter["in"]
    if place not in ("query", "header"):
        return

    def given(request: Request) -> bool:
        return name in (request.query if place == "query" else request.headers)

    yield Edit(operation, "parameter-removed", place, name, lambda request: not given(request))
    yield Edit(operation, "type", place, name, lambda request: not given(request))
    if not parameter.get("required"):
        yield Edit(operation, "required", place, name, given)


def inline(document: Document, schema: Json, depth: int = 6) -> Json:
    """Return a schema without references."""
    schema = document.resolve(schema)
    found = dict(schema)
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema and depth:
            found[name] = [inline(document, option, depth - 1) for option in schema[name]]
    if "items" in schema and depth:
        found["items"] = inline(document, schema["items"], depth - 1)
    if "properties" in schema and depth:
        properties = schema["properties"].items()
        found["properties"] = {name: inline(document, prop, depth - 1) for name, prop in properties}
    return found


Narrowed = tuple[str, str, Json]


def narrowed(
    schema: Json, sent: list[Any], field: str, whole: Callable[[Json], Json]
) -> Iterator[Narrowed]:
    """Yield field, rule and the whole schema for each way in which a schema may accept less."""
    yield from of_value(schema, sent, field, whole)
    if "properties" in schema:
        yield from of_object(schema, sent, field, whole)
    if "items" in schema:
        items = [item for value in sent if isinstance(value, list) for item in value]
        yield from narrowed(
            schema["items"], items, f"{field}[]", lambda node: whole({**schema, "items": node})
        )


def of_value(
    schema: Json, sent: list[Any], field: str, whole: Callable[[Json], Json]
) -> Iterator[Narrowed]:
    """Yield another type, no null, an enum without a value that was sent, limits below it."""
    if field:
        other = "null" if schema.get("type") == "boolean" else "boolean"
        yield field, "type", whole({"type": other})
    nulls = [option for option in schema.get("anyOf", ()) if option.get("type") == "null"]
    if nulls:
        yield field, "null", whole({"anyOf": [o for o in schema["anyOf"] if o not in nulls]})
    if texts := [value for value in sent if isinstance(value, str) and value]:
        yield field, "enum", whole({"allOf": [schema, {"not": {"const": texts[0]}}]})
        yield field, "maxLength", whole({"allOf": [schema, {"maxLength": len(texts[0]) - 1}]})
        yield field, "pattern", whole({"allOf": [schema, {"pattern": "^$"}]})
    if numbers := [value for value in sent if type(value) is int]:
        yield field, "minimum", whole({"allOf": [schema, {"minimum": numbers[0] + 1}]})
        yield field, "maximum", whole({"allOf": [schema, {"maximum": numbers[0] - 1}]})
    if lists := [value for value in sent if isinstance(value, list) and value]:
        yield field, "maxItems", whole({"allOf": [schema, {"maxItems": len(lists[0]) - 1}]})


def of_object(
    schema: Json, sent: list[Any], field: str, whole: Callable[[Json], Json]
) -> Iterator[Narrowed]:
    """Yield each property gone, each one required, one more that is required, and all within."""
    properties, required = schema["properties"], schema.get("required", [])
    yield below(field, NEW), "required", whole({**schema, "required": [*required, NEW]})
    for name, prop in properties.items():
        without = {key: each for key, each in properties.items() if key != name}
        gone = {**schema, "properties": without, "additionalProperties": False}
        gone["required"] = [each for each in required if each != name]
        yield below(field, name), "removed", whole(gone)
        if name not in required:
            yield below(field, name), "required", whole({**schema, "required": [*required, name]})
        values = [value[name] for value in sent if isinstance(value, dict) and name in value]

        def put(node: Json, name: str = name) -> Json:
            return whole({**schema, "properties": {**properties, name: node}})

        yield from narrowed(prop, values, below(field, name), put)


def below(field: str, name: str) -> str:
    """Return the path of a field inside another."""
    return f"{field}.{name}" if field else name


def requests_of(api: Any) -> list[Request]:
    """Return what the stub API was sent."""
    return [
        Request(
            api._match(request).id,
            dict(request.url.params),
            {name.lower(): value for name, value in request.headers.items()},
            json.loads(request.content) if request.content else None,
        )
        for request in api.requests
    ]


def larger(body: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield path, rule and the body with each text, number and list beyond its limit."""
    for path, value, put in values(body, "", lambda value: value):
        if isinstance(value, str) and not any(is_of_format(kind, value) for kind in PARSERS):
            yield path, "maxLength", put(value + "x" * 5000)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield path, "maximum", put(10**12)
        elif isinstance(value, list) and value:
            yield path, "maxItems", put(value * 3)


def values(
    value: Any, path: str, whole: Callable[[Any], Any]
) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    """Yield each value of a body, its path, and what puts another in its place."""
    if path:
        yield path, value, lambda each: whole(deepcopy(each))
    if isinstance(value, dict):
        for name, inner in value.items():

            def put(each: Any, name: str = name) -> Any:
                return whole({**value, name: each})

            yield from values(inner, below(path, name), put)
    if isinstance(value, list) and value:
        yield from values(value[-1], f"{path}[]", lambda each: whole([*value[:-1], each]))
