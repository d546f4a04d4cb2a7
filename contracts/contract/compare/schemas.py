"""Reports what the comparison of two schemas found: gaps with their witnesses, added and removed fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.compare.change import Change
from contract.compare.discriminators import compare_discriminators
from contract.compare.lifecycle import compare_lifecycle
from contract.findings.difference import ABSENT
from contract.findings.excerpt import excerpt
from contract.findings.finding import Finding, Verdict, Witness
from contract.openapi.direction import Direction
from contract.openapi.place import Path
from contract.schema.gap import Comparison, Gap, both, either
from contract.schema.prover import Prover
from contract.schema.shape import Nodes
from contract.schema.witness import JSON, NONE, Proof, Wire, proofs, steps, walk

_TRIES = 3


def report_schemas(change: Change, comparison: Comparison, wire: Wire = JSON) -> None:
    """Report every gap below a comparison with its witness, and every added or removed field."""
    if not _is_fresh(change, comparison, wire):
        return
    for proof in proofs(change.prover, comparison, wire, _proved(change)):
        _tell(change, proof, wire)
    _tell_names(change, comparison)


def _is_fresh(change: Change, comparison: Comparison, wire: Wire) -> bool:
    """Whether this pair of schemas is still to be reported."""
    report = change.report
    report.roots.append((change.place, comparison, wire))
    count = report.tries[id(comparison)] = report.tries.get(id(comparison), 0) + 1
    if count == 1:
        return True
    reached = {id(one) for one in comparison.reachable()}
    known = [finding for key, finding in report.told.items() if key[0] in reached]
    return count <= _TRIES and any(finding.verdict is Verdict.UNPROVEN for finding in known)


def _proved(change: Change) -> Callable[[Comparison, Gap], bool]:
    def proved(comparison: Comparison, gap: Gap) -> bool:
        known = change.report.told.get((id(comparison), gap.key))
        return known is not None and known.verdict is not Verdict.UNPROVEN

    return proved


def _tell(change: Change, proof: Proof, wire: Wire) -> None:
    report = change.report
    key = (id(proof.comparison), proof.gap.key)
    known = report.told.get(key)
    if known and (known.verdict is not Verdict.UNPROVEN or proof.value is NONE):
        return
    finding = _finding(change, proof, wire)
    twins = [other for other in report.findings if _is_twin(finding, other)]
    if finding.verdict is not Verdict.UNPROVEN:
        # Several alternatives may lack the same: the first witness is enough.
        twins = [other for other in twins if other.witness and _is_same(finding, other)]
    if twins:
        twin = report.twins[key] = twins[0]
        twin.given, twin.about = either(twin.given, finding.given), both(twin.about, finding.about)
        return
    if known:
        report.findings.remove(known)
    report.told[key] = finding
    report.findings.append(finding)


def _is_twin(one: Finding, other: Finding) -> bool:
    """Whether two findings are the same, or differ in nothing but the media type of a body."""
    if (one.rule, one.path) != (other.rule, other.path):
        return False  # Nearly all: their places need no comparison.
    return one.identity == other.identity or _without_media_type(one) == _without_media_type(other)


def _is_same(one: Finding, other: Finding) -> bool:
    return one.identity == other.identity and (one.before, one.after) == (other.before, other.after)


def _without_media_type(finding: Finding) -> tuple[Any, ...]:
    place = finding.place.whole()
    return place, finding.path, finding.rule, finding.direction, finding.before, finding.after


def _finding(change: Change, proof: Proof, wire: Wire) -> Finding:
    rule = proof.gap.rule
    verdict = Verdict.UNPROVEN if proof.value is NONE else Verdict.WIRE
    if _is_advice(change.direction, rule, proof):
        verdict = Verdict.SOURCE
    demanded, written = proof.gap.value, _said(change.prover, proof.comparison.writer, rule)
    before, after = (written, demanded) if change.is_request else (demanded, written)
    return Finding(
        verdict=verdict,
        rule=rule,
        place=change.place,
        direction=change.direction,
        path=proof.names,
        before=before,
        after=after,
        witness=None if proof.value is NONE else _witness(proof, wire),
        operations=[change.place.operation],
        given=proof.gap.given,
        about=proof.gap.about,
    )


def _witness(proof: Proof, wire: Wire) -> Witness:
    shown = wire.shown(proof.value) if wire.shown else excerpt(proof.value, proof.names)
    return Witness(shown, proof.value)


def _said(prover: Prover, writer: Nodes, rule: str) -> Any:
    """The value of the writer's keyword, if its schema has it directly."""
    return next((view[rule] for view in map(prover.writer.view, writer) if rule in view), ABSENT)


