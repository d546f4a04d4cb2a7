"""Reads forms: `application/x-www-form-urlencoded` and `multipart/form-data` (RFC 7578), files included."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from contract.openapi.media_types import bare


class FormError(Exception):
    """Why a body is no form."""


def fields_of(raw: bytes, media_type: str) -> dict[str, list[str]]:
    """The values of each field, in their order; a file is its content as text; raises FormError."""
    if bare(media_type) == "multipart/form-data":
        return _parts(raw, media_type)
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def _parts(raw: bytes, media_type: str) -> dict[str, list[str]]:
    head = f"Content-Type: {media_type}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + raw)
    if not message.is_multipart():
        raise FormError("the body is no multipart form: its boundary is missing, or another")
    found: dict[str, list[str]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if name is not None:
            found.setdefault(str(name), []).append(_text(part))
    return found


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
