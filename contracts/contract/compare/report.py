"""Collects findings and says them. One difference in a shared schema is one finding, whatever uses it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contract.compare.discriminators import discriminators
from contract.compare.lifecycle import life
from contract.document import Document, Operation
from contract.finding import Finding, Verdict, Witness
from contract.schema.gap import Comparison, Gap
from contract.schema.prove import Prover
from contract.schema.same import Sameness
from contract.schema.scalars import advice
from contract.schema.view import Direction, Side
from contract.witness import NONE, Excuse, Proof, Refuses, proofs, walk

_TRIES = 3


@dataclass
class Place:
    """Where in the API a difference is: an operation, and the part of it."""

    operation: Operation
    where: str = ""

    @property
    def name(self) -> str:
        """The operation as METHOD and path."""
        return self.operation.name

    @property
    def id(self) -> str:
        """The operation's own name; empty where it has none."""
        return str(self.operation.data.get("operationId") or "")

    def at(self, where: str) -> Place:
        """Another part of the same operation."""
        return Place(self.operation, where)


def short(value: Any, field: str = "", limit: int = 240) -> str:
    """A value as JSON on one line; what is long is cut, but never the field that matters."""
    text = json.dumps(_cut(value), ensure_ascii=False)
    if len(text) > limit:
        text = json.dumps(_cut(_focus(value, field.replace("[]", ".[]").split("."))), ensure_ascii=False)
    return text if len(text) <= 2 * limit else f"{text[: 2 * limit]}…"


def _focus(value: Any, parts: list[str]) -> Any:
    parts = [part for part in parts if part]
    if isinstance(value, list):
        return [_focus(item, parts[1:] if parts[:1] == ["[]"] else parts) for item in value[:2]]
    if not isinstance(value, dict):
        return value
    kept = parts[0] if parts and parts[0] in value else None
    names = [kept] if kept else list(value)[:4]
    rest = len(value) - len(names)
    shown = {name: _focus(value[name], parts[1:]) if name == kept else value[name] for name in names}
    return {**shown, **({"…": f"{rest} more"} if rest else {})}


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 60:
        return f"{value[:20]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    if isinstance(value, list) and len(value) > 8:
        return [*(_cut(inner) for inner in value[:3]), f"… ({len(value)} items)"]
    return [_cut(inner) for inner in value] if isinstance(value, list) else value


def _twins(one: Finding, other: Finding) -> bool:
    """Whether two findings differ in nothing but the media type of a body."""
    whats = ((each.operation, each.field, each.rule, each.text, each.where.split(" ")[:2]) for each in (one, other))
    return one.name == other.name or next(whats) == next(whats)


