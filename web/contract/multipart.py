"""Forms with files (RFC 7578). Generated bodies name its ``File``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from contract.styles import JSON, json, listed, members, text

MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a form; without ``media`` it has the type that the contract names."""

    content: bytes
    name: str = "file"
    media: str = ""


def encode_multipart(
    fields: Iterable[tuple[str, object]], styles: Mapping[str, str]
) -> tuple[bytes, str]:
    """Return the parts of a form, each value of a list as one, and their Content-Type."""
    boundary = uuid4().hex
    lines: list[bytes] = []
    for name, value in fields:
        for each in listed(value):
            lines += [f"--{boundary}".encode(), *part(name, each, styles.get(name, ""))]
    content = b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])
    return content, f"{MULTIPART}; boundary={boundary}"


def part(name: str, value: object, media: str) -> list[bytes]:
    """Return the lines of one part: a file, an object as JSON, or text."""
    disposition = f'form-data; name="{escaped(name)}"'
    if isinstance(value, File):
        disposition += f'; filename="{escaped(value.name)}"'
        media, content = value.media or media or "application/octet-stream", value.content
    elif media == JSON or members(value) is not None:
        media, content = media or JSON, json(value)
    else:
        content = text(value).encode()
    if "\r" in media or "\n" in media:
        raise ValueError("a line break in a media type")
    head = [f"Content-Disposition: {disposition}"] + [f"Content-Type: {media}"] * bool(media)
    return [*(line.encode() for line in head), b"", content]


def escaped(name: str) -> str:
    """Return a name as HTML writes it in the head of a part."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
