"""The API calls of a plain resource, declared by the functions of its operations.

Names are data: the ids of operations, the schema and the bodies are those of the functions that a
gateway gives. What the contract does not have raises ImproperlyConfigured when the site starts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar, get_args
from uuid import UUID

import msgspec
from django.core.exceptions import ImproperlyConfigured

from contract.call import Call
from contract.document import pinned
from contract.names import argument as argument_name
from core.api import Api
from core.lists import ListQuery


class Resource(Protocol):
    """What every resource of the API has."""

    @property
    def id(self) -> str:
        """Return its id."""

    @property
    def version(self) -> int:
        """Return the version that If-Match wants."""


class Page(Protocol):
    """One page of a list."""

    @property
    def items(self) -> Any:
        """Return its resources."""

    @property
    def next_cursor(self) -> str | None:
        """Return what asks for the page after; None on the last."""

    @property
    def prev_cursor(self) -> str | None:
        """Return what asks for the page before; None on the first."""


R = TypeVar("R", bound=Resource)
P = TypeVar("P", bound=Page)
Fields = Mapping[str, Any]


class ResourceGateway(Generic[R, P]):
    """The calls of one resource; what the API does not offer (``delete``, say) is left out.

    A call raises what core/failures.py has. Override a method to send more or other calls.
    """

    def __init__(
        self,
        *,
        list: Callable[..., Call[P]],
        read: Callable[..., Call[R]],
        create: Callable[..., Call[R]] | None = None,
        update: Callable[..., Call[R]] | None = None,
        delete: Callable[..., Call[None]] | None = None,
    ) -> None:
        self._list, self._read = list, read
        self._create, self._update, self._delete = create, update, delete
        for function in (list, create):
            check(function, in_path=0)
        self._keys = {function: check(function, in_path=1) for function in (read, update, delete)}
        self.schema = schema_name(read, get_args(read.__annotations__.get("return"))[:1])
        self.create_schema, self.update_schema = body_schema(create), body_schema(update)

    @property
    def list_id(self) -> str:
        """Return the id of the operation that lists."""
        return operation_id(self._list)

    @property
    def read_id(self) -> str:
        """Return the id of the operation that reads one."""
        return operation_id(self._read)

    @property
    def create_id(self) -> str:
        """Return the id of the operation that creates; empty when there is none."""
        return operation_id(self._create)

    @property
    def update_id(self) -> str:
        """Return the id of the operation that changes; empty when there is none."""
        return operation_id(self._update)

    @property
    def delete_id(self) -> str:
        """Return the id of the operation that deletes; empty when there is none."""
        return operation_id(self._delete)

    def list(self, api: Api, query: ListQuery) -> P:
        """Return one page."""
        values = {
            argument(self._list, name, "query"): value
            for name, value in query.values.items()
            if name != "limit"  # the API's default is the size of our pages
        }
        return api.send(self._list(**values))

    def read(self, api: Api, id: UUID | str) -> R:
        """Return one, or raise NotFound."""
        return api.send(self._read(**{self._keys[self._read]: id}))

    def create(self, api: Api, key: str, fields: Fields) -> R:
        """Create one, once for an Idempotency-Key; or raise Rejected."""
        assert self._create  # noqa: S101  the views have no page for it otherwise
        body = msgspec.convert(fields, body_types(self._create)[0])
        headers = header(self._create, "idempotency-key", key)
        return api.send(self._create(body=body, **headers))

    def update(self, api: Api, id: UUID | str, etag: str, fields: Fields) -> R:
        """Change the version that was seen, or raise Stale."""
        assert self._update  # noqa: S101
        body = msgspec.convert(fields, body_types(self._update)[0])
        values = {self._keys[self._update]: id} | header(self._update, "if-match", etag)
        return api.send(self._update(body=body, **values))

    def delete(self, api: Api, id: UUID | str, etag: str) -> None:
        """Delete the version that was seen; Rejected when something needs it."""
        assert self._delete  # noqa: S101
        values = {self._keys[self._delete]: id} | header(self._delete, "if-match", etag)
        api.send(self._delete(**values))


def operation_id(function: Callable[..., Any] | None) -> str:
    """Return the id of an operation: the name of its function."""
    return function.__name__ if function else ""


def check(function: Callable[..., Any] | None, *, in_path: int) -> str:
    """Return the argument for the parameter in an operation's path; empty when there is none."""
    if function is None:
        return ""
    operation = pinned().operations.get(function.__name__)
    if operation is None:
        raise ImproperlyConfigured(f"the contract has no operation {function.__name__!r}")
    found = [p["name"] for p in operation.parameters if p["in"] == "path"]
    if len(found) != in_path:
        raise ImproperlyConfigured(
            f"{operation.id}: {operation.path} has {len(found)} parameters in its path, "
            f"a plain resource has {in_path} here; write this view by hand"
        )
    return argument_name(found[0]) if found else ""


def body_schema(function: Callable[..., Any] | None) -> str:
    """Return the name of the schema that an operation is sent; empty when there is no operation."""
    return schema_name(function, body_types(function)) if function else ""


def body_types(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the types of an operation's body; one that need not be sent may be unset as well."""
    body = function.__annotations__.get("body")
    return get_args(body) or (body,)


def schema_name(function: Callable[..., Any], kinds: tuple[Any, ...]) -> str:
    """Return the name of a schema of the contract by the struct that was generated from it."""
    name = getattr(kinds[0], "__name__", "") if kinds else ""
    if name not in pinned().schemas:
        raise ImproperlyConfigured(f"{function.__name__}: its schema has no name in the contract")
    return name


def argument(function: Callable[..., Any], name: str, place: str) -> str:
    """Return the argument for a parameter; its place follows a name that is there twice."""
    plain = argument_name(name)
    return f"{plain}_{place}" if f"{plain}_{place}" in function.__annotations__ else plain


def header(function: Callable[..., Any], name: str, value: str) -> dict[str, str]:
    """Return the argument for a header, if the operation takes it."""
    found = argument(function, name, "header")
    return {found: value} if found in function.__annotations__ else {}
