"""How a value is written in a path, query, header, cookie or form (OpenAPI, "Style Values").

``form*`` is ``form`` with ``explode``: the name stands before each value. A value that would be
read as another one raises ValueError.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import isfinite
from typing import Any
from urllib.parse import quote, unquote

import msgspec

JSON = "application/json"
DELIMITERS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}
HEADER = re.compile(r"(?![ \t])[^\x00-\x08\x0a-\x1f\x7f]*(?<![ \t])")  # RFC 9110, 5.5: field-value
COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")  # RFC 6265, 4.1.1: cookie-octet


def segment(value: object, style: str = "simple") -> str:
    """Return the value as one segment of a path; a slash in it stays inside."""
    pairs = members(value)
    if pairs is None:
        written = ",".join(map(quoted, listed(value)))
    else:
        between = "=" if style == "simple*" else ","
        written = ",".join(f"{quoted(name)}{between}{quoted(each)}" for name, each in pairs)
    if not written:
        raise ValueError("an empty value in a path is the path of something else")
    return written if written.strip(".") else written.replace(".", "%2E")


def query_pairs(name: str, value: object, style: str = "form*") -> Iterator[str]:
    """Yield each ``name=value`` of a query or of a urlencoded form; nothing for None."""
    if value is None:
        return
    pairs = None if style == JSON else members(value)
    if style == JSON:
        yield f"{quoted(name)}={quoted(json(value).decode())}"
    elif style == "deepObject" and pairs is not None:
        yield from (f"{quoted(f'{name}[{key}]')}={quoted(each)}" for key, each in pairs)
    elif style in DELIMITERS:
        parts = listed(value) if pairs is None else [part for pair in pairs for part in pair]
        if parts:
            yield f"{quoted(name)}={delimited(parts, DELIMITERS[style])}"
    else:
        each_named = ((name, each) for each in listed(value)) if pairs is None else pairs
        yield from (f"{quoted(key)}={quoted(each)}" for key, each in each_named)


def query(values: Iterable[tuple[str, object, str]]) -> str:
    """Return a query or a urlencoded form of names, values and styles.

    A name that two of them write raises ValueError: it would be read as several values of one.
    """
    found: list[str] = []
    names = set[str]()
    for name, value, style in values:
        pairs = list(query_pairs(name, value, style))
        own = {pair.partition("=")[0] for pair in pairs}
        if twice := own & names:
            raise ValueError(
                f"{unquote(min(twice))!r} is written twice, the second time by {name!r}"
            )
        names |= own
        found += pairs
    return "&".join(found)


def header(value: object) -> str:
    """Return the value of a header; a list is joined by commas."""
    pairs = members(value)
    parts = listed(value) if pairs is None else [part for pair in pairs for part in pair]
    texts = [text(part) for part in parts]
    if len(texts) > 1 and any("," in each for each in texts):
        raise ValueError("a comma in one of several values of a header")
    if not all(map(HEADER.fullmatch, texts)):
        raise ValueError("a header cannot carry this value")
    return ",".join(texts)


def cookie(name: str, value: object) -> str:
    """Return ``name=value`` of a cookie, which has no way to write other signs."""
    written = text(value)
    if not COOKIE.fullmatch(written):
        raise ValueError(f"{name}: a cookie cannot carry this value")
    return f"{name}={written}"


def delimited(values: Sequence[object], delimiter: str) -> str:
    """Return several values as one; none may have the delimiter in it."""
    written = [quoted(value) for value in values]
    if any(delimiter in value for value in written):
        raise ValueError("a value has the sign in it that separates values")
    return delimiter.join(written)


@cache
def attributes(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the attribute of each property of a generated struct."""
    return dict(zip(struct.__struct_encode_fields__, struct.__struct_fields__, strict=True))


def member(struct: Any, name: str) -> Any:
    """Return a property of a generated struct by its name in the contract."""
    kind: type[msgspec.Struct] = type(struct)
    return getattr(struct, attributes(kind)[name])


def members(value: object) -> list[tuple[str, object]] | None:
    """Return the members of an object by their names in the contract; None for another value."""
    if isinstance(value, msgspec.Struct):
        names = attributes(type(value)).items()
        found = [(name, getattr(value, attribute)) for name, attribute in names]
        return [(name, each) for name, each in found if each is not msgspec.UNSET]
    return list(value.items()) if isinstance(value, dict) else None


def json(value: object) -> bytes:
    """Return a value as JSON; msgspec would write null for a number that JSON does not have."""
    written = msgspec.json.encode(value)
    if b"null" in written:
        check_numbers(value)
    return written


def check_numbers(value: object) -> None:
    """Raise ValueError for NaN and infinity, at any depth."""
    if isinstance(value, float):
        text(value)
    pairs = members(value)
    inner = [each for _, each in pairs] if pairs is not None else listed(value)
    for each in inner if pairs is not None or isinstance(value, list | tuple) else ():
        check_numbers(each)


def listed(value: object) -> Sequence[object]:
    """Return the values of a list, without None; any other value is a list of one."""
    if isinstance(value, list | tuple):
        return [each for each in value if each is not None]
    return (value,)


def quoted(value: object) -> str:
    """Return a value with all signs quoted that mean something in an address."""
    return quote(text(value), safe="")


def text(value: object) -> str:
    """Return one value as text: a boolean is ``true`` or ``false``, as in JSON."""
    if value is None or isinstance(value, list | tuple | bytes | dict | msgspec.Struct):
        raise ValueError(f"{type(value).__name__} within a value has no form in a parameter")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    return str(value).lower() if isinstance(value, bool) else str(value)
