"""Parameters, by location and name: which there are, which must be, how they are written, what they may hold."""

from __future__ import annotations

import re
from typing import Any

from contract.compare.content import ANY
from contract.compare.lifecycle import announced, sunset
from contract.compare.report import Place, Report, short
from contract.compare.texts import SCALARS, few, fits_as_text, kinds, refuses, style_of, told_apart, valued, written
from contract.document import Document, Operation
from contract.finding import Verdict, Witness
from contract.schema.prove import Prover, bare
from contract.schema.sample import NoValueError
from contract.schema.shape import shapes

Parameter = dict[str, Any]
Key = tuple[str, str]
# OpenAPI, Parameter Object: header parameters of these names are described elsewhere and ignored here.
ELSEWHERE = frozenset({"accept", "content-type", "authorization"})


def listed(document: Document, operation: Operation) -> dict[Key, Parameter]:
    """The parameters of an operation; its own win over those of its path. Path parameters go by their place."""
    found: dict[Key, Parameter] = {}
    places = {name: str(index) for index, name in enumerate(re.findall(r"\{([^}]*)\}", operation.path))}
    for raw in [
        *(operation.item.get("parameters") or ()),
        *(operation.data.get("parameters") or ()),
    ]:
        parameter = document.resolve(raw)
        location, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
        if location == "header":
            name = name.lower()
        if location == "path":
            name = places.get(name, name)
        if location != "header" or name not in ELSEWHERE:
            found[(location, name)] = parameter
    return found


def parameters(report: Report, prover: Prover, place: Place, pair: tuple[Operation, Operation]) -> None:
    """Compare the parameters of an operation in both documents; webhooks and callbacks are called by the server."""
    old, new = listed(report.old, pair[0]), listed(report.new, pair[1])
    for key, before in old.items():
        here = place.at(f"{key[0]} parameter {before.get('name', key[1])}")
        if key in new and report.same.equal(before, new[key]):
            continue
        if key in new:
            _changed(report, prover, here, (before, new[key]))
        elif key[0] != "path":
            (_removed if prover is report.requests else _not_sent)(report, prover, here, before)
    for key in [key for key in new if key not in old]:
        here = place.at(f"{key[0]} parameter {new[key].get('name', key[1])}")
        _added(report, prover, here, key, new[key])


def _added(report: Report, prover: Prover, place: Place, key: Key, parameter: Parameter) -> None:
    if prover is report.responses:
        report.add(Verdict.COMPATIBLE, "parameter-added", place, "may now be sent", kind="Added")
    elif key[0] == "path" and key[1].isdigit():
        # Whatever fits its type was sent there before.
        schema = schema_of(parameter)[0]
        view = report.requests.reader.view(bare(report.requests.reader, schema))
        texts(report, report.requests, place, ({key: view[key] for key in ("type",) if key in view}, schema), parameter)
        report.add(Verdict.COMPATIBLE, "parameter-declared", place, "is now declared; the path always had it")
    elif key[0] == "path":
        text = f"{parameter.get('name')} is declared, but the path has no place for it"
        report.wire("path-parameter", place, text, place.name)
    elif parameter.get("required") is True:
        witness = f"{place.name} without {parameter.get('name')}"
        report.wire(
            "parameter-required",
            place,
            f"{parameter.get('name')} must now be sent",
            witness,
            kind="Added",
        )
    else:
        report.add(Verdict.COMPATIBLE, "parameter-added", place, "may now be sent", kind="Added")


def _removed(report: Report, prover: Prover, place: Place, parameter: Parameter) -> None:
    text = f"{parameter.get('name')} is no longer read"
    if announced(parameter):
        text = f"{text}; its end was announced"
    if announced(parameter) or (parameter.get("in") not in ("query", "querystring") and sunset(parameter) is None):
        report.add(Verdict.SOURCE, "parameter-removed", place, text, kind="Removed")
        return
    try:
        value = prover.sampler.smallest((schema_of(parameter)[0],))
    except NoValueError:
        value = "a"
    joint = "" if parameter.get("in") == "query" else " with "
    witness = f"{place.name}{joint}{written(parameter, value)}"
    report.wire("parameter-removed", place, text, witness, kind="Removed")


def _not_sent(report: Report, _prover: Prover, place: Place, parameter: Parameter) -> None:
    """The server sent a parameter with its call, and no longer does."""
    name = parameter.get("name")
    if parameter.get("required") is True and not announced(parameter):
        report.wire(
            "parameter-removed", place, f"{name} is no longer sent", f"{place.name} without {name}", kind="Removed"
        )
    else:
        report.add(Verdict.SOURCE, "parameter-removed", place, f"{name} is no longer declared", kind="Removed")


def schema_of(parameter: Parameter) -> tuple[Any, str]:
    """The schema of a parameter or header, and the media type when it is written as one."""
    content = parameter.get("content")
    if isinstance(content, dict) and content:
        media_type, entry = next(iter(content.items()))
        return (entry or {}).get("schema", ANY), media_type
    return parameter.get("schema", ANY), ""


