"""What the generated operations return: a request that nothing has sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to the API and the type of its answer."""

    operation: str
    method: str
    path: str
    answer: type[T]
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: msgspec.Struct | None = None

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice is the same as sending it once (RFC 9110, 9.2.1)."""
        return self.method == "GET" or self.headers.get("Idempotency-Key") is not None


def segment(value: object) -> str:
    """Return the value as one segment of a path; a slash in it stays inside."""
    return quote(str(value), safe="")
