"""Releases that may follow the pinned one: each kind of change, wherever it can be made."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from contract.annotations import references
from contract.document import Document, Json
from contract.structs import request_schemas

UUID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
TEXT = {"type": "string", "maxLength": 14, "examples": ["12345678"]}
COUNT = {"type": "integer", "minimum": 0, "examples": [5]}
SHAPE = {"type": "object", "properties": {"left": COUNT, "note": TEXT}, "required": ["left"]}
OTHER = {"type": "object", "properties": {"right": COUNT}, "required": ["right"]}
NOVELTY = {"$ref": "#/components/schemas/Novelty"}

# What a field may be; `Novelty` is a schema that comes with it.
FIELDS: dict[str, Json] = {
    "string": TEXT,
    "pattern": {"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["AB"]},
    "long text": {"type": "string", "maxLength": 4000, "examples": ["Long."]},
    "enum": {"type": "string", "enum": ["low", "high"]},
    "enum of integers": {"type": "integer", "enum": [1, 2]},
    "const": {"const": "fixed"},
    "integer": COUNT,
    "number": {"type": "number", "examples": [0.5]},
    "decimal": {
        "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+(\.\d+)?$"}],
        "examples": ["0.5"],
    },
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date", "examples": ["2026-11-23"]},
    "date-time": {"type": "string", "format": "date-time", "examples": ["2026-11-23T08:30:00Z"]},
    "uuid": {"type": "string", "format": "uuid", "examples": [UUID]},
    "array of strings": {"type": "array", "items": TEXT},
    "array of one or more": {"type": "array", "items": TEXT, "minItems": 1, "examples": [["a"]]},
    "array of enum": {"type": "array", "items": {"type": "string", "enum": ["low", "high"]}},
    "array of integers": {"type": "array", "items": COUNT},
    "array of objects": {"type": "array", "items": SHAPE},
    "array of references": {"type": "array", "items": NOVELTY},
    "object": SHAPE,
    "object of another schema": NOVELTY,
    "money": {"$ref": "#/components/schemas/Money"},
    "map": {"type": "object", "additionalProperties": COUNT, "examples": [{"a": 1}]},
    "oneOf": {"oneOf": [SHAPE, OTHER], "examples": [{"left": 1}]},
    "anything": {"description": "Whatever there is."},
}
Change = Callable[[Json], None]
REFERENCE = "reference"  # A uuid whose name ends in _id.
FOR_PEOPLE = {"null": "nothing", "pattern": "form", "schema": "kind"}


@dataclass(frozen=True)
class Field:
    """A new field in every object that is sent, or answered, or both."""

    kind: str
    nullable: bool
    required: bool
    where: str  # request, response, both

    def __str__(self) -> str:
        null, need = " or null" * self.nullable, "required" if self.required else "optional"
        return f"{need} {self.kind}{null} in {self.where}"

    def apply(self, raw: Json) -> None:
        """Change a document."""
        schema = deepcopy(FIELDS["uuid" if self.kind == REFERENCE else self.kind])
        name = "new_" + str(self).replace(" ", "_").replace("-", "_").lower()
        for word, other in FOR_PEOPLE.items():  # a name becomes a label
            name = name.replace(word, other)
        name += "_id" * (self.kind == REFERENCE)
        if self.nullable:
            schema = {
                "anyOf": [schema, {"type": "null"}],
                "examples": schema.get("examples", [None]),
            }
        raw["components"]["schemas"].setdefault("Novelty", deepcopy(SHAPE))
        # Only what makes something may require more: a PATCH requires nothing.
        posts = [item["post"]["requestBody"] for item in raw["paths"].values() if "post" in item]
        posted = set(references(posts))
        for title, target in objects(raw, self.where).items():
            if title in references(schema):
                continue  # No value of a schema has itself as a required part.
            target["properties"][name] = deepcopy(schema)
            if self.required and (self.where == "response" or title in posted):
                target.setdefault("required", []).append(name)


def objects(raw: Json, where: str) -> dict[str, Json]:
    """Return the object schemas that are sent, or answered, or both."""
    document = Document(raw)
    sent = request_schemas(document)
    answers = [op.spec["responses"] for op in document.operations.values()]
    answered, todo = set[str](), [answers]
    while todo:
        for name in set(references(todo.pop())) - answered:
            answered.add(name)
            todo.append([document.schemas[name]])
    # What is sent and answered alike gets an optional field only, or what is sent would break.
    names = {"request": sent - answered, "response": answered - sent, "both": sent | answered}
    return {
        name: schema
        for name, schema in document.schemas.items()
        if name in names[where] and "properties" in schema and name != "Novelty"
    }


def operation(raw: Json) -> None:
    """Add a resource with all of its operations."""
    schemas = raw["components"]["schemas"]
    names = {"id": FIELDS["uuid"], "name": TEXT, "version": COUNT, "left": COUNT}
    schemas["Novelty"] = {"type": "object", "properties": names, "required": list(names)}
    schemas["NoveltyCreate"] = SHAPE
    answer = {"description": "One.", "content": {"application/json": {"schema": NOVELTY}}}
    body = {"required": True, "content": {"application/json": {"schema": SHAPE}}}
    need = [{"bearer": ["novelties:read"]}]
    raw["paths"]["/v1/novelties"] = {
        "get": {"operationId": "list_novelties", "responses": {"200": answer}, "security": need},
        "post": {
            "operationId": "create_novelty",
            "requestBody": body,
            "responses": {"201": answer},
            "security": [{"bearer": ["novelties:write"]}],
        },
    }
    raw["paths"]["/v1/novelties/{novelty_id}"] = {
        "parameters": [
            {"name": "novelty_id", "in": "path", "required": True, "schema": FIELDS["uuid"]}
        ],
        "get": {"operationId": "read_novelty", "responses": {"200": answer}, "security": need},
        "delete": {"operationId": "delete_novelty", "responses": {"204": {"description": "Gone."}}},
    }


def every(raw: Json) -> Iterator[Json]:
    """Yield the description of each operation."""
    for item in raw["paths"].values():
        yield from (
            item[method] for method in ("get", "post", "put", "patch", "delete") if method in item
        )


def parameter(place: str, name: str, schema: Json) -> Change:
    """Return what adds an optional parameter to every operation."""

    def apply(raw: Json) -> None:
        for spec in every(raw):
            spec.setdefault("parameters", []).append(
                {"name": name, "in": place, "required": False, "schema": schema}
            )

    return apply


def response_header(raw: Json) -> None:
    """Add a header to every answer."""
    for spec in every(raw):
        for answer in spec["responses"].values():
            if "$ref" not in answer:
                answer.setdefault("headers", {})["New-Header"] = {"schema": TEXT}


def response_status(raw: Json) -> None:
    """Add an answer of a new status to every operation."""
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    for spec in every(raw):
        spec["responses"]["418"] = {"description": "A teapot.", "content": problem}


def enum_value(raw: Json) -> None:
    """Add a value to every enum of texts, wherever it stands."""
    for node in nodes(raw):
        if isinstance(node.get("enum"), list) and isinstance(node["enum"][0], str):
            node["enum"].append("brand_new")
            if "x-minor-digits" in node:
                node["enum"][-1] = "BHD"
                node["x-minor-digits"]["BHD"] = 3


def longer(raw: Json) -> None:
    """Let every text be longer, and every list and number larger."""
    for node in nodes(raw):
        for limit in ("maxLength", "maximum", "maxItems"):
            if isinstance(node.get(limit), int):
                node[limit] *= 2


def deprecated(raw: Json) -> None:
    """Mark every operation, every parameter and every property as deprecated."""
    for spec in every(raw):
        spec["deprecated"] = True
        for one in spec.get("parameters", ()):
            one["deprecated"] = True
    for node in nodes(raw):
        for prop in node["properties"].values() if isinstance(node.get("properties"), dict) else ():
            if isinstance(prop, dict):
                prop["deprecated"] = True


def described(raw: Json) -> None:
    """Describe every property in other words, with signs that HTML and Python must escape."""
    for node in nodes(raw):
        for prop in node["properties"].values() if isinstance(node.get("properties"), dict) else ():
            if isinstance(prop, dict):
                prop["description"] = 'Other <words> & "quotes", \\ and """.'


