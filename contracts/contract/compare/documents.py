"""Two documents in step: operations by method and path, then everything that an operation has."""

from __future__ import annotations

from contract.compare.change import Change, Pair, place_of
from contract.compare.content import compare_request_body
from contract.compare.dialects import compare_dialects
from contract.compare.edited import add_edits
from contract.compare.lifecycle import compare_lifecycle
from contract.compare.parameters import compare_parameters
from contract.compare.relaxed import relaxed
from contract.compare.remaining import differences
from contract.compare.report import Report
from contract.compare.responses import compare_responses
from contract.compare.security import compare_security
from contract.compare.servers import compare_servers
from contract.compare.touches import add_touches
from contract.findings.difference import ABSENT, Notice
from contract.findings.finding import Finding, Verdict
from contract.openapi.direction import Direction
from contract.openapi.document import Document, Operation, calls
from contract.openapi.lifecycle import STABILITY, has_ended, is_level, is_unpromised
from contract.openapi.parameters import parameters_of
from contract.openapi.place import Part
from contract.openapi.security import requirements_of


def compare(old: Document, new: Document, relaxations: bool = True) -> list[Finding]:
    """Every difference that matters, breaks first; raises DocumentError where a document cannot be followed.

    `relaxations`: also what is newly allowed or promised, found by comparing the other way round, and then every other
    difference. The list is empty only if the documents are equal.
    """
    report, pairs = _one_way(old, new)
    compare_dialects(report)
    findings = report.findings
    if relaxations:
        backwards = _one_way(new, old, shown=False)[0].findings
        findings += relaxed(backwards, findings)
        findings += differences(report, pairs, backwards)
    add_edits(old, new, findings)
    order = list(Verdict)
    return sorted(findings, key=lambda finding: order.index(finding.verdict))


def _one_way(old: Document, new: Document, shown: bool = True) -> tuple[Report, list[Pair[Operation]]]:
    report = Report(old, new)
    for prover in report.provers.values():
        # No witness of the way back is shown, so the quick judge is enough.
        prover.shown = shown
    pairs = _section(report, "paths", Direction.REQUEST)
    compare_servers(report, pairs)
    pairs += _section(report, "webhooks", Direction.RESPONSE)
    add_touches(report)
    return report, pairs


def _section(report: Report, section: str, direction: Direction) -> list[Pair[Operation]]:
    old = {operation.key: operation for operation in report.old.operations(section)}
    new = {operation.key: operation for operation in report.new.operations(section)}
    for key, before in old.items():
        change = Change(report, direction, place_of(before), before, new.get(key))
        if key in new:
            _operation(change)
        else:
            _removed(change)
    for key, after in new.items():
        if key not in old:
            title = after.data.get("summary") or after.data.get("operationId") or ABSENT
            added = Change(report, direction, place_of(after))
            added.add(Verdict.COMPATIBLE, "operation-added", after=title, kind="Added")
    return [Pair(before, new[key]) for key, before in old.items() if key in new]


def _removed(change: Change) -> None:
    data = change.old.data
    level = data.get(STABILITY)
    if level is not None and not is_level(level):
        change.add_break("stability", before=level, kind="Removed")
    elif is_unpromised(data):
        change.add(Verdict.SOURCE, "operation-removed", before=level, kind="Removed")
    elif has_ended(data):
        change.add(Verdict.SOURCE, "operation-removed", notice=Notice(given=True), kind="Removed")
    else:
        change.add_break("operation-removed", kind="Removed")


def _operation(change: Change) -> None:
    report, old, new = change.report, change.old, change.new
    if _are_alike(change):
        return
    compare_lifecycle(change.of(old.data, new.data))
    if is_unpromised(old.data) and (is_unpromised(new.data) or STABILITY not in new.data):
        change.add(Verdict.COMPATIBLE, "not-compared")
        return
    _names(change)
    if change.is_request:
        compare_security(change)
    compare_parameters(change)
    after = parameters_of(report.new, new)
    for key, parameter in parameters_of(report.old, old).items():
        if key in after:
            here = change.at(Part.PARAMETER, str(parameter.get("name")), key.location)
            compare_lifecycle(here.of(parameter, after[key]))
    bodies = (report.old.resolve(old.data.get("requestBody")), report.new.resolve(new.data.get("requestBody")))
    compare_request_body(change.of(*bodies))
    answers = (old.data.get("responses") or {}, new.data.get("responses") or {})
    compare_responses(change.of(*answers).answering())
    _callbacks(change)


def _are_alike(change: Change) -> bool:
    """Whether two operations have the same text, with all they refer to, their path's parameters and security."""
    report, old, new = change.report, change.old, change.new
    if requirements_of(report.old, old) != requirements_of(report.new, new):
        return False
    shared = report.same.equal(old.item.get("parameters"), new.item.get("parameters"))
    return shared and report.same.equal(old.data, new.data)


def _names(change: Change) -> None:
    before, after = change.old.data, change.new.data
    old, new = before.get("operationId"), after.get("operationId")
    if old is not None and old != new:
        change.add(Verdict.SOURCE, "operation-id", before=old, after=ABSENT if new is None else new)
    old, new = before.get("tags"), after.get("tags")
    if set(old or ()) - set(new or ()):
        change.add(Verdict.SOURCE, "tag", before=old, after=new or ABSENT)


def _callbacks(change: Change) -> None:
    """Compare callbacks. The server calls the client, so every direction is reversed."""
    old, new = dict(calls(change.old)), dict(calls(change.new))
    for key, before in old.items():
        if key in new:
            place = place_of(before).at(Part.CALLBACK, key[0])
            _operation(Change(change.report, change.answering().direction, place, before, new[key]))
        else:
            change.add_break("callback-removed", before=list(key), kind="Removed")
