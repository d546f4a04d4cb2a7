"""Decodes an answer strictly while it is as promised, and field by field once something is wrong.

What the pinned contract promises is decoded at once into the generated structs. Where that fails,
an object with something wrong in it becomes a struct with empty slots, and each field is converted
when it is read first. So a page fails only on what it reads, and its failure names the field.
Recording what a UI reads (contract/usage.py) takes the second way on purpose. Knows no Django.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf, isfinite
from typing import Any, TypeVar, cast, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Struct, defstruct, structs

T = TypeVar("T")

UNREAD = "_unread"  # in the __dict__ of a lazy struct: the JSON that it is made of
FAILURES = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the API, and who is told about it."""

    operation: str
    refuse: Callable[[str], Exception]  # returns what to raise for a value that cannot be used
    note: Callable[[str], None] | None = None  # is told the path of every field that is read

    def wrong(self, path: str, why: str) -> Exception:
        """Return the exception that names the operation and the field."""
        return self.refuse(f"{self.operation}: {path or 'the answer'} {why}")


@dataclass(frozen=True, slots=True)
class Unread:
    """The JSON object that a lazy struct is made of."""

    raw: Mapping[str, Any]
    path: str
    answer: Answer

    def read(self, field: structs.FieldInfo) -> Any:
        """Return one field's value; raise what names the field when it cannot be used."""
        name = field.encode_name
        path = f"{self.path}.{name}" if self.path else name
        if self.answer.note:
            self.answer.note(path)
        if name in self.raw:
            return convert(self.raw[name], field.type, path, self.answer)
        if field.required:
            raise self.answer.wrong(path, "is missing")
        return field.default if field.default_factory is NODEFAULT else field.default_factory()


def decode(content: bytes, kind: type[T], answer: Answer) -> T:
    """Return the answer as its type; what is wrong in it is refused when it is read."""
    try:
        if answer.note is None:
            return msgspec.json.decode(content, type=kind, strict=False)
    except FAILURES:
        pass  # Perhaps no JSON at all; perhaps one field that nobody reads.
    try:
        raw = parse(content)
    except (ValueError, RecursionError) as exc:
        raise answer.wrong("", f"is no JSON: {exc}") from exc
    return cast(T, convert(raw, kind, "", answer))


