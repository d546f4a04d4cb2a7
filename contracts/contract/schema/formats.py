"""Formats that a value can be held against, each with its check and values that fit.

A format that is not here is opaque: a difference in it can be seen, but not proved.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jsonschema import FormatChecker

from contract.schema.ecma import python


@dataclass(frozen=True)
class Format:
    """`kind` is the JSON type it speaks of; values of other types always pass.

    `within` names formats that take each of its values. `pattern` fits all its texts, `bounds` hold for its numbers.
    """

    kind: str
    check: Callable[[Any], bool]
    values: tuple[Any, ...]
    within: tuple[str, ...] = ()
    pattern: str = ""
    bounds: tuple[float, float] | None = None


def _tries(function: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        try:
            function(value)
        except (ValueError, binascii.Error):
            return False
        return True

    return check


_NUMBER, _STRING = "number", "string"


def _numbers(low: float, high: float, values: tuple[float, ...], within: tuple[str, ...] = ()) -> Format:
    return Format(_NUMBER, lambda value: low <= value <= high, values, within, bounds=(low, high))


def _texts(
    pattern: str, *values: str, within: tuple[str, ...] = (), also: Callable[[str], bool] = lambda value: True
) -> Format:
    """A format of all texts that fit a pattern and pass another check, if there is one."""
    compiled = re.compile(pattern, re.ASCII)
    return Format(
        _STRING, lambda value: bool(compiled.fullmatch(value)) and also(value), values, within, f"^({pattern})$"
    )


def _is_moment(value: str) -> bool:
    # A leap second is allowed (RFC 3339, section 5.6).
    return _tries(dt.datetime.fromisoformat)(value[:19].upper().replace(":60", ":59"))


_DAY = r"\d{4}-\d\d-\d\d"
# The RFCs limit no fraction and no duration. Nobody has more than nine digits, or 32 characters.
_OFFSET, _FRACTION = r"([Zz]|[+-]\d\d:\d\d)", r"(\.\d{1,9})?"
_PERIOD = r"P(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_REFERENCE = r"[^\s<>\"{}|\\\x5e`\x00-\x1f]*"
_EMAIL = r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+"
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_DOUBLE = 1.7976931348623157e308
_SINGLE = 3.4028234663852886e38

FORMATS: dict[str, Format] = {
    "int8": _numbers(-(2**7), 2**7 - 1, (0,), ("int16", "int32", "int64")),
    "int16": _numbers(-(2**15), 2**15 - 1, (2**15 - 1, 0), ("int32", "int64")),
    "int32": _numbers(-(2**31), 2**31 - 1, (2**31 - 1, 0), ("int64", "double", "float")),
    "int64": _numbers(-(2**63), 2**63 - 1, (2**63 - 1, 2**31, 0), ("double", "float")),
    "float": _numbers(-_SINGLE, _SINGLE, (0.5, 3e38), ("double",)),
    "double": _numbers(-_DOUBLE, _DOUBLE, (0.5, 1e300)),
    "date": _texts(_DAY, "2026-01-31", also=_tries(dt.date.fromisoformat)),
    "date-time": _texts(rf"{_DAY}[Tt]\d\d:\d\d:\d\d{_FRACTION}{_OFFSET}", "2026-01-31T09:30:00Z", also=_is_moment),
    "time": _texts(rf"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60){_FRACTION}{_OFFSET}", "09:30:00Z"),
    "duration": _texts(r"P[\dWYMDTHS]{2,31}", "P1D", also=lambda value: bool(re.fullmatch(_PERIOD, value, re.ASCII))),
    "uuid": _texts(_UUID, "0190b6a4-7c1e-7000-8000-000000000001"),
    "email": _texts(_EMAIL, "a.person@example.com", within=("idn-email",)),
    "idn-email": _texts(_EMAIL, "a.person@example.com"),
    "hostname": _texts(
        r"[A-Za-z0-9.-]{1,253}",
        "shop.example.com",
        within=("idn-hostname",),
        also=lambda value: bool(re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", value)),
    ),
    "ipv4": _texts(r"[0-9.]{7,15}", "192.0.2.1", also=_tries(ipaddress.IPv4Address)),
    "ipv6": _texts(r"[0-9a-fA-F:.]{2,45}", "2001:db8::1", also=_tries(ipaddress.IPv6Address)),
    "uri": _texts(
        rf"[A-Za-z][A-Za-z0-9+.-]*:{_REFERENCE}",
        "https://example.com/a",
        within=("iri", "uri-reference", "iri-reference"),
    ),
    "url": _texts(
        rf"[A-Za-z][A-Za-z0-9+.-]*:{_REFERENCE}",
        "https://example.com/a",
        within=("uri", "iri", "uri-reference", "iri-reference"),
    ),
    "uri-reference": _texts(_REFERENCE, "../a", "https://example.com/a", within=("iri-reference",)),
    "byte": _texts(
        r"[A-Za-z0-9+/]*={0,2}", "AAE=", "", also=_tries(lambda value: base64.b64decode(value, validate=True))
    ),
    "regex": Format(_STRING, lambda value: python(value) is not None, ("^a+$",)),
    "json-pointer": _texts(r"(/([^~/]|~[01])*)*", "/a/0"),
    "decimal": _texts(r"[-+]?(\d+(\.\d*)?|\.\d+)", "12.50"),
    "base64url": _texts(r"[A-Za-z0-9_-]*", "AAE", "-_"),
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
