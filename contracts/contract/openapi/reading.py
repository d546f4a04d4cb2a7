"""Reads JSON and YAML files as JSON values.

YAML is read by the core schema of YAML 1.2, with the merge keys of 1.1. It is read event by event, so that
depth and aliases are limited while reading. What JSON cannot express is refused with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

# Levels of nesting, nodes once each alias is written out, and digits of a number.
DEPTH = 200
NODES = 2_000_000
DIGITS = 4_000

_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NULL = re.compile(r"~|null|Null|NULL|")
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class DocumentError(Exception):
    """A document cannot be read or understood; the text is one line for a person."""


class _RefusedError(Exception):
    """A value that JSON cannot express; the text names its line."""


class _TwiceError(Exception):
    """A key that occurs twice in one object."""


def parse(path: Path, read: Callable[[Path], bytes] = Path.read_bytes) -> Any:
    """The content of a JSON or YAML file; raises DocumentError with the line at fault."""
    text = _text(path, read)
    if not text.strip():
        raise DocumentError(f"{path}: the file is empty")
    try:
        data = _json(text, path) if text.lstrip().startswith(("{", "[")) else _NOT_JSON
        if data is _NOT_JSON:
            data = _Reader().read(text)
        _measured(data)
    except _RefusedError as error:
        raise DocumentError(f"{path}: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = " ".join(str(error).split()).replace('in "<unicode string>", ', "at ")
        raise DocumentError(f"{path}: not YAML: {line[:200]}") from None
    if _SURROGATE.search(text):
        _encodable(data, path)
    return data


def _text(path: Path, read: Callable[[Path], bytes]) -> str:
    """RFC 8259 and YAML 1.2 section 5.2: UTF-8, or UTF-16 and UTF-32 where the first bytes say so."""
    try:
        raw = read(path)
    except (OSError, ValueError) as error:
        raise DocumentError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: not {encoding.upper()} text (byte {error.start})") from None


_NOT_JSON = object()


def _json(text: str, path: Path) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_constant, parse_float=number, parse_int=_integer
        )
    except _TwiceError as error:
        try:
            _Reader().read(text)
        except yaml.YAMLError:
            raise _RefusedError(str(error)) from None
        raise _RefusedError(str(error)) from None
    except RecursionError:
        raise _RefusedError(f"nested deeper than {DEPTH} levels") from None
    except ValueError as error:
        # YAML in its flow style also begins with a bracket.
        if path.suffix == ".json":
            raise DocumentError(f"{path}: not JSON: {error}") from None
        return _NOT_JSON


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return made


def _constant(text: str) -> Any:
    raise _RefusedError(f"{text} is no number in JSON")


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise _RefusedError(f"a number of more than {DIGITS} digits")
    return int(text)


def number(text: str) -> int | float:
    """A number with a fraction or an exponent. One that is too large for a float is read exactly, as an integer."""
    value = float(text)
    if abs(value) != float("inf"):
        return value
    exact = Decimal(text)
    if exact.adjusted() > DIGITS:
        raise _RefusedError(f"a number of more than {DIGITS} digits")
    return int(exact)


def _measured(data: Any) -> None:
    """Refuse deep nesting, so that all other code may use recursion."""
    level = [data]
    for _ in range(DEPTH + 1):
        inside = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [inner for values in inside for inner in values if isinstance(inner, dict | list)]
        if not level:
            return
    raise _RefusedError(f"nested deeper than {DEPTH} levels")


def _encodable(data: Any, path: Path) -> None:
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DocumentError(f"{path}: half of a surrogate pair is no text") from None


@dataclass
class _Open:
    """A mapping or a sequence that is being read. `size` counts nodes, each alias written out."""

    value: Any
    line: int
    anchor: str | None
    size: int = 1
    key: str | None = None
    merged: list[dict[str, Any]] = field(default_factory=list)


class _Reader:
    """Builds the value of one YAML document from its events."""

    def __init__(self) -> None:
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._root: Any = None
        self._documents = 0

    def read(self, text: str) -> Any:
        """The value; raises _RefusedError, or what the parser raises."""
        for event in _events(text):
            known = self._ON.get(type(event))
            if known:
                known(self, event)
        return self._root

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _RefusedError(f"{_line(event)}: a second document begins; a contract is one")

    def _scalar(self, event: Any) -> None:
        top = self._stack[-1] if self._stack else None
        if top and isinstance(top.value, dict) and top.key is None:
            self._key(top, event)
            return
        self._put(_scalar(event), 1, event, event.anchor)

    def _key(self, top: _Open, event: Any) -> None:
        """Read a key as its text: `200` is "200". Only a plain `<<` merges."""
        name = event.value
        if event.tag not in (None, "!", f"{_TAG}str", f"{_TAG}int", f"{_TAG}merge"):
            raise _RefusedError(f"{_line(event)}: a key with the tag {event.tag} is no text")
        merges = name == _MERGE and event.tag != f"{_TAG}str" and (event.implicit[0] or event.tag == f"{_TAG}merge")
        if name in top.value or (merges and top.merged):
            raise _RefusedError(f"{_line(event)}: the key {name!r} stands twice in {self._place()}")
        if event.anchor:
            self._anchors[event.anchor] = (name, 1)
        top.key = _MERGED if merges else name

    def _alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor, ())
        if known is None:
            raise _RefusedError(f"{_line(event)}: the alias *{event.anchor} holds itself")
        if not known:
            raise _RefusedError(f"{_line(event)}: no anchor is called {event.anchor}")
        value, size = known
        top = self._stack[-1]
        if isinstance(top.value, dict) and top.key is None:
            if not isinstance(value, str):
                raise _RefusedError(f"{_line(event)}: the key *{event.anchor} is no text")
            top.key = value
            if value in top.value:
                raise _RefusedError(f"{_line(event)}: the key {value!r} stands twice in {self._place()}")
            return
        self._put(value, size, event, None)

    def _begin(self, event: Any) -> None:
        top = self._stack[-1] if self._stack else None
        if top and isinstance(top.value, dict) and top.key is None:
            raise _RefusedError(f"{_line(event)}: a key that is no text")
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_TAG}{'map' if mapping else 'seq'}"):
            raise _RefusedError(f"{_line(event)}: the tag {event.tag} says nothing in JSON")
        if len(self._stack) >= DEPTH:
            raise _RefusedError(f"{_line(event)}: nested deeper than {DEPTH} levels")
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Open({} if mapping else [], event.start_mark.line, event.anchor))

    def _end(self, event: Any) -> None:
        top = self._stack.pop()
        value = top.value
        if top.merged:
            # YAML 1.1, merge key: keys of the mapping itself win, then those of the earlier merged one.
            value = {}
            for part in reversed(top.merged):
                value.update(part)
            value.update(top.value)
        self._put(value, top.size, event, top.anchor)

    def _put(self, value: Any, size: int, event: Any, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = (value, size)
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.size += size
        if top.size > NODES:
            raise _RefusedError(f"{_line(event)}: its aliases unfold to more than {NODES:,} nodes")
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is _MERGED:
            top.merged += self._maps(value, event)
        else:
            top.value[top.key] = value
        top.key = None

    def _maps(self, value: Any, event: Any) -> list[dict[str, Any]]:
        maps = value if isinstance(value, list) else [value]
        if not maps or not all(isinstance(one, dict) for one in maps):
            raise _RefusedError(f"{_line(event)}: `<<` merges mappings, and this is none")
        return maps

    def _place(self) -> str:
        keys = [len(one.value) if isinstance(one.value, list) else one.key for one in self._stack[:-1]]
        return "#/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in keys)

    _ON: dict[type, Callable[[_Reader, Any], None]] = {  # noqa: RUF012 - never changed
        yaml.DocumentStartEvent: _document,
        yaml.ScalarEvent: _scalar,
        yaml.AliasEvent: _alias,
        yaml.MappingStartEvent: _begin,
        yaml.SequenceStartEvent: _begin,
        yaml.MappingEndEvent: _end,
        yaml.SequenceEndEvent: _end,
    }


_MERGED = "<< as a merge key"


def _events(text: str) -> Iterator[Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


def _line(event: Any) -> str:
    return f"line {event.start_mark.line + 1}"


def _scalar(event: Any) -> Any:
    """The value of a scalar by its tag, or as it is written."""
    if event.tag in (None, "!"):
        return _plain(event) if event.implicit[0] else event.value
    make = _TAGGED.get(event.tag.removeprefix(_TAG)) if event.tag.startswith(_TAG) else None
    if make is None:
        raise _RefusedError(f"{_line(event)}: the tag {event.tag} says nothing in JSON")
    try:
        return make(event.value)
    except (ValueError, InvalidOperation, KeyError):
        raise _RefusedError(f"{_line(event)}: {event.value[:40]!r} is no {event.tag.removeprefix(_TAG)}") from None


def _plain(event: Any) -> Any:
    text = event.value
    try:
        for pattern, make in _PLAIN:
            if pattern.fullmatch(text):
                return make(text)
    except _RefusedError as error:
        raise _RefusedError(f"{_line(event)}: {error}") from None
    return text


_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (_BOOL, lambda text: text.lower() == "true"),
    (_NULL, lambda text: None),
    (_INT, _integer),
    (_OTHER_BASE, lambda text: int(text, 0)),
    (_FLOAT, number),
    (_NO_NUMBER, _constant),
)
_TAGGED: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": lambda text: int(text, 0) if _OTHER_BASE.fullmatch(text) else _integer(text),
    "float": number,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
    "null": lambda text: None,
}
