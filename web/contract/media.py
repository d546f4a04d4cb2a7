"""Bodies and answers by their media type: JSON, forms, text, bytes."""

from collections.abc import Mapping
from fnmatch import fnmatch

import msgspec

from contract.document import is_json
from contract.multipart import MULTIPART, encode_multipart
from contract.styles import members, query_pairs

URLENCODED = "application/x-www-form-urlencoded"


class Text(str):
    """The type of an answer that is text, which is no JSON string."""


def encode(body: object, media: str, styles: Mapping[str, str]) -> tuple[bytes, str]:
    """Return a body's bytes and its Content-Type; ``styles`` are those of a form's fields."""
    if media == MULTIPART:
        return encode_multipart(fields(body), styles)
    if media == URLENCODED:
        written = (
            query_pairs(name, each, styles.get(name, "form*")) for name, each in fields(body)
        )
        return "&".join(pair for pairs in written for pair in pairs).encode(), media
    if is_json(media):
        return msgspec.json.encode(body), media
    if isinstance(body, str):
        return body.encode(), media if "charset=" in media else f"{media}; charset=utf-8"
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
    media, _, parameters = content_type.partition(";")
    ranges = [each.split(";")[0].strip().lower() for each in accept.split(",")]
    if media and not any(fnmatch(media.strip().lower(), each) for each in ranges):
        raise ValueError(f"the answer is {media}, not {accept}")
    if kind is bytes:
        return content
    charset = parameters.lower().partition("charset=")[2].split(";")[0].strip('" ')
    try:
        return content.decode(charset or "utf-8")
    except LookupError as error:
        raise ValueError(f"the answer's charset is {charset!r}") from error
