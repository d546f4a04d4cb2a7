"""The problems of requests that never reach an operation."""

from starlette.types import Scope

from app.front.connection import REFUSED
from app.http.problems import Problem


class BadRequest(Problem):
    """The message is not HTTP/1.1 (RFC 9112), or names no host or two (RFC 9112, 3.2)."""

    status, type, title = 400, "/problems/bad-request", "Bad request"


class RequestTimeout(Problem):
    """The request did not arrive in time (RFC 9110, 15.5.9)."""

    status, type, title = 408, "/problems/request-timeout", "Request took too long to arrive"


class TargetTooLong(Problem):
    """The path and the query are longer than is read (RFC 9110, 15.5.15)."""

    status, type, title = 414, "/problems/target-too-long", "Request target too long"


class FieldsTooLarge(Problem):
    """The header fields are larger or more than are read (RFC 6585, 5)."""

    status, type, title = 431, "/problems/fields-too-large", "Request header fields too large"


class ClientClosedRequest(Problem):
    """The caller left before the body had arrived. Nobody reads this: it is for the log."""

    status, type, title = 499, "/problems/client-closed-request", "The caller left"


class VersionNotSupported(Problem):
    """Neither HTTP/1.1 nor HTTP/1.0 (RFC 9110, 15.6.6)."""

    status, type, title = 505, "/problems/version-not-supported", "HTTP version not supported"


REFUSALS: dict[int, tuple[type[Problem], str]] = {
    400: (BadRequest, "This is not an HTTP/1.1 request, or more framing than body."),
    408: (RequestTimeout, "Send the whole request sooner."),
    414: (TargetTooLong, "Send a shorter path and query."),
    431: (FieldsTooLarge, "Send fewer and shorter header fields."),
    505: (VersionNotSupported, "Send HTTP/1.1."),
}


def raise_if_refused(scope: Scope) -> None:
    """Raise the problem with which the connection refused the request, if it did."""
    if status := scope.get("state", {}).get(REFUSED):
        kind, detail = REFUSALS[status]
        raise kind(detail)
