"""Formats that a value can be held against, each with its check and values that fit.

A format that is not here is opaque: a difference in it can be seen, but not proved.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import ipaddress
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jsonschema import FormatChecker


@dataclass(frozen=True)
class Format:
    """`kind` is the JSON type it speaks of; values of other types always pass."""

    kind: str
    check: Callable[[Any], bool]
    values: tuple[Any, ...]
    within: tuple[str, ...] = ()


def _matches(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return lambda value: bool(compiled.fullmatch(value))


def _tries(function: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        try:
            function(value)
        except (ValueError, binascii.Error):
            return False
        return True

    return check


def _date_time(value: str) -> bool:
    # RFC 3339 section 5.6: an offset is required, a leap second allowed.
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value):
        return False
    return _tries(dt.datetime.fromisoformat)(value[:19].upper().replace(":60", ":59"))


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: low <= value <= high


_HOST = r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
_URI = r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*"
_NUMBER, _STRING = "number", "string"
_DOUBLE = 1.7976931348623157e308
_SINGLE = 3.4028234663852886e38

FORMATS: dict[str, Format] = {
    "int8": Format(_NUMBER, _between(-(2**7), 2**7 - 1), (0,), ("int16", "int32", "int64")),
    "int16": Format(_NUMBER, _between(-(2**15), 2**15 - 1), (2**15 - 1, 0), ("int32", "int64")),
    "int32": Format(_NUMBER, _between(-(2**31), 2**31 - 1), (2**31 - 1, 0), ("int64", "double", "float")),
    "int64": Format(_NUMBER, _between(-(2**63), 2**63 - 1), (2**63 - 1, 2**31, 0), ("double", "float")),
    "float": Format(_NUMBER, _between(-_SINGLE, _SINGLE), (0.5, 3e38), ("double",)),
    "double": Format(_NUMBER, _between(-_DOUBLE, _DOUBLE), (0.5, 1e300)),
    "date": Format(
        _STRING,
        lambda v: bool(re.fullmatch(r"\d{4}-\d\d-\d\d", v)) and _tries(dt.date.fromisoformat)(v),
        ("2026-01-31",),
    ),
    "date-time": Format(_STRING, _date_time, ("2026-01-31T09:30:00Z",)),
    "time": Format(
        _STRING,
        _matches(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)"),
        ("09:30:00Z",),
    ),
    "duration": Format(
        _STRING,
        _matches(r"P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)"),
        ("P1D",),
    ),
    "uuid": Format(
        _STRING,
        lambda v: len(v) == len(str(uuid.UUID(int=0))) and _tries(uuid.UUID)(v),
        ("0190b6a4-7c1e-7000-8000-000000000001",),
    ),
    "email": Format(_STRING, _matches(r"[^@\s]+@[^@\s]+"), ("a.person@example.com",)),
    "idn-email": Format(_STRING, _matches(r"[^@\s]+@[^@\s]+"), ("a.person@example.com",)),
    "hostname": Format(_STRING, _matches(_HOST), ("shop.example.com",)),
    "ipv4": Format(_STRING, _tries(ipaddress.IPv4Address), ("192.0.2.1",)),
    "ipv6": Format(_STRING, _tries(ipaddress.IPv6Address), ("2001:db8::1",)),
    "uri": Format(_STRING, _matches(_URI), ("https://example.com/a",), ("iri", "uri-reference")),
    "url": Format(_STRING, _matches(_URI), ("https://example.com/a",), ("uri", "iri", "uri-reference")),
    "uri-reference": Format(_STRING, _matches(r"[^\s<>\"{}|\\^`]*"), ("../a", "https://example.com/a")),
    "byte": Format(_STRING, _tries(lambda v: base64.b64decode(v, validate=True)), ("AAE=", "")),
    "regex": Format(_STRING, _tries(re.compile), ("^a+$",)),
    "json-pointer": Format(_STRING, _matches(r"(/([^~/]|~[01])*)*"), ("/a/0",)),
    "decimal": Format(_STRING, _matches(r"[-+]?(\d+(\.\d*)?|\.\d+)"), ("12.50",)),
    "base64url": Format(_STRING, _matches(r"[A-Za-z0-9_-]*"), ("AAE", "-_")),
}
# What a form field or a log does with the value; no value is refused for it.
ANNOTATIONS = frozenset({"password", "textarea", "markdown", "html", "text", "multi-line"})


def checker() -> FormatChecker:
    """A checker with these formats and no other."""
    formats = FormatChecker(formats=())
    formats.checkers = {name: (_guarded(known), ()) for name, known in FORMATS.items()}
    return formats


def _guarded(known: Format) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if known.kind == _STRING:
            return not isinstance(value, str) or known.check(value)
        return isinstance(value, bool) or not isinstance(value, int | float) or known.check(value)

    return check
