"""Usage files: what one consumer sends and reads of an API. The format is in usage.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from contract.openapi.reading import DocumentError, parse

_PARTS = ("by", "query", "path", "header", "body")
# Steps that stand for any name.
_ANY = frozenset({"*", "(name)"})
# Keywords whose demand the description of the schema says better.
_DESCRIBED = frozenset({"pattern", "not", "anyOf", "additionalProperties"})
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Usage:
    """One version of a consumer. `operations` is None where no usage was handed in: it may use everything."""

    consumer: str
    version: str
    contract: str
    operations: Mapping[str, Any] | None = None
    refusals: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name and version, for a person."""
        return f"{self.consumer} {self.version}"


def validated(path: Path, schema: str) -> Any:
    """The content of a file that a JSON Schema of this folder allows; raises DocumentError."""
    data = parse(path)
    validator = Draft202012Validator(json.loads((_HERE / schema).read_text(encoding="utf-8")))
    error = best_match(validator.iter_errors(data))
    if error is not None:
        place = "".join(f"/{part}" for part in error.absolute_path)
        wanted = error.schema.get("description") if error.validator in _DESCRIBED else None
        told = (
            f"{json.dumps(error.instance, ensure_ascii=False)[:80]} is not allowed. {wanted}"
            if wanted
            else error.message
        )
        raise DocumentError(f"{path}: {place or 'it'}: {told[:300]}")
    return data


def read(path: Path) -> dict[str, Any]:
    """The content of a usage file; raises DocumentError if the format does not allow it."""
    data: dict[str, Any] = validated(path, "usage.schema.json")
    return data


def usage_of(data: Mapping[str, Any], version: str) -> Usage:
    """A usage file's content as the usage of a version."""
    refusals = tuple(data.get("refusals", ()))
    return Usage(data["consumer"], version, data["contract"], data["operations"], refusals)


def as_text(data: Mapping[str, Any]) -> str:
    """A usage file: sorted, one list a line, empty ones left out."""
    operations = {
        name: {
            **{part: sorted(use[part]) for part in _PARTS if use.get(part)},
            **_some("reads", {status: sorted(paths) for status, paths in sorted(use.get("reads", {}).items())}),
        }
        for name, use in sorted(data["operations"].items())
    }
    head = {key: data[key] for key in ("usage", "consumer", "api", "contract")}
    return _layout({**head, **_some("refusals", sorted(data.get("refusals", ()))), "operations": operations}) + "\n"


def _some(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}


def _layout(node: Any, indent: str = "") -> str:
    if not isinstance(node, dict) or not node:
        return json.dumps(node, ensure_ascii=False)
    deeper = indent + "  "
    rows = [f"{deeper}{json.dumps(key, ensure_ascii=False)}: {_layout(value, deeper)}" for key, value in node.items()]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


def steps_of(path: str) -> tuple[str, ...]:
    """A path as its steps: `items[].price` is `items`, `[]`, `price`."""
    return tuple(step for step in path.replace("[]", ".[]").split(".") if step)


def is_within(inner: str, outer: str) -> bool:
    """Whether a path is another one or below it. `*` stands for any name."""
    one, other = steps_of(inner), steps_of(outer)
    return len(other) <= len(one) and _are_alike(one, other)


def concern(one: str, other: str) -> bool:
    """Whether a path is another one, above it or below it."""
    return _are_alike(steps_of(one), steps_of(other))


def _are_alike(one: Iterable[str], other: Iterable[str]) -> bool:
    return all(left == right or not _ANY.isdisjoint((left, right)) for left, right in zip(one, other, strict=False))
