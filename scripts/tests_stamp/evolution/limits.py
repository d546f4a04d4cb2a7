"""Values that a release allows more or promises more narrowly, wherever a schema says what is allowed."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from evolution.changes import Change, Edit, Json, operation, operations, parameter, schemas
from evolution.fields import ANSWERED, SENT

# Each pattern of a request, and one that also takes what it does not.
PATTERNS = {
    "^[^\\u0000]*$": r"^[\s\S]*$",
    "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$": "^[^\\u0000]*$",
    "^[a-z0-9]+(-[a-z0-9]+)*$": "^[a-z0-9_]+(-[a-z0-9_]+)*$",
    '^"?[A-Za-z0-9._:+/=-]+"?$': '^"?[A-Za-z0-9._:+/=~-]+"?$',
}
# A keyword with a value that allows more, and one that promises more narrowly.
LOOSER: dict[str, Any] = {
    "maxLength": lambda limit: limit * 2,
    "minLength": lambda limit: 0,
    "maximum": lambda limit: limit * 2,
    "minimum": lambda limit: limit - 5,
    "maxItems": lambda limit: limit * 2,
    "pattern": lambda pattern: PATTERNS[pattern],
}
EXAMPLES: Json = {
    "Money": {"amount_minor": 1999, "currency": "EUR"},
    "ProductStatus": "draft",
    "StockReason": "received",
}
# The house rules want these in requests.
BOUNDS = frozenset({"maxLength", "maximum", "minimum", "maxItems"})
TIGHTER: dict[str, Any] = {
    "maxLength": lambda limit: limit - 1,
    "maximum": lambda limit: limit - 1,
    "minimum": lambda limit: max(limit, 0),
    "maxItems": lambda limit: limit - 1,
}


def edited(of: str, name: str, edit: Edit) -> Edit:
    """An edit of one property."""

    def apply(raw: Json) -> None:
        edit(schemas(raw)[of]["properties"][name])

    return apply


def set_keyword(keyword: str, make: Any, node: Json) -> None:
    node[keyword] = make(node[keyword])


def drop(keyword: str, node: Json) -> None:
    del node[keyword]


def in_items(edit: Edit, node: Json) -> None:
    edit(node["items"])


def of_properties(raw: Json, names: tuple[str, ...]) -> Iterator[tuple[str, str, Json]]:
    for of in names:
        for name, node in schemas(raw).get(of, {}).get("properties", {}).items():
            yield of, name, node


def loosened(raw: Json) -> Iterator[Change]:
    """Every limit of a request, raised and dropped, and what else a request may say more."""
    sent = tuple(name for names in SENT.values() for name in names)
    for of, name, node in of_properties(raw, (*sent, "ProductBatch")):
        yield from with_wider_limits(of, name, node)
        for words, edit in more_allowed(node).items():
            yield Change(f"{words} in requests", f"{of}.{name}", edited(of, name, edit))
    for of in sent:
        for name in schemas(raw).get(of, {}).get("required", ()):
            yield Change("required becomes optional in requests", f"{of}.{name}", not_required(of, name))
        yield Change("unknown fields allowed in requests", of, opened(of))


def with_wider_limits(of: str, name: str, node: Json) -> Iterator[Change]:
    for keyword, make in LOOSER.items():
        if keyword in node:
            edit = partial(set_keyword, keyword, make)
            yield Change(f"wider {keyword} in requests", f"{of}.{name}", edited(of, name, edit))
            stops = keyword in BOUNDS
            edit = partial(drop, keyword)
            yield Change(f"no {keyword} in requests", f"{of}.{name}", edited(of, name, edit), stops=stops)
        if keyword in node.get("items", {}):
            edit = partial(in_items, partial(set_keyword, keyword, make))
            yield Change(f"wider {keyword} of items in requests", f"{of}.{name}", edited(of, name, edit))


def more_allowed(node: Json) -> dict[str, Edit]:
    """What else this property may be from now on."""
    digit = {"type": "integer", "minimum": 0, "maximum": 9}
    digits = {"type": "object", "additionalProperties": digit, "maxProperties": 9}
    is_text = node.get("type") == "string" and "enum" not in node
    edits: dict[str, tuple[bool, Edit]] = {
        "no default": ("x-default" in node, partial(drop, "x-default")),
        "another default": (node.get("x-default") == "", partial(update, {"x-default": "Other."})),
        "no exception": ("not" in node, partial(drop, "not")),
        "null allowed": (True, partial(wrap, {"type": "null"})),
        "another type allowed": (is_text, partial(wrap, digit)),
        "yes or no allowed": (is_text, partial(wrap, {"type": "boolean"})),
        "an object allowed": (is_text, partial(wrap, digits)),
        "number for integer": (node.get("type") == "integer", partial(update, {"type": "number"})),
        "no format": ("format" in str(node) and node.get("type") != "array", without_format),
    }
    return {words: edit for words, (fits, edit) in edits.items() if fits}


def update(changes: Json, node: Json) -> None:
    node.update(changes)


def wrap(other: Json, node: Json) -> None:
    """Make it this schema or another."""
    if "$ref" in node:
        node.setdefault("examples", [EXAMPLES[node["$ref"].rpartition("/")[2]]])
    elif other == {"type": "null"}:
        node.setdefault("examples", [None])
    kept = {key: node.pop(key) for key in list(node) if key not in ("description", "x-default", "examples")}
    node["anyOf"] = [*kept["anyOf"], other] if "anyOf" in kept else [kept, other]


def without_format(node: Json) -> None:
    for one in [node, *node.get("anyOf", ())]:
        if one.pop("format", None):
            one["maxLength"] = 36


def not_required(of: str, name: str) -> Edit:
    def apply(raw: Json) -> None:
        schemas(raw)[of]["required"].remove(name)

    return apply


def opened(of: str) -> Edit:
    def apply(raw: Json) -> None:
        schemas(raw)[of].pop("additionalProperties")

    return apply


def narrowed(raw: Json) -> Iterator[Change]:
    """Every limit of an answer, promised more narrowly."""
    answered = (*ANSWERED.values(), "ProductPage", "ProductOutcome", "Statistics", "ProblemDetails", "LowStock")
    for of, name, node in of_properties(raw, answered):
        for keyword, make in TIGHTER.items():
            if keyword in node:
                edit = partial(set_keyword, keyword, make)
                yield Change(f"narrower {keyword} in answers", f"{of}.{name}", edited(of, name, edit))
        if {"type": "null"} in node.get("anyOf", ()) and of != "ProductPage":  # The first page has none before it.
            yield Change("never null in answers", f"{of}.{name}", edited(of, name, never_null))
        if node.get("type") == "string" and not {"format", "pattern", "enum"} & node.keys():
            edit = partial(update, {"pattern": r"^[^\x07]*$"})
            yield Change("pattern in answers", f"{of}.{name}", edited(of, name, edit))
        if name not in schemas(raw)[of]["required"]:
            yield Change("optional becomes required in answers", f"{of}.{name}", required(of, name))


def never_null(node: Json) -> None:
    node.update(next(one for one in node.pop("anyOf") if one != {"type": "null"}))


def required(of: str, name: str) -> Edit:
    def apply(raw: Json) -> None:
        schemas(raw)[of]["required"].append(name)

    return apply


def new_values(raw: Json) -> Iterator[Change]:
    """A new value of every enum."""
    rows: dict[str, dict[str, Json]] = {
        "ProductStatus": {"products": {"status": "brand_new", "next_statuses": ["active", "brand_new"]}},
        "Currency": {"products": {"price": {"amount_minor": 12345, "currency": "BHD"}}},
        "StockReason": {"stock movements": {"reason": "brand_new"}},
    }
    for of, stored in rows.items():
        yield Change("new value of an open enum, sent and answered", of, enum_value(of), stored=stored)
    yield Change(
        "new value of an open enum in answers",
        "ProductOutcome.outcome",
        edited("ProductOutcome", "outcome", lambda node: node["enum"].append("brand_new")),
        stored={"ProductOutcome": {"outcome": "brand_new"}},
    )
    for _, _, spec in operations(raw):
        for one in spec.get("parameters", ()):
            if "enum" in one["schema"]:
                yield Change(
                    "new value of an enum in a parameter",
                    f"{spec['operationId']} {one['name']}",
                    partial(in_parameter, spec["operationId"], one["name"], lambda node: node["enum"].append("new")),
                )


def enum_value(of: str) -> Edit:
    def apply(raw: Json) -> None:
        schema = schemas(raw)[of]
        schema["enum"].append("BHD" if of == "Currency" else "brand_new")
        if "x-minor-digits" in schema:
            schema["x-minor-digits"]["BHD"] = 3

    return apply


def in_parameter(of: str, name: str, edit: Edit, raw: Json) -> None:
    edit(parameter(raw, of, name)["schema"])


def parameters(raw: Json) -> Iterator[Change]:
    """Every limit of a parameter, raised and dropped; what was needed and no longer is."""
    for _, _, spec in operations(raw):
        of = spec["operationId"]
        for one in spec.get("parameters", ()):
            place = f"{of} {one['name']}"
            for keyword, make in LOOSER.items():
                if keyword in one["schema"] and one["in"] != "path":
                    edit = partial(set_keyword, keyword, make)
                    apply = partial(in_parameter, of, one["name"], edit)
                    yield Change(f"wider {keyword} of a parameter", place, apply)
            if "format" in str(one["schema"]) and one["in"] != "path":
                yield Change("no format of a parameter", place, partial(in_parameter, of, one["name"], without_format))
            if one.get("required") and one["in"] != "path":
                yield Change("required becomes optional in a parameter", place, partial(optional, of, one["name"]))
            if one["in"] == "query" and "default" not in one["schema"] and one["schema"].get("type") == "string":
                yield Change("several values of a parameter", place, partial(in_parameter, of, one["name"], many))


def optional(of: str, name: str, raw: Json) -> None:
    parameter(raw, of, name)["required"] = False


def many(node: Json) -> None:
    """Take a list of what was taken."""
    items = dict(node)
    node.clear()
    node.update({"type": "array", "items": items, "maxItems": 9})


def bodies(raw: Json) -> Iterator[Change]:
    """Bodies that need not be sent, and that may be sent in another form."""
    for _, _, spec in operations(raw):
        if "requestBody" in spec:
            of = spec["operationId"]
            yield Change("optional body", of, partial(optional_body, of))
            yield Change("another media type of requests", of, partial(another_form, of))


def optional_body(of: str, raw: Json) -> None:
    operation(raw, of)["requestBody"]["required"] = False


def another_form(of: str, raw: Json) -> None:
    content = operation(raw, of)["requestBody"]["content"]
    content["application/merge-patch+json"] = content["application/json"]


def limits(raw: Json) -> Iterator[Change]:
    """All of this module."""
    for make in (loosened, narrowed, new_values, parameters, bodies):
        yield from make(raw)
