"""Runtime expressions: what links and callbacks take from a request and its response (one syntax in all versions)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WHOLE = frozenset({"$url", "$method", "$statusCode"})
# OpenAPI, Runtime Expressions (ABNF). A pointer may have any letter; `~` is followed by 0 or 1 (RFC 6901).
_SOURCE = re.compile(
    r"\$(?P<message>request|response)\."
    r"(?:(?P<place>header)\.(?P<token>[!#$%&'*+.^_`|~0-9A-Za-z-]+)"
    r"|(?P<named>query|path)\.(?P<name>.+)"
    r"|(?P<body>body)(?:#(?P<pointer>(?:/(?:[^~/]|~[01])*)*))?)",
    re.DOTALL,
)
_EMBEDDED = re.compile(r"\{([^{}]*)\}?")
# What is meant as an expression: it has the sign, or only lacks it.
_MEANT = re.compile(r"\s*(\$|(request|response)\.(header|query|path|body)\b)")


class ExpressionError(Exception):
    """A text that is meant as an expression and is none; the message is the end of a sentence about it."""


@dataclass(frozen=True)
class Expression:
    """What one expression refers to. `place` is header, query, path or body; empty for `$url` and its like.

    `name` is that of a header or parameter; `pointer` the steps into a body.
    """

    text: str
    message: str = ""
    place: str = ""
    name: str = ""
    pointer: tuple[str, ...] = ()


def expressions(value: Any) -> Iterator[Expression]:
    """The expressions of a value: itself, or those embedded in it; a constant has none. Raises ExpressionError."""
    if not isinstance(value, str):
        return
    if _MEANT.match(value):
        yield _parse(value)
        return
    for match in _EMBEDDED.finditer(value):
        if _MEANT.match(match[1]):
            if not match[0].endswith("}"):
                raise ExpressionError(f"{value!r} does not close the expression {match[1]!r}")
            yield _parse(match[1])


def _parse(text: str) -> Expression:
    if text in _WHOLE:
        return Expression(text)
    match = _SOURCE.fullmatch(text)
    if match is None:
        raise ExpressionError(f"{text!r} is no runtime expression")
    if match["message"] == "response" and match["named"]:
        raise ExpressionError(f"{text!r} is nothing that a response has")
    place, name = match["place"] or match["named"] or "body", match["token"] or match["name"] or ""
    steps = (match["pointer"] or "").split("/")[1:]
    pointer = tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
    return Expression(text, match["message"], place, name, pointer)
