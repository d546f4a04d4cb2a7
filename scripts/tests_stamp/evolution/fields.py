"""New fields: of every type, in requests, in answers and in both."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import cycle, product
from typing import Any

from evolution.changes import Change, Json, schemas

UUID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
NOVELTY = {"$ref": "#/components/schemas/Novelty"}
SHAPE = {"left": 1, "note": "Left."}


def text(value: str, **more: Any) -> Json:
    return {"type": "string", "maxLength": 60, "examples": [value], **more}


def listed(items: Json, example: Any) -> Json:
    return {"type": "array", "items": items, "maxItems": 9, "examples": [example]}


COUNT = {"type": "integer", "minimum": 0, "maximum": 1_000_000, "examples": [5]}
LEVEL = {"type": "string", "enum": ["low", "high"], "x-extensible-enum": True, "examples": ["low"]}
# Each type that a field may have, with an example.
TYPES: dict[str, Json] = {
    "string": text("Blue."),
    "long text": {"type": "string", "maxLength": 4000, "examples": ["One.\nTwo. " * 40]},
    "pattern": text("AB", pattern="^[A-Z]{2}$"),
    "uuid": text(UUID, format="uuid"),
    "date": text("2026-11-23", format="date"),
    "date-time": text("2026-11-23T08:30:00Z", format="date-time"),
    "time": text("08:30:00Z", format="time"),
    "duration": text("P3D", format="duration"),
    "email": text("a@example.com", format="email"),
    "uri": text("https://example.com/a?b=1&c=2", format="uri"),
    "bytes": text("QUJD", contentEncoding="base64"),
    "integer": COUNT,
    "large integer": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1, "examples": [2**53 - 1]},
    "number": {"type": "number", "minimum": 0, "maximum": 9, "examples": [0.125]},
    "decimal": text("0.50", pattern=r"^\d+(\.\d+)?$"),
    "boolean": {"type": "boolean", "examples": [True]},
    "enum": LEVEL,
    "enum of integers": {"type": "integer", "enum": [1, 2], "x-extensible-enum": True, "examples": [2]},
    "closed enum": {"type": "string", "enum": ["low", "high"], "examples": ["high"]},
    "const": {"type": "string", "const": "fixed", "examples": ["fixed"]},
    "array of strings": listed(text("Blue."), ["a", "b, c"]),
    "array of enum": listed(LEVEL, ["low"]),
    "array of integers": listed(COUNT, [1, 2]),
    "array of dates": listed(text("2026-11-23", format="date"), ["2026-11-23"]),
    "array of objects": listed(NOVELTY, [SHAPE]),
    "array of arrays": listed(listed(COUNT, [1]), [[1], [2, 3]]),
    "object": {**NOVELTY, "examples": [SHAPE]},
    "object in an object": {"$ref": "#/components/schemas/Outer", "examples": [{"inner": SHAPE}]},
    "money": {"$ref": "#/components/schemas/Money", "examples": [{"amount_minor": 5, "currency": "EUR"}]},
    "map": {"type": "object", "additionalProperties": COUNT, "maxProperties": 9, "examples": [{"a": 1}]},
    "oneOf": {"oneOf": [NOVELTY, {"$ref": "#/components/schemas/Other"}], "examples": [{"right": 1}]},
    "number or text": {"anyOf": [{"type": "number"}, text("1")], "examples": ["1.5"]},
    "anything": {"examples": [{"a": [1, None]}]},
}
SENT = {
    "products": ("ProductCreate", "ProductUpdate", "ProductUpsert"),
    "categories": ("CategoryCreate", "CategoryUpdate"),
    "stock movements": ("StockMovementCreate",),
}
ANSWERED = {"products": "Product", "categories": "Category", "stock movements": "StockMovement"}
# What is answered besides: pages, outcomes, figures, problems.
OTHER_ANSWERS = (
    "ProductPage", "CategoryPage", "StockMovementPage", "ProductOutcome", "ProductBatchResult", "Statistics",
    "StatusCount", "StockValue", "LowStock", "CategoryCount", "DayOfMovements", "Identity", "ProblemDetails",
    "FieldProblem", "Health",
)  # fmt: skip
OTHER_BODIES = ("ProductBatch", "ProductUpsert", "ProductStatusUpdate")


def needed(raw: Json) -> None:
    """Add the schemas that new fields refer to."""
    number = {**COUNT, "description": "A number."}
    for name, props in {
        "Novelty": {"left": number, "note": {**text("Left."), "description": "A note."}},
        "Other": {"right": number},
        "Outer": {"inner": {**NOVELTY, "description": "What is inside."}},
    }.items():
        schema = {"type": "object", "description": "New.", "properties": props, "required": [*props][:1]}
        schemas(raw).setdefault(name, schema)


def add(raw: Json, name: str, schema: Json, into: tuple[str, ...], required: bool) -> None:
    """Add a property to schemas."""
    needed(raw)
    for one in into:
        if one not in schemas(raw):
            continue
        schemas(raw)[one]["properties"][name] = deepcopy(schema)
        if required:
            schemas(raw)[one].setdefault("required", []).append(name)


def new_field(kind: str, where: str, place: str, *, required: bool, nullable: bool) -> Change:
    """A field of this type; ``required`` is about answers: no request may require more."""
    schema = {**TYPES[kind], "description": "Something new."}
    value = schema["examples"][0]
    if nullable:
        schema = {"anyOf": [TYPES[kind], {"type": "null"}], "description": "New, or none.", "examples": [value]}
    words = ["new", kind, "or none" * nullable, place if where == "other" else where]
    name = "_".join(filter(None, words)).replace(" ", "_").replace("-", "_").lower()
    sent = SENT.get(place, (place,)) if where in ("requests", "both") else ()
    answered = (ANSWERED.get(place, place),) if where in ("answers", "both", "other") else ()

    def apply(raw: Json) -> None:
        add(raw, name, schema, sent, required=False)
        add(raw, name, schema, answered, required)

    where = {"other": "answers", "both": "requests and answers"}.get(where, where)
    need = "required " if required else "optional "
    title = f"{need}{place}" + " or none" * nullable
    stops = place == "Money" and required  # Money is sent, too.
    return Change(f"new field in {where}: {kind}", title, apply, stored={place: {name: value}}, stops=stops)


def new_fields() -> Iterator[Change]:
    """Every type, wherever a field may be."""
    yield from of_resources()
    yield from of_other_answers()
    yield from of_other_bodies()


def of_resources() -> Iterator[Change]:
    for kind, nullable, place in product(TYPES, (False, True), SENT):
        yield new_field(kind, "requests", place, required=False, nullable=nullable)
        for required, where in product((False, True), ("answers", "both")):
            yield new_field(kind, where, place, required=required, nullable=nullable)


def of_other_answers() -> Iterator[Change]:
    """Four fields of some type for each of them, the types in turn."""
    kinds = cycle(TYPES)
    for place, required, nullable in product(OTHER_ANSWERS, (True, False), (False, True)):
        yield new_field(next(kinds), "other", place, required=required, nullable=nullable)


def of_other_bodies() -> Iterator[Change]:
    kinds = cycle(TYPES)
    for place, _ in product(OTHER_BODIES, range(len(TYPES) // len(OTHER_BODIES))):
        yield new_field(next(kinds), "requests", place, required=False, nullable=False)
    for kind, required in product(("integer", "string", "boolean", "enum", "object"), (False, True)):
        yield new_field(kind, "both", "Money", required=required, nullable=False)
