"""Example values: those of the document if it has any, otherwise the smallest that a schema allows."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.schema.sample import NoValueError, Sampler
from contract.schema.shape import TooManyBranchesError, shapes
from contract.schema.validator import Judge
from contract.schema.view import Side

_DEPTH = 8


def now() -> str:
    """The time in UTC, as RFC 3339 writes it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Examples:
    """Makes example values of a document's schemas."""

    def __init__(self, document: Document, direction: Direction = Direction.RESPONSE) -> None:
        self.side = Side(document, direction, direction is Direction.REQUEST)
        self.judge = Judge(self.side)
        self._sampler = Sampler(self.judge, self.side)

    def make(self, schema: Any, depth: int = 0) -> Any:
        """A value; None when nothing fits."""
        for value in self._examples(schema):
            if self.judge.allows((schema,), value):
                return value
        try:
            value = self._shaped(schema, depth)
            # Field by field is nicer to read; some rules are about several fields.
            is_whole = depth or self.judge.allows((schema,), value)
            return value if is_whole else self._sampler.smallest((schema,))
        except (NoValueError, TooManyBranchesError):
            return None

    def _examples(self, schema: Any) -> list[Any]:
        found: list[Any] = []
        for _ in range(20):
            if not isinstance(schema, dict):
                break
            found += schema["examples"] if isinstance(schema.get("examples"), list) else []
            found += [schema[key] for key in ("example", "default", "x-default") if key in schema]
            if "$ref" not in schema:
                break
            schema = self.side.document.lookup(schema["$ref"])
        return found

    def _shaped(self, schema: Any, depth: int) -> Any:
        branches = shapes(self.side, (schema,))
        shape = next((one for one in branches if one.types - {"null"}), branches[0] if branches else None)
        if shape is None:
            raise NoValueError
        if shape.enums or "object" not in shape.types or depth > _DEPTH:
            return self._plain(shape, schema, depth)
        return {name: self.fresh(name, nodes[0], depth + 1) for name, nodes in shape.properties.items()}

    def _plain(self, shape: Any, schema: Any, depth: int) -> Any:
        if shape.enums:
            return shape.enums[0][0]
        if "array" in shape.types and "object" not in shape.types:
            least = int(shape.sizes.get("minItems", 0))
            return [self.make(shape.item(0)[0] if shape.item(0) else True, depth + 1) for _ in range(least)]
        return self._sampler.smallest((schema,))

    def fresh(self, name: str, schema: Any, depth: int = 0) -> Any:
        """A field's value; ids and times are new each time."""
        formats = {name for shape in shapes(self.side, (schema,)) for name in shape.formats}
        nullable = any("null" in shape.types for shape in shapes(self.side, (schema,)))
        if name == "id" and "uuid" in formats:
            return str(uuid.uuid4())
        if nullable:
            return None
        return now() if "date-time" in formats else self.make(schema, depth)

    def fields(self, schema: Any) -> dict[str, Any]:
        """The fields that an object of this schema has, each with its schema."""
        return {name: nodes[0] for shape in shapes(self.side, (schema,)) for name, nodes in shape.properties.items()}

    def fit(self, schema: Any, given: dict[str, Any]) -> dict[str, Any]:
        """An example object with those of the given fields that its schema allows."""
        made = self.make_object(schema)
        for name, value in given.items():
            field = self.fields(schema).get(name)
            if field is not None and self.judge.allows((field,), value):
                made[name] = value
        return made

    def make_object(self, schema: Any) -> dict[str, Any]:
        """A new object; ids and times are new each time."""
        made = {name: self.fresh(name, field) for name, field in self.fields(schema).items()}
        return {name: value for name, value in made.items() if self.judge.allows((self.fields(schema)[name],), value)}
