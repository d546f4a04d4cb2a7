"""Media types and ranges of them (RFC 9110, sections 8.3.1 and 12.5.1)."""

from __future__ import annotations

from typing import Any

Content = dict[str, Any]


def bare(media_type: str) -> str:
    """A media type without its parameters; type and subtype ignore case."""
    return media_type.split(";")[0].strip().lower()


def covers(offered: str, wanted: str) -> bool:
    """Whether a media range includes a media type, or names the same."""
    one, other = bare(offered), bare(wanted)
    return bool(one in (other, "*/*") or (one.endswith("/*") and other.startswith(one[:-1])))


def match(content: Content, wanted: str) -> Any:
    """The entry for a media type: the same text, else the same type, else a range; None when there is none."""
    if wanted in content:
        return content[wanted]
    found = sorted((key for key in content if covers(key, wanted)), key=lambda key: bare(key) != bare(wanted))
    return content[found[0]] if found else None


def match_suffix(content: Content, wanted: str) -> Any:
    """A special type that readers of the general one accept: `application/x+json` for `application/json`."""
    suffix = bare(wanted).partition("/")[2]
    return next((value for key, value in content.items() if bare(key).endswith(f"+{suffix}")), None)


def is_written_alike(one: str, other: str) -> bool:
    """Whether a value is the same text in two media types: the same type, or a special one of it."""
    return bare(one) == bare(other) or any(
        match_suffix({first: True}, second) for first, second in ((one, other), (other, one))
    )


def is_form(media_type: str) -> bool:
    """Whether the fields of such a body travel as text."""
    return bare(media_type) in ("application/x-www-form-urlencoded", "multipart/form-data")