def nodes(node: Any) -> Iterator[Json]:
    """Yield every object within."""
    if isinstance(node, dict):
        yield node
        for value in list(node.values()):
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def optional_bodies(raw: Json) -> None:
    """Let no operation need a body."""
    for spec in every(raw):
        if "$ref" not in spec.get("requestBody", {"$ref": ""}):
            spec["requestBody"]["required"] = False


OTHERS: dict[str, Change] = {
    "operations of a new resource": operation,
    "query parameter": parameter("query", "new", TEXT),
    "filter of an enum": parameter("query", "new-filter", FIELDS["enum"]),
    "query parameter of a Python word": parameter("query", "from", TEXT),
    "list of values to filter by": parameter("query", "body", FIELDS["array of strings"]),
    "header": parameter("header", "new", TEXT),
    "response header": response_header,
    "response status": response_status,
    "enum value": enum_value,
    "body that need not be sent": optional_bodies,
    "higher limits": longer,
    "deprecation": deprecated,
    "other descriptions": described,
}


def fields(raw: Json) -> list[Field]:
    """Return every new field that a release may bring."""
    types = [*FIELDS, REFERENCE]
    if "Money" not in raw["components"]["schemas"]:
        types.remove("money")
    return [
        Field(kind, nullable, required, where)
        for kind in types
        for nullable in (False, True)
        for required in (False, True)
        for where in ("request", "response", "both")
    ]


def changes(raw: Json) -> dict[str, Change]:
    """Return every change by its name."""
    return {str(field): field.apply for field in fields(raw)} | OTHERS


def kinds(raw: Json) -> dict[str, list[Change]]:
    """Return the changes by their kind: the fields of one type, and each other change."""
    found: dict[str, list[Change]] = {name: [change] for name, change in OTHERS.items()}
    for field in fields(raw):
        found.setdefault(field.kind, []).append(field.apply)
    return found


def kind_of(name: str) -> str:
    """Return the kind of a change by its name: the type of a new field, or the change itself."""
    if name in OTHERS:
        return name
    return max((k for k in (*FIELDS, REFERENCE) if f" {k}" in name), key=len, default=name)