def _is_advice(direction: Direction, rule: str, proof: Proof) -> bool:
    """Whether a demand is advice. Clients read a text whatever its pattern, and `readOnly` and `writeOnly` say what
    should not be sent, not what must not (OpenAPI 3.0, Schema Object)."""
    of_a_name = any(edge.step[0] == "name" for edge in proof.path[-1:])
    described = rule == "pattern" and direction is Direction.RESPONSE and not of_a_name
    return described or rule in ("read-only", "format-dropped")


def _tell_names(change: Change, root: Comparison) -> None:
    for comparison, way in walk(root):
        if any(edge.step[0] == "same" for edge in way):
            continue
        path = steps(way)
        _tell_promises(change, comparison, path)
        added, removed = comparison.added, comparison.removed
        if not change.is_request:
            added, removed = removed, added
        shown = {name for key in change.report.told if key[0] == id(comparison) for name in _fields_shown(key[1])}
        for name in added:
            if name not in shown:
                _note(change, comparison, (*path, name), Verdict.COMPATIBLE)
        # A field whose absence is a gap was reported as that gap.
        missing = {name for key in change.report.told if key[0] == id(comparison) for name in _fields(key[1])}
        for name in removed:
            if name not in missing and not _is_told_missing(change, (*path, name)):
                _note(change, comparison, (*path, name), Verdict.SOURCE)


def _is_told_missing(change: Change, path: Path) -> bool:
    """Whether a field is told to be missing in an alternative of what it is in."""
    told = (one for one in change.report.findings if one.rule in ("required", "read-only") and one.path == path)
    return any(one.place == change.place for one in told)


def _tell_promises(change: Change, comparison: Comparison, path: Path) -> None:
    """Report what two schemas say about their alternatives and about time, once for all operations."""
    report, count = change.report, len(change.report.findings)
    if id(comparison) in report.promises:
        return
    report.promises.add(id(comparison))
    writer, reader = comparison.writer[0] if comparison.writer else None, comparison.reader
    compare_discriminators(_sides(change, writer, reader), path)
    for name, written, read in comparison.shared:
        compare_lifecycle(_sides(change, written, read), (*path, name))
    for number, finding in enumerate(report.findings[count:]):
        report.told[id(comparison), (finding.rule, str(number), finding.path[len(path) :])] = finding


def _sides(change: Change, writer: Any, reader: Any) -> Change:
    return change.of(writer, reader) if change.is_request else change.of(reader, writer)


def _fields(key: Any) -> tuple[str, ...]:
    fields: tuple[str, ...] = key[2]
    return fields


def _fields_shown(key: Any) -> tuple[str, ...]:
    """The field of a gap that says more than that the field is there now."""
    return _fields(key) if key[0] == "read-only" else ()


def _note(change: Change, comparison: Comparison, path: Path, verdict: Verdict) -> None:
    """Report an added (compatible) or removed (source) field once for all operations."""
    rule, kind = ("field-added", "Added") if verdict is Verdict.COMPATIBLE else ("field-removed", "Removed")
    key = (id(comparison), (rule, "", (path[-1],)))
    if key not in change.report.told:
        change.report.told[key] = change.add(verdict, rule, path=path, kind=kind)
