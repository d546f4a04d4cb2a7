"""Why a value was refused, in words for people, made from the contract's own rules.

A rule is a keyword of JSON Schema, and sentences.py has its words. The API names a rule by a code;
its own words are shown for what no contract says, such as a name that is taken.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contract.document import pinned
from core import sentences
from core.failures import Rejected
from core.fields import words

Json = Mapping[str, Any]

# The codes of the API's validation, by the rule that they are about.
KEYWORDS = {
    "missing": "required",
    "extra_forbidden": "additionalProperties",
    "string_too_short": "minLength",
    "string_too_long": "maxLength",
    "string_pattern_mismatch": "pattern",
    "enum": "enum",
    "literal_error": "enum",
    "greater_than": "exclusiveMinimum",
    "greater_than_equal": "minimum",
    "less_than": "exclusiveMaximum",
    "less_than_equal": "maximum",
    "multiple_of": "multipleOf",
    "too_short": "minItems",
    "too_long": "maxItems",
    "finite_number": "type",
    "int_from_float": "type",
}
OF_A_FORMAT = re.compile(r"(date|datetime|time|time_delta|timezone|uuid|url|bytes)_")
OF_A_TYPE = re.compile(
    r"\w+_(type|parsing|parsing_size|attributes_type)|(is_)?instance(_of)?|union_\w+"
)
# How a program says it; a newer API may send what the pin has no rule for.
FOR_MACHINES = re.compile(
    r"(Input|[A-Z]\w+ input|String|Value|List|Dictionary|Set|Tuple) should "
    r"|Field required|Extra inputs|Invalid JSON|.*\bNone\b(?! of)"
)
DJANGO = {
    "required": "required",
    "max_length": "maxLength",
    "min_length": "minLength",
    "max_value": "maximum",
    "min_value": "minimum",
    "invalid_choice": "enum",
    "invalid_list": "enum",
}


class Told(NamedTuple):
    """One refusal: the property or parameter it is about, its label, and a sentence."""

    name: str
    label: str
    sentence: str


def told(rejected: Rejected, sent: Json | None = None) -> Iterator[Told]:
    """Yield what was refused of what was ``sent``.

    Raises NotUnderstood when the API's fields cannot be read.
    """
    for error in rejected.errors:
        names = [
            part.replace("~1", "/").replace("~0", "~") for part in error.pointer.split("/")[1:]
        ]
        root = schema_of(rejected.operation, names)
        steps = names[1:] if root is not None and names[0] == "query" else names
        name = steps[0] if steps else ""
        schema, entry = walk(root or {}, steps)
        keyword = keyword_of(error.code)
        found = sentence(keyword, schema) if keyword else ""
        if not found:
            said = error.detail.removeprefix("Value error, ")
            found = str(sentences.NOT_ACCEPTED) if FOR_MACHINES.match(said) else said
        if entry and keyword:
            values = (sent or {}).get(name)
            typed = values[entry - 1 : entry] if isinstance(values, list) else []
            which = f"“{typed[0]}”" if typed else str(entry)
            found = str(sentences.ENTRY) % {"entry": which, "sentence": found}
        if name == "cursor" and steps is not names:
            yield Told(name, "", str(sentences.OLD_PART))
            continue
        top, _ = walk(root or {}, steps[:1])
        yield Told(name, str(first(top, "title") or words(name)) if name else "", found)


def schema_of(operation_id: str, names: list[str]) -> Json | None:
    """Return the schema of what a pointer goes into: the query as an object, or the body."""
    operation = pinned().operations.get(operation_id)
    if operation is None:
        return None
    query = {p["name"]: p.get("schema", {}) for p in operation.parameters if p["in"] == "query"}
    if names[:1] == ["query"] and names[1:2] and names[1] in query:
        return {"properties": query}
    content = operation.spec.get("requestBody", {}).get("content", {})
    return next((media.get("schema", {}) for media in content.values()), None)


def walk(schema: Json, steps: list[str]) -> tuple[Json, int]:
    """Return the schema at the end of these steps, and the number of the last entry of a list."""
    entry = 0
    for step in steps:
        if step.isdigit() and (items := first(schema, "items")) is not None:
            schema, entry = items, int(step) + 1
        else:
            schema, entry = (first(schema, "properties") or {}).get(step, {}), 0
    return schema, entry


def parts(schema: Json) -> Iterator[Json]:
    """Yield a schema and all that it is made of, with references resolved."""
    schema = pinned().resolve(dict(schema))
    yield schema
    for union in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(union, ()):
            yield from parts(part)


def first(schema: Json, keyword: str) -> Any:
    """Return a keyword's value in a schema or in what it is made of; None when it has none."""
    return next((part[keyword] for part in parts(schema) if keyword in part), None)


def keyword_of(code: str) -> str:
    """Return the rule that a code is about; empty for one that no contract has."""
    if code in KEYWORDS:
        return KEYWORDS[code]
    if OF_A_FORMAT.match(code):
        return "format"
    return "type" if OF_A_TYPE.fullmatch(code) else ""


def sentence(keyword: str, schema: Json) -> str:
    """Return what to do about a rule; empty where nothing can be said."""
    limit = first(schema, keyword)
    if keyword == "enum":
        return choose(schema)
    if keyword == "pattern":
        return like(schema)
    if keyword in ("format", "type"):
        return shape(schema)
    if keyword in ("minLength", "minItems") and limit == 1:
        return str(sentences.RULES["required"])
    known = str(sentences.RULES.get(keyword, ""))
    if "%(limit)s" not in known:
        return known
    return known % {"limit": f"{limit:,}"} if limit is not None else ""


def choose(schema: Json) -> str:
    """Return the words for a choice, with what can be chosen when the contract lists it."""
    values = [words(str(value)) for value in first(schema, "enum") or () if value not in (None, "")]
    if not values:
        return str(sentences.CHOOSE)
    return str(sentences.CHOOSE_FROM) % {"values": ", ".join(values)}


def like(schema: Json) -> str:
    """Return the words for a text of some form: an example, else what the contract says of it."""
    if example := next(iter(first(schema, "examples") or ()), ""):
        return str(sentences.LIKE) % {"example": example}
    if description := first(schema, "description"):
        return str(sentences.AS_DESCRIBED) % {"description": str(description).rstrip(".")}
    return str(sentences.NOT_IN_FORM)


def shape(schema: Json) -> str:
    """Return the words for a value of another type or format."""
    found = first(schema, "format")
    if found in sentences.FORMATS:
        return str(sentences.FORMATS[found])
    kinds = [part.get("type") for part in parts(schema)]
    known = [kind for kind in kinds if isinstance(kind, str) and kind in sentences.TYPES]
    return str(sentences.TYPES[known[0]]) if known else str(sentences.NOT_ACCEPTED)


def messages(schema: Json) -> dict[str, str]:
    """Return the words of a form's field for each rule of its schema, as Django names them."""
    found = {code: sentence(keyword, schema) for code, keyword in DJANGO.items()}
    invalid = "pattern" if first(schema, "pattern") is not None else "type"
    found["invalid"] = sentence(invalid, schema)
    found["null_characters_not_allowed"] = str(sentences.NOT_SHOWN)
    return {code: each for code, each in found.items() if each}
