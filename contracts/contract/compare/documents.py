"""Two documents in step: operations by method and path, then everything that an operation has."""

from __future__ import annotations

from contract.compare.content import request_body
from contract.compare.dialects import dialects
from contract.compare.lifecycle import KNOWN, LEVELS, announced, life, unpromised
from contract.compare.parameters import listed, parameters
from contract.compare.relaxed import relaxed
from contract.compare.report import Place, Report
from contract.compare.responses import responses
from contract.compare.security import security, ways
from contract.compare.servers import servers
from contract.compare.words import differences
from contract.document import Document, Operation, calls
from contract.finding import Finding, Verdict

Pair = tuple[Operation, Operation]


def compare(old: Document, new: Document, relaxations: bool = True) -> list[Finding]:
    """Every difference that matters, breaks first; raises DocumentError where a document cannot be followed.

    What is merely allowed or promised now, and was not, takes a second look the other way round; then comes whatever
    else differs, so that nothing is found only if the documents are equal.
    """
    report, pairs = _one_way(old, new)
    dialects(report)
    findings = report.findings
    if relaxations:
        backwards = _one_way(new, old, shown=False)[0].findings
        findings += relaxed(backwards, findings)
        findings += differences(report, pairs, backwards)
    order = list(Verdict)
    return sorted(findings, key=lambda finding: order.index(finding.verdict))


def _one_way(old: Document, new: Document, shown: bool = True) -> tuple[Report, list[Pair]]:
    report = Report(old, new)
    # On the way back no witness is shown, so that the first judge is enough.
    report.requests.shown = report.responses.shown = shown
    pairs = _section(report, "paths", incoming=True)
    servers(report, pairs)
    return report, pairs + _section(report, "webhooks", incoming=False)


def _section(report: Report, section: str, incoming: bool) -> list[Pair]:
    old = {operation.key: operation for operation in report.old.operations(section)}
    new = {operation.key: operation for operation in report.new.operations(section)}
    for key, before in old.items():
        place = Place(before)
        if key in new:
            _operation(report, place, (before, new[key]), incoming)
        else:
            _removed(report, place, before)
    for key, after in new.items():
        if key not in old:
            report.add(Verdict.COMPATIBLE, "operation-added", Place(after), _title(after), kind="Added")
    return [(before, new[key]) for key, before in old.items() if key in new]


def _title(operation: Operation) -> str:
    return str(operation.data.get("summary") or operation.data.get("operationId") or "new operation")


def _removed(report: Report, place: Place, operation: Operation) -> None:
    level = operation.data.get("x-stability-level")
    if level not in KNOWN:
        text = f"was removed; x-stability-level is none of {', '.join(LEVELS)}"
        report.wire(
            "stability",
            place,
            text,
            f"{place.name} has x-stability-level {level!r}",
            kind="Removed",
        )
    elif unpromised(operation.data) or announced(operation.data):
        reason = "was never promised" if unpromised(operation.data) else "its end was announced"
        report.add(Verdict.SOURCE, "operation-removed", place, f"was removed; {reason}", kind="Removed")
    else:
        report.wire("operation-removed", place, "was removed", place.name, kind="Removed")


def _operation(report: Report, place: Place, pair: Pair, incoming: bool) -> None:
    before, after = pair
    if _alike(report, pair):
        return
    life(report, place, before.data, after.data)
    if unpromised(before.data) and (unpromised(after.data) or "x-stability-level" not in after.data):
        report.add(
            Verdict.COMPATIBLE,
            "not-compared",
            place,
            "is marked as not to be relied on; not compared",
        )
        return
    _names(report, place, pair)
    asks, tells = (report.requests, report.responses) if incoming else (report.responses, report.requests)
    if incoming:
        security(report, place, pair)
    parameters(report, asks, place, pair)
    for key, parameter in listed(report.old, before).items():
        other = listed(report.new, after).get(key)
        if other is not None:
            life(report, place.at(f"{key[0]} parameter {parameter.get('name')}"), parameter, other)
    old_body, new_body = (
        report.old.resolve(before.data.get("requestBody")),
        report.new.resolve(after.data.get("requestBody")),
    )
    request_body(report, asks, place, old_body, new_body)
    answers = (before.data.get("responses") or {}, after.data.get("responses") or {})
    responses(report, tells, place, answers)
    _callbacks(report, place, pair, incoming)


def _alike(report: Report, pair: Pair) -> bool:
    """Whether two operations are written alike, with all that they refer to and that holds for them from outside."""
    before, after = pair
    if ways(report.old, before) != ways(report.new, after):
        return False
    shared = report.same.equal(before.item.get("parameters"), after.item.get("parameters"))
    return shared and report.same.equal(before.data, after.data)


def _names(report: Report, place: Place, pair: Pair) -> None:
    before, after = (one.data for one in pair)
    old, new = before.get("operationId"), after.get("operationId")
    if old is not None and old != new:
        report.add(Verdict.SOURCE, "operation-id", place, f"operationId was {old}, is {new or 'gone'}")
    if before.get("tags", []) != after.get("tags", []) and set(before.get("tags") or ()) - set(after.get("tags") or ()):
        report.add(
            Verdict.SOURCE,
            "tag",
            place,
            f"tags were {before.get('tags')}, are {after.get('tags') or 'gone'}",
        )


def _callbacks(report: Report, place: Place, pair: Pair, incoming: bool) -> None:
    """The server calls the client: everything the other way round."""
    old, new = (dict(calls(one)) for one in pair)
    for key, before in old.items():
        here = Place(before, f"callback {key[0]}")
        if key in new:
            _operation(report, here, (before, new[key]), not incoming)
        else:
            report.wire(
                "callback-removed",
                place,
                f"{' '.join(key)} is no longer called",
                " ".join(key),
                kind="Removed",
            )
