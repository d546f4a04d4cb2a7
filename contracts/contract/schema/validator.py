"""The independent judge: `jsonschema` decides whether a schema allows a value."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from contract.schema.ecma import python
from contract.schema.formats import checker
from contract.schema.multiples import divides
from contract.schema.quick import Quick
from contract.schema.shape import Nodes
from contract.schema.view import ALL_EVALUATED, DIGITS, OPAQUE, Side

LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS = ("properties", "patternProperties", "dependentSchemas")
SINGLE = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else",
          "unevaluatedProperties", "unevaluatedItems")  # fmt: skip
_OURS = (OPAQUE, DIGITS, ALL_EVALUATED, "x-branches", "contentSchema")
_URN = "urn:schema:"
_FORMATS = checker()


def _one(validator: Any, nodes: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    count = 0
    for node in nodes:
        count += validator.evolve(schema=node).is_valid(value)
        if count > 1:
            break
    if count != 1:
        yield ValidationError("not exactly one of the alternatives")


def _any(validator: Any, nodes: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not any(validator.evolve(schema=node).is_valid(value) for node in nodes):
        yield ValidationError("none of the alternatives")


def _multiple(validator: Any, of: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Compare decimal fractions, because 0.3 is not a multiple of 0.1 as floats."""
    if validator.is_type(value, "number") and not divides(of, value):
        yield ValidationError(f"{value!r} is not a multiple of {of}")


def _respell(schema: dict[str, Any], spelling: Callable[[str], str | None]) -> None:
    if "pattern" in schema:
        schema["pattern"] = spelling(schema["pattern"])
    if "patternProperties" in schema:
        schema["patternProperties"] = {spelling(name): part for name, part in schema["patternProperties"].items()}


class Judge:
    """Schemas of one side of the wire, as documents of JSON Schema 2020-12."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._targets: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._validators: dict[tuple[int, ...], tuple[Nodes, Draft202012Validator]] = {}
        self._exports: dict[str, Any] = {}
        self._registry: Registry[Any] = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]
        self._alone = False
        self._quick = Quick(side, lambda node, value: self.confirms((node,), value))

    def allows(self, nodes: Nodes, value: Any) -> bool:
        """Whether every one of these schemas takes the value, by the first judge."""
        if self._alone:
            return self.confirms(nodes, value)
        return all(self._quick.allows(node, value) for node in nodes)

    @contextlib.contextmanager
    def independent(self) -> Iterator[None]:
        """Within, `jsonschema` alone answers."""
        self._alone = True
        try:
            yield
        finally:
            self._alone = False

    def confirms(self, nodes: Nodes, value: Any) -> bool:
        """The same by `jsonschema`: the last word on whatever is shown."""
        return self._validator(nodes, lean=True).is_valid(value)

    def error(self, nodes: Nodes, value: Any) -> ValidationError | None:
        """The first thing that is wrong with the value: its type, else what is deepest."""
        errors = list(self.errors(nodes, value))
        found: ValidationError | None = best_match(errors)
        return next((one for one in errors if one.validator == "type" and not one.absolute_path), found)

    def errors(self, nodes: Nodes, value: Any) -> Iterator[ValidationError]:
        """Everything that is wrong with the value."""
        return self._validator(nodes).iter_errors(value)

    def _validator(self, nodes: Nodes, lean: bool = False) -> Draft202012Validator:
        key = (lean, *(id(node) for node in nodes))
        if key not in self._validators:
            schema: Any = {"allOf": [self.export(node) for node in nodes]} if nodes else True
            made = (self._lean if lean else self._class)(schema, registry=self._registry, format_checker=_FORMATS)
            self._validators[key] = (nodes, made)
        return self._validators[key][1]

    @cached_property
    def _class(self) -> Any:
        return validators.extend(  # type: ignore[no-untyped-call]
            Draft202012Validator, {"$ref": self._follow, "multipleOf": _multiple}
        )

    @cached_property
    def _lean(self) -> Any:
        """A validator that gives no reasons for alternatives that fail; their number doubles with each level."""
        return validators.extend(self._class, {"oneOf": _one, "anyOf": _any})  # type: ignore[no-untyped-call]

    def export(self, node: Any, spelling: Callable[[str], str | None] = python) -> Any:
        """A schema with everything below it; references become names that `self` answers for.

        `spelling` is that of the patterns: Python's for our validator, ECMA's for any other.
        """
        view = self.side.view(node)
        schema = {key: value for key, value in view.items() if key not in _OURS}
        schema.update({"additionalProperties": True} if ALL_EVALUATED in view else {})
        if "$ref" in view:
            schema["$ref"] = f"{_URN}{self._number(self.side.target(view))}"
        for key in LISTS:
            if key in view:
                schema[key] = [self.export(part, spelling) for part in view[key]]
        for key in MAPS:
            if key in view:
                schema[key] = {name: self.export(part, spelling) for name, part in view[key].items()}
        _respell(schema, spelling)
        for key in SINGLE:
            if key in view:
                schema[key] = self.export(view[key], spelling)
        return schema

    def bundle(self, nodes: Nodes) -> dict[str, Any]:
        """One self-contained JSON Schema document, for any other validator."""
        schema: dict[str, Any] = {"allOf": [self.export(node, str) for node in nodes]}
        definitions: dict[str, Any] = {}
        while len(definitions) < len(self._targets):
            number = len(definitions)
            definitions[str(number)] = {
                "$id": f"{_URN}{number}",
                **self.export(self._targets[number], str),
            }
        return {**schema, "$defs": definitions}

    def _number(self, target: Any) -> int:
        if id(target) not in self._numbers:
            self._numbers[id(target)] = len(self._targets)
            self._targets.append(target)
        return self._numbers[id(target)]

    def _follow(self, validator: Any, reference: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        """`$ref` without searching for it anew each time."""
        yield from validator.descend(instance, self._exported(reference))

    def _exported(self, uri: str) -> Any:
        if uri not in self._exports:
            self._exports[uri] = self.export(self._targets[int(uri.removeprefix(_URN))])
        return self._exports[uri]

    def _retrieve(self, uri: str) -> Resource[Any]:
        return DRAFT202012.create_resource(self._exported(uri))