def _changed(report: Report, prover: Prover, place: Place, pair: tuple[Parameter, Parameter]) -> None:
    before, after = pair
    name = after.get("name")
    _presence(report, prover, place, pair)
    (old, old_type), (new, new_type) = schema_of(before), schema_of(after)
    if bool(old_type) != bool(new_type):
        text = f"{name} must now be written as {new_type or style_of(after)[0]}"
        writer, schema = (before, old) if prover is report.requests else (after, new)
        report.wire("style", place, text, f"{place.name}{written(writer, _value(prover, schema))}")
        return
    style(report, prover, place, pair)
    texts(report, prover, place, (old, new) if prover is report.requests else (new, old), after)


def _presence(report: Report, prover: Prover, place: Place, pair: tuple[Parameter, Parameter]) -> None:
    """Whether a parameter has to be there, and may be empty: more is asked of who writes it, or less is promised."""
    before, after = pair
    name, incoming = after.get("name"), prover is report.requests
    path = before.get("in") == "path"
    needed, needs = (one.get("required") is True or path for one in pair)
    empty = [one.get("allowEmptyValue") is True for one in pair]
    if needs and not needed and incoming:
        report.wire("parameter-required", place, f"{name} must now be sent", f"{place.name} without {name}")
    elif needs and not needed:
        report.add(Verdict.COMPATIBLE, "parameter-required", place, f"{name} is now always sent")
    elif needed and not needs and incoming:
        report.add(Verdict.COMPATIBLE, "parameter-optional", place, f"{name} may now be left out")
    elif needed and not needs:
        report.wire("parameter-optional", place, f"{name} may now be absent", f"{place.name} without {name}")
    if empty == [True, False] and incoming:
        report.wire("allowEmptyValue", place, f"{name} must no longer be empty", f"{place.name}?{name}=")
    elif empty == [False, True] and not incoming:
        report.wire("allowEmptyValue", place, f"{name} may now be empty", f"{place.name}?{name}=")


def _value(prover: Prover, schema: Any) -> Any:
    try:
        return prover.sampler.smallest((schema,))
    except NoValueError:
        return "a"


def style(report: Report, prover: Prover, place: Place, pair: tuple[Parameter, Parameter]) -> None:
    """Another way of writing arrays or objects; a single value is written alike in all of them."""
    before, after = pair
    if style_of(before) == style_of(after) or "content" in after:
        return
    owner = prover.writer if prover is report.requests else prover.reader
    plural = kinds(owner, schema_of(before)[0]) & {"array", "object"}
    matrix = {"matrix", "label"} & {style_of(before)[0], style_of(after)[0]}
    if not plural and not matrix:
        return
    sample = {"a": 1, "b": 2} if plural == {"object"} else [1, 2] if "array" in plural else "a"
    one, other = written(before, sample), written(after, sample)
    if one != other or matrix:
        report.wire(
            "style",
            place,
            f"{before.get('name')} must now be written as `{other}`",
            f"{place.name}{one}",
        )


def texts(report: Report, prover: Prover, place: Place, pair: tuple[Any, Any], parameter: Parameter) -> None:
    """Compare schemas of what travels as text; `pair` is what the writer says and what the reader says."""
    writer, reader = pair
    if "content" in parameter:
        report.schemas(prover, place, prover.compare((writer,), reader))
        return
    writer, reader = valued(prover.writer, writer), valued(prover.reader, reader)
    sent, read = kinds(prover.writer, writer), kinds(prover.reader, reader)
    single = sent <= SCALARS and "array" in read and not (sent & read) - {"null"}
    if single and parameter.get("in") == "query" and style_of(parameter) == ("form", True):
        reader = _one_item(prover, reader) or reader
    written_out = not sent <= {"string", "null"} and not _repeated(sent, parameter)
    if written_out and fits_as_text(prover, writer, reader):
        lost = told_apart(sent, read) if prover is report.requests else ()
        if lost:
            kinds_lost = " or ".join("number" if kind == "fraction" else kind for kind in sorted(lost))
            report.wire("type", place, f"what was read as {kinds_lost} would now be read as a string")
        return
    comparison = prover.compare((writer,), reader)
    values, gaps = few(prover, writer), {gap.rule for one in comparison.reachable() for gap in one.gaps}
    if values and gaps <= {"type", "enum", "anyOf"} and not any(map(refuses(prover, reader), values)):
        return
    report.schemas(prover, place, comparison, refuses(prover, reader))
    _as_text(report, place, parameter)


def _repeated(sent: frozenset[str], parameter: Parameter) -> bool:
    """Whether several values go under one name: `?id=1&id=2` is no single text."""
    return bool(sent & {"array", "object"}) and parameter.get("in") in ("query", "cookie") and style_of(parameter)[1]


def _one_item(prover: Prover, reader: Any) -> Any:
    """What a single `?name=value` is to a reader of arrays: an array of one."""
    arrays = [shape for shape in shapes(prover.reader, (reader,)) if "array" in shape.types]
    if len(arrays) == 1 and arrays[0].sizes.get("minItems", 0) <= 1:
        nodes = arrays[0].item(0)
        return nodes[0] if len(nodes) == 1 else {"allOf": list(nodes)}
    return None


def _as_text(report: Report, place: Place, parameter: Parameter) -> None:
    """Show the witness as the request in which it would be sent."""
    for finding in report.findings:
        witness, here = finding.witness, (finding.operation, finding.where) == (place.name, place.where)
        bare = witness and witness.value is not None and witness.text == short(witness.value, finding.field)
        if witness and here and bare and "in" in parameter:
            shown = f"{place.name} with {written(parameter, witness.value).lstrip('?')}"
            finding.witness = Witness(shown, witness.value)
