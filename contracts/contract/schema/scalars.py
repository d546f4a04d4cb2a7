"""Demands on strings and numbers, and those that any value can meet or not."""

from __future__ import annotations

from math import inf
from typing import Any

from contract.openapi.direction import Direction
from contract.openapi.values import among
from contract.schema.formats import FORMATS
from contract.schema.gap import Comparison
from contract.schema.keywords import UNREADABLE, Opaque
from contract.schema.languages import contains, lengths
from contract.schema.multiples import divides
from contract.schema.prover import Prover, Rule, View
from contract.schema.shape import Shape
from contract.schema.texts import fitting, search, universal
from contract.schema.view import DIGITS, OCTETS, OPAQUE

_OF_TEXTS = frozenset({"pattern", "contentEncoding", "contentMediaType"})
NUMBERS = frozenset({"integer", "fraction"})


def _gap(prover: Prover, shape: Shape, view: View, comparison: Comparison, rule: str) -> None:
    node = {rule: view[rule]}
    comparison.gap(rule, view[rule], lambda: prover.values(shape, node))


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
    """The lowest bound that a number keeps to; an integer above 0 is at least 1, a format has bounds of its own."""
    low = shape.low
    if low and low[1] and shape.types <= {"integer"}:
        low = (low[0] // 1 + 1, False)
    formats = [(bounds[0], False) for bounds in _bounds(shape)]
    return max([*formats, *([low] if low else [])], default=None)


def _highest(shape: Shape) -> tuple[float, bool] | None:
    high = shape.high
    if high and high[1] and shape.types <= {"integer"}:
        high = (-(-high[0] // 1) - 1, False)
    formats = [(bounds[1], False) for bounds in _bounds(shape)]
    return min([*formats, *([high] if high else [])], default=None, key=lambda bound: (bound[0], not bound[1]))


def _bounds(shape: Shape) -> list[tuple[float, float]]:
    return [bounds for name in shape.formats if (bounds := FORMATS[name].bounds)]


def _multiple(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    of = view["multipleOf"]
    if shape.types & NUMBERS and not (
        any(divides(of, own) for own in shape.multiples) or (shape.types <= {"integer"} and divides(of, 1))
    ):
        _gap(prover, shape, view, comparison, "multipleOf")


def _length(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    if "string" not in shape.types:
        return
    known = [lengths(pattern) for pattern in _patterns(shape)]
    if view.get("minLength", 0) > max([shape.sizes.get("minLength", 0), *(low for low, _ in known)]):
        _gap(prover, shape, view, comparison, "minLength")
    highest = min([shape.sizes.get("maxLength", inf), *(high for _, high in known)])
    if "maxLength" in view and highest > view["maxLength"]:
        _gap(prover, shape, view, comparison, "maxLength")


def _patterns(shape: Shape) -> list[str]:
    """The patterns that a text fits: its own, and those of its formats."""
    return [*shape.patterns, *(FORMATS[name].pattern for name in shape.formats if FORMATS[name].pattern)]


def _pattern(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    pattern = view["pattern"]
    if "string" not in shape.types or pattern in shape.patterns or universal(pattern):
        return
    strays = [text for own in shape.patterns for text in fitting(own, count=60) if not search(pattern, text)]
    if strays or not _within(_patterns(shape), pattern):
        node = {"pattern": pattern}
        comparison.gap("pattern", pattern, lambda: prover.values(shape, node, strays))


def _within(own: list[str], pattern: str) -> bool:
    return any(contains(one, pattern) for one in own)


def _format(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    name = view["format"]
    kind = FORMATS[name].kind
    if (kind == "string" and "string" not in shape.types) or (kind == "number" and not shape.types & NUMBERS):
        return
    if name in shape.formats or _is_within(shape, name) or _bounded(shape, name):
        return
    # A number without its format is written in the same way. For a text, the format is its meaning.
    dropped = prover.reader.direction is Direction.RESPONSE and not shape.formats and kind == "number"
    node = {"format": name}
    rule = "format-dropped" if dropped else "format"
    comparison.gap(rule, name, lambda: prover.values(shape, node))


def _is_within(shape: Shape, name: str) -> bool:
    """Whether each value of a format that the shape has is one of another format."""
    return any(name in FORMATS[own].within for own in shape.formats)


def _bounded(shape: Shape, name: str) -> bool:
    """An integer whose bounds lie within int32 needs no format to say so."""
    low, high = _lowest(shape), _highest(shape)
    if FORMATS[name].kind != "number" or low is None or high is None:
        return False
    return FORMATS[name].check(low[0]) and FORMATS[name].check(high[0])


def opaque(prover: Prover, shape: Shape, view: View, comparison: Comparison) -> None:
    """Demands that no validator knows: a difference is reported as unproven."""
    scalar = bool(shape.types & (NUMBERS | {"string"}))
    for demand in view.get(OPAQUE, ()):
        is_met = demand in shape.opaque or (demand.rule == "format" and _is_within(shape, demand.value))
        is_met = is_met or _are_octets(demand, shape)
        concerned = "string" in shape.types if demand.rule in _OF_TEXTS else scalar
        if not is_met and (concerned or demand.rule == UNREADABLE):
            comparison.gap(demand.rule, demand.value, tuple)
    if other := _other_digits(prover, shape, view.get(DIGITS, {})):
        comparison.gap(DIGITS, other, tuple)
    content = view.get("contentSchema")
    if (
        content is not None
        and "string" in shape.types
        and not any(prover.same.equal(content, own) for own in shape.contents)
    ):
        comparison.gap("contentSchema", content, tuple)


def _are_octets(demand: Opaque, shape: Shape) -> bool:
    """OpenAPI 3.1, migrating from 3.0: `format: binary` became the media type of the content, whichever it is."""
    own = [one for one in shape.opaque if one.rule == demand.rule]
    return demand.rule == "contentMediaType" and any(OCTETS in (one.value, demand.value) for one in own)


def _other_digits(prover: Prover, shape: Shape, read: dict[str, Any]) -> dict[str, Any]:
    """The values whose amounts the reader reads with other minor digits than they are written with.

    What a client was told, and is told no more, it still reads so. What a server newly says was said nowhere before.
    """
    told = prover.reader.direction is Direction.RESPONSE
    sent = shape.enums[0] if shape.enums else read
    return {
        value: digits
        for value, digits in read.items()
        if among(value, sent) and (told or value in shape.digits) and shape.digits.get(value) != digits
    }


RULES: dict[str, Rule] = {
    "enum": _enum,
    "format": _format,
    OPAQUE: opaque,
    DIGITS: opaque,
    "contentSchema": opaque,
}
NUMBER_RULES: dict[str, Rule] = {
    "minimum": _low,
    "exclusiveMinimum": _low,
    "maximum": _high,
    "exclusiveMaximum": _high,
    "multipleOf": _multiple,
}
STRING_RULES: dict[str, Rule] = {"minLength": _length, "maxLength": _length, "pattern": _pattern}
