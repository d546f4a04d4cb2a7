"""The change, and the contract of the sample as changes see it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
Edit = Callable[[Json], None]
JSON, PROBLEM = "application/json", "application/problem+json"
METHODS = ("get", "post", "put", "patch", "delete")
# The day of an end that may be announced still and has come, and one that is far.
SUNSET = datetime.now(UTC).date().isoformat()
LATER = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()


@dataclass(frozen=True)
class Change:
    """One change of the contract: what it is, where it is made, and what an API then stores or answers."""

    kind: str
    place: str
    apply: Edit
    announce: Edit | None = None  # What an earlier release said; the change itself is the removal.
    stored: dict[str, Json] = field(default_factory=dict)  # By collection: values of a stored row that show it.
    gone: tuple[str, ...] = ()  # What a failure says that was announced, as regular expressions.
    refuses: dict[str, int] = field(default_factory=dict)  # Operations that now answer this status.
    alters: str = ""  # What it edits that other changes edit, too.
    stops: bool = False  # The gate must not let it pass.
    last: bool = False  # It moves what other changes look for.
    source: bool = False  # Whoever generates code anew has to edit what uses it.

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"{self.kind}, at {self.place}"


def schemas(raw: Json) -> dict[str, Json]:
    """The named schemas of a document."""
    found: dict[str, Json] = raw["components"]["schemas"]
    return found


def operations(raw: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and description of each operation."""
    for path, item in raw["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def operation(raw: Json, name: str) -> Json:
    """The operation of this id."""
    return next(one for _, _, one in operations(raw) if one["operationId"] == name)


def parameter(raw: Json, of: str, name: str) -> Json:
    """A parameter of an operation."""
    found: Json = next(one for one in operation(raw, of)["parameters"] if one["name"] == name)
    return found


def nodes(node: Any) -> Iterator[Json]:
    """Yield every object within."""
    if isinstance(node, dict):
        yield node
        for value in list(node.values()):
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def deprecate(node: Json, day: str = SUNSET) -> None:
    """Mark as deprecated, until a day where there is one."""
    node["deprecated"] = True
    if day:
        node["x-sunset"] = day
