"""Demands on strings and numbers, and those that any value can meet or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from contract.schema.formats import FORMATS
from contract.schema.gap import Comparison
from contract.schema.languages import contains
from contract.schema.multiples import divides
from contract.schema.shape import Shape
from contract.schema.texts import fitting, search, universal
from contract.schema.view import OPAQUE, Direction
from contract.schema.words import UNREADABLE

if TYPE_CHECKING:
    from contract.schema.prove import Prover

NUMBERS = frozenset({"integer", "fraction"})
View = dict[str, Any]


def listed(values: Any) -> str:
    """A list of values for a person, cut where it is long."""
    if not isinstance(values, list):
        return "one of the listed values"
    words = [json.dumps(value, ensure_ascii=False) for value in values]
    return "one of " + ", ".join(words[:8]) + (f" and {len(words) - 8} more" if len(words) > 8 else "")


DEMANDS: dict[str, Callable[[Any], str]] = {
    "enum": listed,
    "type": lambda value: "of type " + (" or ".join(value) if isinstance(value, list) else str(value)),
    "minimum": lambda value: f"at least {value}",
    "exclusiveMinimum": lambda value: f"more than {value}",
    "maximum": lambda value: f"at most {value}",
    "exclusiveMaximum": lambda value: f"less than {value}",
    "multipleOf": lambda value: f"a multiple of {value}",
    "minLength": lambda value: f"at least {value} characters long",
    "maxLength": lambda value: f"at most {value} characters long",
    "minItems": lambda value: f"at least {value} items long",
    "maxItems": lambda value: f"at most {value} items long",
    "uniqueItems": lambda value: "without repeated items",
    "pattern": lambda value: f"as the pattern {value} says",
    "format": lambda value: f"of format {value}",
    "minProperties": lambda value: f"of at least {value} fields",
    "maxProperties": lambda value: f"of at most {value} fields",
    "not": lambda value: "outside of what `not` excludes" if value else "left out",
    "oneOf": lambda value: "exactly one of the alternatives",
    "anyOf": lambda value: "one of the alternatives",
}


def _gap(prover: Prover, shape: Shape, view: View, comparison: Comparison, rule: str) -> None:
    node = {rule: view[rule]}
    comparison.gap(rule, DEMANDS[rule](view[rule]), lambda: prover.values(shape, node))


def _enum(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    _gap(prover, shape, view, comparison, "enum")


def _low(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    if not shape.types & NUMBERS:
        return
    for rule, exclusive in (("minimum", False), ("exclusiveMinimum", True)):
        if rule in view:
            low = _lowest(shape)
            if low is None or low < (view[rule], exclusive):
                _gap(prover, shape, view, comparison, rule)


def _high(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    if not shape.types & NUMBERS:
        return
    for rule, exclusive in (("maximum", False), ("exclusiveMaximum", True)):
        if rule in view:
            high = _highest(shape)
            if high is None or (high[0], not high[1]) > (view[rule], not exclusive):
                _gap(prover, shape, view, comparison, rule)


def _lowest(shape: Shape) -> tuple[float, bool] | None:
    """The lowest bound that a number keeps to; an integer above 0 is at least 1."""
    if shape.low and shape.low[1] and shape.types <= {"integer"}:
        return (shape.low[0] // 1 + 1, False)
    return shape.low


def _highest(shape: Shape) -> tuple[float, bool] | None:
    if shape.high and shape.high[1] and shape.types <= {"integer"}:
        return (-(-shape.high[0] // 1) - 1, False)
    return shape.high


def _multiple(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    of = view["multipleOf"]
    if shape.types & NUMBERS and not (
        any(divides(of, own) for own in shape.multiples) or (shape.types <= {"integer"} and divides(of, 1))
    ):
        _gap(prover, shape, view, comparison, "multipleOf")


def _length(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    if "string" not in shape.types:
        return
    if view.get("minLength", 0) > shape.sizes.get("minLength", 0):
        _gap(prover, shape, view, comparison, "minLength")
    if "maxLength" in view and not shape.sizes.get("maxLength", float("inf")) <= view["maxLength"]:
        _gap(prover, shape, view, comparison, "maxLength")


def _pattern(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    pattern = view["pattern"]
    if "string" not in shape.types or pattern in shape.patterns or universal(pattern):
        return
    strays = [text for own in shape.patterns for text in fitting(own, count=60) if not search(pattern, text)]
    if not shape.patterns or strays or not _within(shape.patterns, pattern):
        node = {"pattern": pattern}
        comparison.gap("pattern", DEMANDS["pattern"](pattern), lambda: prover.values(shape, node, strays))


def _within(own: list[str], pattern: str) -> bool:
    return any(contains(one, pattern) for one in own)


def _format(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    name = view["format"]
    kind = FORMATS[name].kind
    if (kind == "string" and "string" not in shape.types) or (kind == "number" and not shape.types & NUMBERS):
        return
    if any(own == name or name in FORMATS[own].within for own in shape.formats) or _bounded(shape, name):
        return
    # No number is written in another way because its size is no longer named; of a text, the format is its meaning.
    dropped = prover.reader.direction is Direction.RESPONSE and not shape.formats and kind == "number"
    node = {"format": name}
    rule = "format-dropped" if dropped else "format"
    comparison.gap(rule, DEMANDS["format"](name), lambda: prover.values(shape, node))


def _bounded(shape: Shape, name: str) -> bool:
    """An integer whose bounds lie within int32 needs no format to say so."""
    low, high = _lowest(shape), _highest(shape)
    if FORMATS[name].kind != "number" or low is None or high is None:
        return False
    return FORMATS[name].check(low[0]) and FORMATS[name].check(high[0])


def opaque(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    """Demands that no validator of ours knows: a difference is said, and stays unproven."""
    scalar = bool(shape.types & (NUMBERS | {"string"}))
    for demand in view.get(OPAQUE, ()):
        if demand not in shape.opaque and (scalar or demand.startswith(UNREADABLE)):
            comparison.gap(demand.split()[0], f"of {demand}", tuple)
    content = view.get("contentSchema")
    if content is not None and scalar and not any(prover.same.equal(content, own) for own in shape.contents):
        comparison.gap("contentSchema", "as `contentSchema` says", tuple)


def advice(direction: Direction, rule: str, where: str) -> bool:
    """What nobody is refused for: a pattern in a response describes a text that clients read whatever it looks like,
    and `readOnly`, `writeOnly` say what should not be sent, not what must not (OpenAPI 3.0, Schema Object)."""
    return rule in ("read-only", "format-dropped") or (
        rule == "pattern" and direction is Direction.RESPONSE and not where.endswith("(name)")
    )


Rule = Callable[["Prover", Shape, View, Comparison], None]
RULES: dict[str, Rule] = {"enum": _enum, "format": _format, OPAQUE: opaque, "contentSchema": opaque}
NUMBER_RULES: dict[str, Rule] = {
    "minimum": _low,
    "exclusiveMinimum": _low,
    "maximum": _high,
    "exclusiveMaximum": _high,
    "multipleOf": _multiple,
}
STRING_RULES: dict[str, Rule] = {"minLength": _length, "maxLength": _length, "pattern": _pattern}
