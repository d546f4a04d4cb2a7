"""Parameters, by location and name: which exist, which are required, their style and their schema."""

from __future__ import annotations

import json
from typing import Any

from contract.compare.as_text import SCALARS, few, fits_as_text, refuses, told_apart, without_null
from contract.compare.change import Change
from contract.compare.schemas import report_schemas
from contract.findings.difference import Notice
from contract.findings.finding import Verdict, Witness
from contract.findings.sentences import REQUIRED
from contract.openapi.lifecycle import has_ended, sunset
from contract.openapi.media_types import is_written_alike
from contract.openapi.parameters import Key, Parameter, parameters_of, schema_of, serialize, style_of
from contract.openapi.place import Part
from contract.schema.prover import Prover, bare
from contract.schema.sample import NoValueError
from contract.schema.shape import shapes, types_of
from contract.schema.witness import Wire

OPTIONAL = {"required": False}


def compare_parameters(change: Change) -> None:
    """Compare the parameters of an operation in both documents; webhooks and callbacks are called by the server."""
    old, new = parameters_of(change.report.old, change.old), parameters_of(change.report.new, change.new)
    for key, before in old.items():
        here = _at(change, key, before).of(before, new.get(key))
        if key in new:
            if not here.is_equal():
                _changed(here)
        elif key.location != "path":
            (_removed if change.is_request else _not_sent)(here)
    for key, after in new.items():
        if key not in old:
            _added(_at(change, key, after).of(None, after), key)


def _at(change: Change, key: Key, parameter: Parameter) -> Change:
    return change.at(Part.PARAMETER, str(parameter.get("name", key.name)), key.location)


def _added(change: Change, key: Key) -> None:
    parameter: Parameter = change.new
    required = parameter.get("required") is True
    if not change.is_request:
        change.add(Verdict.COMPATIBLE, "parameter-added", after={"required": required}, kind="Added")
    elif key.location == "path" and key.name.isdigit():
        # Clients could send any value of its type before.
        schema = schema_of(parameter)[0]
        side = change.prover.reader
        view = side.view(bare(side, schema))
        compare_texts(change.of({key: view[key] for key in ("type",) if key in view}, schema), parameter)
        change.add(Verdict.COMPATIBLE, "parameter-declared")
    elif key.location == "path":
        change.add_break("path-parameter")
    elif required:
        change.add_break("parameter-required", after=REQUIRED, kind="Added")
    else:
        change.add(Verdict.COMPATIBLE, "parameter-added", after=OPTIONAL, kind="Added")


def _removed(change: Change) -> None:
    parameter: Parameter = change.old
    before = {"required": parameter.get("required") is True}
    if has_ended(parameter):
        notice = Notice(given=True)
        change.add(Verdict.SOURCE, "parameter-removed", before=before, notice=notice, kind="Removed")
        return
    if parameter.get("in") not in ("query", "querystring") and sunset(parameter) is None:
        change.add(Verdict.SOURCE, "parameter-removed", before=before, kind="Removed")
        return
    joint = "" if parameter.get("in") == "query" else " with "
    shown = f"{change.place.operation}{joint}{serialize(parameter, _value(change.prover, schema_of(parameter)[0]))}"
    change.add_break("parameter-removed", Witness(shown), before=before, kind="Removed")


def _not_sent(change: Change) -> None:
    """A parameter that the server sent with its call, and no longer sends."""
    parameter: Parameter = change.old
    if parameter.get("required") is True and not has_ended(parameter):
        change.add_break("parameter-removed", before=REQUIRED, kind="Removed")
    else:
        change.add(Verdict.SOURCE, "parameter-removed", before=OPTIONAL, kind="Removed")


def _changed(change: Change) -> None:
    before, after = change.old, change.new
    _presence(change)
    if not compare_media_types(change):
        compare_styles(change)
        compare_texts(change.of(schema_of(before)[0], schema_of(after)[0]), after)


def compare_media_types(change: Change) -> bool:
    """Report a value that is written as another media type, or by a style and no longer as one; tell whether it is."""
    old_type, new_type = (schema_of(one)[1] for one in (change.old, change.new))
    if is_written_alike(old_type, new_type):
        return False
    schema, media_type = schema_of(change.written)
    value = _value(change.prover, schema)
    shown = serialize(change.written, json.dumps(value) if media_type else value)
    change.add_break("style", before=shown, after=new_type or style_of(change.new)[0])
    return True


