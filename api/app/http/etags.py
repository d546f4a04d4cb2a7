"""Versions over HTTP: ``ETag`` out, ``If-Match`` and ``If-None-Match`` in (RFC 9110, 13.1).

An ``ETag`` names the row's version and the release of the contract, so what a caller has kept is
stale once a release adds a field. ``If-Match`` looks at the row's version alone: a release makes no
open page stale.
"""

import re
from typing import Annotated, Any, Protocol

import msgspec
from fastapi import Depends, Header, Request, Response

from app import contract
from app.http.auth import allows
from app.http.problems import VersionMismatch, VersionRequired
from app.types import MAX_VERSION


class Versioned(Protocol):
    """A row that counts its changes."""

    @property
    def version(self) -> int:
        """Return the count, from 1."""


# The row's version, alone or before the release.
VERSION = re.compile(r'"([1-9][0-9]{0,9})(?:-[0-9.]{1,20})?"')
MAX_LENGTH = 200
LIST = MAX_LENGTH // len('"1",')  # the longest list of versions
NO_VERSION = 0
RELEASE = contract.version()


class Precondition:
    """The versions that ``If-Match`` names. ``count``: how many; None: any version will do.

    A list is filled up, so that there are no more statements than for one version and for many.
    """

    def __init__(self, request: Request, header: str) -> None:
        self._request = request
        tags = {tag.strip() for tag in header.split(",")}
        found = (VERSION.fullmatch(tag) for tag in tags)
        versions = {int(match[1]) for match in found if match}
        self._versions = sorted(v for v in versions if v <= MAX_VERSION) or [NO_VERSION]
        if len(self._versions) > 1:
            self._versions += self._versions[-1:] * (LIST - len(self._versions))
        self.count = None if "*" in tags else len(self._versions)

    def values(self) -> dict[str, int]:
        """Return the versions as the parameters of a statement: ``if_match_0`` …"""
        if self.count is None:
            return {}
        return {f"if_match_{n}": version for n, version in enumerate(self._versions)}

    def check(self, row: Versioned, current: dict[str, Any], read_scope: str) -> None:
        """Raise VersionMismatch unless the row has a version that ``If-Match`` names.

        Weak ETags never match. The problem has ``current`` if the token has ``read_scope``.
        """
        if self.count is not None and row.version not in self._versions:
            shown: Any = {"current": current} if allows(self._request, read_scope) else {}
            raise VersionMismatch("It was changed since you read it.", **shown)


async def get_if_match(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(max_length=MAX_LENGTH, description="`ETag` of the version that you read, or `*`."),
    ] = None,
) -> Precondition:
    """Return the precondition; 428 without the header."""
    if if_match is None:
        raise VersionRequired("Send the ETag that you read as If-Match.")
    return Precondition(request, if_match)


PreconditionDep = Annotated[Precondition, Depends(get_if_match)]

_encode = msgspec.json.Encoder().encode
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
_PRIVATE = [(name.lower().encode(), value.encode()) for name, value in PRIVATE.items()]


class EncodedResponse(Response):
    """An answer in JSON whose body and header fields are encoded; made at a third of the cost."""

    media_type = "application/json"

    def __init__(self, status_code: int, body: bytes, *fields: tuple[bytes, bytes]) -> None:
        self.status_code, self.body, self.background = status_code, body, None
        self.raw_headers = [
            *_PRIVATE, *fields,
            (b"content-length", b"%d" % len(body)), (b"content-type", b"application/json"),
        ]  # fmt: skip


IfNoneMatch = Annotated[
    str | None,
    Header(max_length=1000, description="`ETag` of what you have; 304 if it is still the same."),
]


def reply(body: dict[str, Any]) -> Response:
    """Answer with one resource and, if it counts its changes, its ``ETag``."""
    return EncodedResponse(200, _encode(body), *_etag_field(body))


def created(body: dict[str, Any], location: str) -> Response:
    """Answer 201 with a new resource; ``location`` is its path."""
    where = (b"location", location.encode("latin-1"))
    return EncodedResponse(201, _encode(body), *_etag_field(body), where)


def _etag_field(body: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(b"etag", etag(body["version"]).encode())] if "version" in body else []


def etag(version: int) -> str:
    """Return the ``ETag`` of a row's version."""
    return f'"{version}-{RELEASE}"'


def reply_if_changed(
    body: dict[str, Any], if_none_match: str | None, *, version: int | None = None
) -> Response:
    """Answer with one resource, or 304. ``version`` is used when the body has none."""
    tag = etag(version or body["version"])
    if if_none_match and matches(if_none_match, tag):
        return Response(None, 304, PRIVATE | {"ETag": tag})
    return EncodedResponse(200, _encode(body), (b"etag", tag.encode()))


def matches(if_none_match: str, tag: str) -> bool:
    """Tell whether ``If-None-Match`` names ``tag``; weak comparison (RFC 9110, 13.1.2)."""
    tags = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return not tags.isdisjoint((tag.removeprefix("W/"), "*"))
