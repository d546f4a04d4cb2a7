"""What this service adds to the ASGI ``scope`` of a request: typed here alone."""

from typing import Any, Final, NamedTuple, Protocol, TypedDict

from starlette.types import Receive, Scope

BODY: Final = "front.body"
FOUND: Final = "front.found"


class Principal(NamedTuple):
    """Who calls, through which client, and what the token allows."""

    subject: str
    client_id: str
    scopes: frozenset[str]
    expires_at: float


class UnreadBody(Protocol):
    """A body that is read after the head of its request was checked."""

    def after_checks(self, scope: Scope, receive: Receive) -> Receive:
        """Return what checks the head, then reads."""


RequestScope = TypedDict(
    "RequestScope",
    {
        "caller": str,  # the token's subject; empty until the token was verified
        "principal": Principal,  # after that
        "scopes": frozenset[str],  # its scopes
        "limited": bool,  # counted against the caller's rate limit
        "span_id": str,  # with a collector: the id of the request's span
        "front.body": UnreadBody,  # of a request that has a body
        "front.found": dict[str, Any],  # what the router added to its copy of the scope
    },
    total=False,
)


def request_scope(scope: Scope) -> RequestScope:
    """Return the same scope, typed."""
    return scope  # type: ignore[return-value]