def _presence(change: Change) -> None:
    """Compare whether a parameter is required and may be empty."""
    both = (change.old, change.new)
    path = change.old.get("in") == "path"
    needed, needs = (one.get("required") is True or path for one in both)
    values: dict[str, Any] = {"before": {"required": needed}, "after": {"required": needs}}
    if needs and not needed:
        if change.is_request:
            change.add_break("parameter-required", **values)
        else:
            change.add(Verdict.COMPATIBLE, "parameter-required", **values)
    elif needed and not needs:
        if change.is_request:
            change.add(Verdict.COMPATIBLE, "parameter-optional", **values)
        else:
            change.add_break("parameter-optional", **values)
    may, might = (one.get("allowEmptyValue") is True for one in both)
    if may is not might and may is change.is_request:
        change.add_break("allowEmptyValue", before=may, after=might)


def _value(prover: Prover, schema: Any) -> Any:
    try:
        return prover.sampler.smallest((schema,))
    except NoValueError:
        return "a"


def compare_styles(change: Change) -> None:
    """Compare how arrays and objects are written. A single value looks the same in most styles."""
    before, after = change.old, change.new
    if style_of(before) == style_of(after) or "content" in after:
        return
    owner = change.prover.writer if change.is_request else change.prover.reader
    plural = types_of(owner, schema_of(before)[0]) & {"array", "object"}
    matrix = {"matrix", "label"} & {style_of(before)[0], style_of(after)[0]}
    if not plural and not matrix:
        return
    sample = {"a": 1, "b": 2} if plural == {"object"} else [1, 2] if "array" in plural else "a"
    one, other = serialize(before, sample), serialize(after, sample)
    if one != other or matrix:
        change.add_break("style", before=one, after=other)


def compare_texts(change: Change, parameter: Parameter) -> None:
    """Compare the schemas of a value that travels as text."""
    if "content" in parameter:
        report_schemas(change, change.compare())
        return
    prover = change.prover
    writer, reader = without_null(prover.writer, change.written), without_null(prover.reader, change.read)
    sent, read = types_of(prover.writer, writer), types_of(prover.reader, reader)
    single = sent <= SCALARS and "array" in read and not (sent & read) - {"null"}
    if single and parameter.get("in") == "query" and style_of(parameter) == ("form", True):
        reader = _one_item(prover, reader) or reader
    written_out = not sent <= {"string", "null"} and not _is_repeated(sent, parameter)
    if written_out and fits_as_text(prover, writer, reader):
        _read_as_text(change, sent, read)
        return
    comparison = prover.compare((writer,), reader)
    values, gaps = few(prover, writer), {gap.rule for one in comparison.reachable() for gap in one.gaps}
    if values and gaps <= {"type", "enum", "anyOf"} and not any(map(refuses(prover, reader), values)):
        return

    def shown(value: Any) -> str:
        return f"{change.place.operation} with {serialize(parameter, value).removeprefix('?')}"

    report_schemas(change, comparison, Wire(refuses(prover, reader), shown=shown if "in" in parameter else None))


def _read_as_text(change: Change, sent: frozenset[str], read: frozenset[str]) -> None:
    lost = told_apart(sent, read) if change.is_request else frozenset()
    if lost:
        types = sorted("number" if kind == "fraction" else kind for kind in lost)
        change.add(Verdict.UNPROVEN, "type", keyword="type", before=types, after=["string"])


def _is_repeated(sent: frozenset[str], parameter: Parameter) -> bool:
    """Whether several values go under one name: `?id=1&id=2` is no single text."""
    return bool(sent & {"array", "object"}) and parameter.get("in") in ("query", "cookie") and style_of(parameter)[1]


def _one_item(prover: Prover, reader: Any) -> Any:
    """What a single `?name=value` is to a reader of arrays: an array of one."""
    arrays = [shape for shape in shapes(prover.reader, (reader,)) if "array" in shape.types]
    if len(arrays) == 1 and arrays[0].sizes.get("minItems", 0) <= 1:
        nodes = arrays[0].item(0)
        return nodes[0] if len(nodes) == 1 else {"allOf": list(nodes)}
    return None