def parse(content: bytes) -> Any:
    """Return JSON as Python has it; raises ValueError and RecursionError.

    What msgspec refuses in a value is an Unusable in its place: NaN, a number beyond a float, bytes
    that are no UTF-8, half of a character (RFC 8259, 6 and 8). UTF-16, UTF-32 and a byte order mark
    are read.
    """
    try:
        return msgspec.json.decode(content)
    except FAILURES:
        text = content.decode(json.detect_encoding(content), "surrogateescape")
        return usable(json.loads(text, parse_int=integer))


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that no type can have."""

    why: str


def integer(text: str) -> float:
    """Return an integer; infinity for one of more digits than Python reads."""
    return int(text) if len(text) <= sys.int_info.default_max_str_digits else inf


def usable(value: Any) -> Any:
    """Return a JSON value with an Unusable for each one in it that cannot be used."""
    if isinstance(value, list):
        return [usable(each) for each in value]
    if isinstance(value, dict):
        return {key.encode(errors="replace").decode(): usable(each) for key, each in value.items()}
    if isinstance(value, float) and not isfinite(value):
        return Unusable("it is no number, or too large")
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return Unusable("it is no Unicode text")
    return value


def unusable(raw: Any) -> Unusable | None:
    """Return the first value in a JSON value that cannot be used."""
    inner = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    return raw if isinstance(raw, Unusable) else next(filter(None, map(unusable, inner)), None)


def convert(raw: Any, kind: Any, path: str, answer: Answer) -> Any:
    """Return a JSON value as its type; an object with something wrong in it stays unread."""
    struct, items, values = shape(kind)
    if items is not None and isinstance(raw, list):
        return [convert(item, items, f"{path}[{at}]", answer) for at, item in enumerate(raw)]
    if values is not None and isinstance(raw, dict):
        return {key: convert(raw[key], values, f'{path}["{key}"]', answer) for key in raw}
    unread = Unread(raw, path, answer) if struct and isinstance(raw, dict) else None
    found = unusable(raw)
    if struct and unread and (answer.note or found):
        return lazy(struct, unread)
    if found:
        raise answer.wrong(path, f"cannot be read: {found.why}")
    try:
        return msgspec.convert(raw, kind, strict=False)
    except FAILURES as exc:
        if struct and unread:
            return lazy(struct, unread)
        raise answer.wrong(path, f"cannot be read: {exc}") from exc


@cache
def shape(kind: Any) -> tuple[type[Struct] | None, Any, Any]:
    """Return what a type may be: a struct, and the type of a list's items or of a map's values.

    A type has at most one of them; there is no Python type for objects of several shapes.
    """
    struct = items = values = None
    for option in [kind] if get_origin(kind) in (list, dict) else get_args(kind) or (kind,):
        if get_origin(option) is list:
            (items,) = get_args(option)
        elif get_origin(option) is dict:
            values = get_args(option)[1]
        elif isinstance(option, type) and issubclass(option, Struct):
            struct = option
    return struct, items, values


def lazy(kind: type[Struct], unread: Unread) -> Struct:
    """Return a struct with empty slots."""
    subclass, values, empty = lazy_kind(kind)
    struct = subclass(**values)
    for slot in empty:
        slot(struct)
    struct.__dict__[UNREAD] = unread
    return struct


@cache
def lazy_kind(
    kind: type[Struct],
) -> tuple[type[Struct], dict[str, None], list[Callable[[Struct], None]]]:
    """Return the subclass that fills a slot when it is read, its fields, and what empties them."""
    namespace = {"__getattr__": fill, "__doc__": kind.__doc__}
    subclass = defstruct(
        kind.__name__, (), bases=(kind,), namespace=namespace, frozen=True, dict=True
    )
    # The descriptors of the slots do not ask whether the struct is frozen.
    empty = [getattr(kind, name).__delete__ for name in kind.__struct_fields__]
    return subclass, dict.fromkeys(kind.__struct_fields__), empty


def fill(struct: Struct, name: str) -> Any:
    """Convert a field that is read for the first time; Python calls this for empty slots only."""
    field = fields(type(struct)).get(name)
    if field is None:
        raise AttributeError(f"{type(struct).__name__} has no field {name!r}")
    value = struct.__dict__[UNREAD].read(field)
    structs.force_setattr(struct, name, value)
    return value


@cache
def fields(kind: type[Struct]) -> dict[str, structs.FieldInfo]:
    """Return a struct's fields by the name of their attribute, their types resolved."""
    return {field.name: field for field in structs.fields(kind)}


class Values(Mapping[str, Any]):
    """A struct as the JSON object that it came from; reads only what is asked for.

    msgspec's own functions (``to_builtins``, ``json.encode``, ``asdict``, ``repr``) refuse a struct
    with empty slots, and would read all of it.
    """

    def __init__(self, struct: Struct) -> None:
        self._struct = struct
        self._fields = {field.encode_name: field for field in fields(type(struct)).values()}

    def __getitem__(self, name: str) -> Any:
        """Return a value as JSON has it; KeyError for one that is not in the answer."""
        value = getattr(self._struct, self._fields[name].name)
        if value is UNSET:
            raise KeyError(name)
        return wire(value)

    def __contains__(self, name: object) -> bool:
        """Tell whether it is in the answer, without reading it."""
        field = self._fields.get(str(name))
        if field is None:
            return False
        unread: Unread | None = getattr(self._struct, "__dict__", {}).get(UNREAD)
        if unread is not None:
            return field.encode_name in unread.raw or field.default is not UNSET
        return getattr(self._struct, field.name) is not UNSET

    def __iter__(self) -> Iterator[str]:
        """Yield the names of what is in the answer."""
        return (name for name in self._fields if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def wire(value: Any) -> Any:
    """Return a value as JSON has it; of a struct, this reads every field."""
    if isinstance(value, Struct):
        return dict(Values(value))
    if isinstance(value, list):
        return [wire(item) for item in value]
    if isinstance(value, dict):
        return {key: wire(each) for key, each in value.items()}
    return value
