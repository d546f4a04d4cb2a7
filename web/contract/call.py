"""What the generated operations return: a request that nothing has sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from msgspec import UNSET

from contract.media import Text, encode, read
from contract.styles import JSON, cookie, header, query, segment

__all__ = ["Call", "Text", "segment"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to the API and the type of its answer."""

    operation: str
    method: str
    path: str
    answer: Any  # what msgspec decodes to T
    query: Mapping[str, object] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)  # of the query; else `form*`
    headers: Mapping[str, object] = field(default_factory=dict)
    cookies: Mapping[str, object] = field(default_factory=dict)
    body: object = UNSET
    media: str = JSON
    body_styles: Mapping[str, str] = field(default_factory=dict)  # of a form's fields
    accept: str = JSON
    answers: Mapping[int, Any] = field(default_factory=dict)  # of other statuses

    @property
    def target(self) -> str:
        """Return path and query as they are sent; values that are None are left out."""
        values = ((name, v, self.styles.get(name, "form*")) for name, v in self.query.items())
        written = query(values)
        return f"{self.path}?{written}" if written else self.path

    @property
    def sent_headers(self) -> dict[str, str]:
        """Return the headers as they are sent; those that are None are left out."""
        given = {name: v for name, v in self.headers.items() if v is not None and v != []}
        headers = {name: header(value) for name, value in given.items()}
        cookies = [cookie(name, v) for name, v in self.cookies.items() if v is not None]
        return headers | {"Cookie": "; ".join(cookies)} if cookies else headers

    @property
    def content(self) -> tuple[bytes | None, str]:
        """Return the body and its Content-Type; None and nothing when no body is sent."""
        return (None, "") if self.body is UNSET else encode(self.body, self.media, self.body_styles)

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice is the same as sending it once (RFC 9110, 9.2.1)."""
        is_safe = self.method in ("GET", "HEAD", "OPTIONS", "TRACE")
        return is_safe or self.headers.get("Idempotency-Key") is not None

    def kind(self, status: int) -> type[T]:
        """Return the type of a success."""
        return cast("type[T]", self.answers.get(status, self.answer))

    def is_json(self, status: int) -> bool:
        """Whether a success is JSON, which msgspec reads as its type."""
        return self.kind(status) not in (type(None), Text, bytes)

    def read(self, status: int, headers: Mapping[str, str], content: bytes) -> T:
        """Return a success that is no JSON: nothing, text or bytes.

        Raises ValueError for another media type than was asked for, and for what is no text.
        """
        kind, media = self.kind(status), headers.get("content-type", "")
        return cast("T", None if kind is type(None) else read(kind, self.accept, media, content))