@dataclass
class Report:
    """Both documents, how their schemas compare in each direction, and what was found so far."""

    old: Document
    new: Document
    findings: list[Finding] = field(default_factory=list)
    names_only: bool = False

    def __post_init__(self) -> None:
        same = Sameness(self.old, self.new)
        request, response = Direction.REQUEST, Direction.RESPONSE
        self.same = same
        self.requests = Prover(Side(self.old, request, False), Side(self.new, request, True), same)
        self.responses = Prover(
            Side(self.new, response, False),
            Side(self.old, response, True),
            same,
        )
        self._told: dict[tuple[int, str, str], Finding] = {}
        self._tries: dict[int, int] = {}

    def add(self, verdict: Verdict, rule: str, place: Place | None, text: str, **more: Any) -> Finding:
        """Add a finding; the same one at another operation is joined to it."""
        name, where = (place.name, place.where) if place else ("", more.pop("where", ""))
        more["operation_id"] = place.id if place else ""
        finding = Finding(verdict, rule, text, name, where, operations=[name] if name else [], **more)
        self.findings.append(finding)
        return finding

    def wire(self, rule: str, place: Place, text: str, witness: str = "", **more: Any) -> Finding:
        """Add a break of the wire that needs no schema to prove it."""
        shown = Witness(witness) if witness else None
        verdict = Verdict.WIRE if shown else Verdict.UNPROVEN
        return self.add(verdict, rule, place, text, witness=shown, **more)

    def schemas(
        self,
        prover: Prover,
        place: Place,
        comparison: Comparison,
        refuses: Refuses | None = None,
        written: Excuse | None = None,
    ) -> None:
        """Tell every gap below a comparison, with its witness, and every field that came or went."""
        fresh = self._fresh(comparison, place)
        if fresh:
            for proof in proofs(prover, comparison, refuses, (self._proved, written)):
                self._tell(prover, place, proof)
            self._tell_names(prover, place, comparison)

    def _fresh(self, comparison: Comparison, place: Place) -> bool:
        """Whether this very pair of schemas was not told yet; if it was, the operation is added to what was said."""
        count = self._tries[id(comparison)] = self._tries.get(id(comparison), 0) + 1
        if count == 1:
            return True
        reached = {id(one) for one in comparison.reachable()}
        known = [finding for key, finding in self._told.items() if key[0] in reached]
        for finding in known:
            if place.name not in finding.operations:
                finding.operations.append(place.name)
        return count <= _TRIES and any(finding.verdict is Verdict.UNPROVEN for finding in known)

    def _proved(self, comparison: Comparison, gap: Gap) -> bool:
        known = self._told.get((id(comparison), gap.rule, gap.field + gap.demand))
        return known is not None and known.verdict is not Verdict.UNPROVEN

    def _tell(self, prover: Prover, place: Place, proof: Proof) -> None:
        key = (id(proof.comparison), proof.gap.rule, proof.gap.field + proof.gap.demand)
        known = self._told.get(key)
        if known and (known.verdict is not Verdict.UNPROVEN or proof.value is NONE):
            if place.name not in known.operations:
                known.operations.append(place.name)
            return
        finding = self._finding(prover, place, proof)
        if finding.verdict is Verdict.UNPROVEN and any(_twins(finding, other) for other in self.findings):
            return
        if known:
            self.findings.remove(known)
            finding.operations = [place.name, *known.operations]
        self._told[key] = finding
        self.findings.append(finding)

    def _finding(self, prover: Prover, place: Place, proof: Proof) -> Finding:
        direction = prover.reader.direction
        verdict = Verdict.UNPROVEN if proof.value is NONE else Verdict.WIRE
        if advice(direction, proof.gap.rule, proof.field):
            verdict = Verdict.SOURCE
        subject = proof.field or "it"
        modal = "must now be" if direction is Direction.REQUEST else "is no longer sure to be"
        text = f"{subject} {modal} {proof.gap.demand}"
        witness = None if proof.value is NONE else Witness(short(proof.value, proof.field), proof.value)
        rule = proof.gap.rule
        return Finding(
            verdict, rule, text, place.name, place.where, proof.field, witness, [place.name], operation_id=place.id
        )

    def _tell_names(self, prover: Prover, place: Place, root: Comparison) -> None:
        requests = prover is self.requests
        for comparison, path in walk(root):
            trail = ".".join(
                str(edge.step[1]) if edge.step[0] == "property" else "[]" for edge in path if edge.step[1] != ""
            )
            if any(edge.step[0] == "same" for edge in path):
                continue
            old, new = comparison.writer[0] if comparison.writer else None, comparison.reader
            hints = (old, new) if requests else (new, old)
            discriminators(self, place, trail.replace(".[]", "[]"), hints)
            for name, writer, reader in comparison.shared:
                self._life(place, (trail, name), (writer, reader) if requests else (reader, writer))
            added, removed = comparison.added, comparison.removed
            if not requests:
                added, removed = removed, added
            self._names(place, trail, (id(comparison), added, removed), requests)

    def _life(self, place: Place, field: tuple[str, str], pair: tuple[Any, Any]) -> None:
        old, new = (node if isinstance(node, dict) else {} for node in pair)
        count = len(self.findings)
        life(self, place, old, new)
        for finding in self.findings[count:]:
            finding.field = f"{field[0]}.{field[1]}".lstrip(".").replace(".[]", "[]")

    def _names(self, place: Place, trail: str, names: tuple[int, list[str], list[str]], requests: bool) -> None:
        number, added, removed = names
        for name in added:
            self._note(place, number, trail, (Verdict.COMPATIBLE, "field-added", name, "Added"))
        for name in removed:
            gone = any(key[0] == number and key[2].startswith(name) for key in self._told)
            if not gone:
                self._note(place, number, trail, (Verdict.SOURCE, "field-removed", name, "Removed"))

    def _note(self, place: Place, number: int, trail: str, what: tuple[Verdict, str, str, str]) -> None:
        verdict, rule, name, kind = what
        full = f"{trail}.{name}".lstrip(".").replace(".[]", "[]")
        key = (number, rule, name)
        if key in self._told:
            if place.name not in self._told[key].operations:
                self._told[key].operations.append(place.name)
            return
        text = f"{full} was added" if kind == "Added" else f"{full} is no longer declared"
        self._told[key] = self.add(verdict, rule, place, text, field=full, kind=kind)
