"""Bodies and answers by their media type: JSON, forms, text, bytes."""

import codecs
from collections.abc import Mapping
from fnmatch import fnmatch

from contract.document import is_json
from contract.multipart import MULTIPART, encode_multipart
from contract.styles import json, members, query

URLENCODED = "application/x-www-form-urlencoded"


class Text(str):
    """The type of an answer that is text, which is no JSON string."""


def encode(body: object, media: str, styles: Mapping[str, str]) -> tuple[bytes, str]:
    """Return a body's bytes and its Content-Type; ``styles`` are those of a form's fields."""
    if media == MULTIPART:
        return encode_multipart(fields(body), styles)
    if media == URLENCODED:
        values = ((name, each, styles.get(name, "form*")) for name, each in fields(body))
        return query(values).encode(), media
    if is_json(media):
        return json(body).decode().encode(charset(media)), media
    if isinstance(body, str):
        content = body.encode(charset(media))
        return content, media if "charset=" in media.lower() else f"{media}; charset=utf-8"
    if isinstance(body, bytes):
        return body, media
    raise ValueError(f"{type(body).__name__} is no body of {media}")


def fields(body: object) -> list[tuple[str, object]]:
    """Return the fields of a form, which has no null."""
    found = members(body)
    if found is None:
        raise ValueError(f"{type(body).__name__} is no form")
    for name, value in found:
        if value is None:
            raise ValueError(f"{name}: a form has no null; leave it out")
    return found


def read(kind: object, accept: str, content_type: str, content: bytes) -> str | bytes:
    """Return an answer that is no JSON: text or bytes.

    Raises ValueError for another media type than one that was asked for, and for what is no text.
    """
    media = content_type.partition(";")[0]
    ranges = [each.split(";")[0].strip().lower() for each in accept.split(",")]
    if media and not any(fnmatch(media.strip().lower(), each) for each in ranges):
        raise ValueError(f"the answer is {media}, not {accept}")
    if kind is bytes:
        return content
    return content.decode(charset(content_type))


def charset(content_type: str) -> str:
    """Return the charset of a Content-Type, UTF-8 by default; raises ValueError."""
    name = content_type.lower().partition("charset=")[2].split(";")[0].strip('" ')
    try:
        return codecs.lookup(name or "utf-8").name
    except LookupError as error:
        raise ValueError(f"the charset is {name!r}") from error
