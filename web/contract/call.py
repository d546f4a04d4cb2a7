"""What the generated operations return: a request that nothing has sent yet."""

from collections.abc import Iterator, Mapping, Sequence
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
    delimiters: Mapping[str, str] = field(default_factory=dict)  # of lists that are one text
    headers: Mapping[str, object] = field(default_factory=dict)
    body: msgspec.Struct | None = None

    @property
    def target(self) -> str:
        """Return path and query as they are sent; values that are None are left out."""
        query = "&".join(self._pairs())
        return f"{self.path}?{query}" if query else self.path

    @property
    def sent_headers(self) -> dict[str, str]:
        """Return the headers as they are sent; a list is joined by commas."""
        return {
            name: ",".join(map(text, listed(value)))
            for name, value in self.headers.items()
            if value is not None
        }

    def _pairs(self) -> Iterator[str]:
        for name, value in self.query.items():
            values = [segment(each) for each in listed(value) if each is not None]
            delimiter = self.delimiters.get(name)
            if delimiter and values:
                values = [delimiter.join(values)]
            yield from (f"{segment(name)}={each}" for each in values)

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice is the same as sending it once (RFC 9110, 9.2.1)."""
        return self.method == "GET" or self.headers.get("Idempotency-Key") is not None


def segment(value: object) -> str:
    """Return the value as one segment of a path; a slash in it stays inside."""
    return ",".join(quote(text(each), safe="") for each in listed(value))


def listed(value: object) -> Sequence[object]:
    """Return the values of a list; any other value is a list of one."""
    return value if isinstance(value, list | tuple) else (value,)


def text(value: object) -> str:
    """Return a value as text for a parameter: a boolean is ``true`` or ``false``, as in JSON."""
    return str(value).lower() if isinstance(value, bool) else str(value)
