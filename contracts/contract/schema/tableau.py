"""Whether no value can meet a set of claims: an analytic tableau.

Claims are taken apart until only those of single keywords are left. A branch closes if a claim meets its denial, or if
no value of any type meets what is left. Containment is the case that a writer's schema is claimed and a reader's is
denied. It is exact where it says yes; no means that it is not known.

Values are finite, so a value that would need one of the same claims within it does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contract.openapi.direction import Direction
from contract.openapi.grammar import DATA, LEADS, WORDS
from contract.openapi.values import equal
from contract.schema.leaves import Leaves
from contract.schema.literals import Atom, Choice, Claim, Literal, claims, denials
from contract.schema.same import Sameness
from contract.schema.validator import LISTS, MAPS, SINGLE, Judge
from contract.schema.view import OPAQUE, Side

# Steps of one question, and of all of them in one comparison of documents.
STEPS, ALL_STEPS = 4_000, 20_000
_DEPTH = 12
# Below these keywords are names, not keywords.
_MAPS = frozenset(key for key, led in LEADS["schema"].items() if led.form == "map")
_HIDING = ("readOnly", "writeOnly")
_Key = frozenset[tuple[int, int, bool]]


class _GaveUpError(Exception):
    pass


@dataclass
class _Branch:
    """One way to meet all claims: those still to be taken apart, those that were, and the choices that are left."""

    pending: list[Claim]
    done: list[Literal] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)


class Tableau:
    """Questions between one writer and one reader."""

    def __init__(self, writer: Judge, reader: Judge, same: Sameness) -> None:
        self.writer = writer.side
        self._reader = reader.side
        self._same = same
        self._judges = {id(writer.side): writer, id(reader.side): reader}
        self._leaves = Leaves(self)
        self._left = ALL_STEPS
        self._steps = 0
        self._meanings: dict[int, tuple[Any, Any]] = {}
        self._opaque: dict[tuple[int, int], tuple[Any, bool]] = {}
        self._plain: dict[int, tuple[Any, bool]] = {}

    def contains(self, writer: tuple[Any, ...], reader: Any) -> bool:
        """Whether the reader certainly takes every value of the writer's schemas."""
        return self._asked(
            [*(Literal(self.writer, node, True) for node in writer), Literal(self._reader, reader, False)]
        )

    def is_empty(self, writer: tuple[Any, ...]) -> bool:
        """Whether the writer's schemas certainly allow no value."""
        return self._asked([Literal(self.writer, node, True) for node in writer])

    def _asked(self, literals: list[Literal]) -> bool:
        self._steps = min(STEPS, self._left)
        before = self._steps
        try:
            return self.closes(literals, ())
        except (_GaveUpError, RecursionError):
            return False
        finally:
            self._left -= before - self._steps

    def closes(self, literals: list[Literal], above: tuple[_Key, ...]) -> bool:
        """Whether no value meets all of these; `above` is what is asked of the values around it."""
        if not literals:
            return False
        key = frozenset((id(one.side), id(one.node), one.holds) for one in literals)
        if key in above:
            return True
        if len(above) > _DEPTH:
            raise _GaveUpError
        return self._closed(_Branch(list(literals)), (*above, key))

    def _closed(self, branch: _Branch, above: tuple[_Key, ...]) -> bool:
        while branch.pending:
            self._steps -= 1
            if self._steps < 0:
                raise _GaveUpError
            claim = branch.pending.pop()
            closes = self._atom(claim, branch) if isinstance(claim, Atom) else self._literal(claim, branch)
            if closes:
                return True
        return not self._leaves.types(branch.atoms) or self._branches(branch, above)

    def _atom(self, claim: Atom, branch: _Branch) -> bool:
        branch.atoms.append(claim)
        return any(_clash(claim, other) for other in branch.atoms)

    def _literal(self, claim: Literal, branch: _Branch) -> bool:
        """Take one claim apart; whether it meets its denial."""
        known = self._met(claim, branch.done)
        if known is not None:
            return known.holds is not claim.holds
        branch.done.append(claim)
        view = claim.side.view(claim.node)
        if claim.holds:
            single, choices = claims(claim.side, view)
            branch.pending += single
            branch.choices += choices
            return False
        denied = denials(claim.side, view)
        if len(denied) == 1:
            branch.pending += denied[0]
        else:
            branch.choices.append(denied)
        return not denied

    def _branches(self, branch: _Branch, above: tuple[_Key, ...]) -> bool:
        choices = sorted(branch.choices, key=len)
        if not choices or any(atom.kind == "enum" for atom in branch.atoms):
            closed = self._leaves.close(branch.done, branch.atoms, above)
            # A listed value that meets all claims is a value.
            if closed or not choices or not any(map(self.is_opaque, branch.done)):
                return closed
        return all(
            self._closed(_Branch(list(option), [*branch.done], [*branch.atoms], choices[1:]), above)
            for option in choices[0]
        )

    def _met(self, claim: Literal, done: list[Literal]) -> Literal | None:
        """A claim about the same schema, if there is one."""
        for other in done:
            if other.side is claim.side:
                if other.node is claim.node or (self._is_plain(claim.side) and self._equal(other.node, claim.node)):
                    return other
            elif other.holds is not claim.holds and self._alike(claim, other):
                return other
        return None

    def _alike(self, one: Literal, other: Literal) -> bool:
        """Whether what one side claims and the other denies is the same schema."""
        writer, reader = (one, other) if one.side is self.writer else (other, one)
        if not self._equal(writer.node, reader.node):
            return False
        if not all(map(self._same.unchanged, self._same.references(writer.node))):
            return False
        # A tolerant reader takes more than the same schema of a writer allows, and a hidden field is read as anything.
        return writer.holds or (self._reader.direction is Direction.REQUEST and not self._hides)

    def _equal(self, one: Any, other: Any) -> bool:
        """Whether two schemas differ in nothing but words."""
        if isinstance(one, dict) is not isinstance(other, dict):
            return False
        return equal(self._meaning(one), self._meaning(other))

    def _meaning(self, node: Any) -> Any:
        known = self._meanings.get(id(node))
        if known is None:
            known = self._meanings[id(node)] = (node, _without_words(node, False))
        return known[1]

    @cached_property
    def _hides(self) -> bool:
        """Whether a document has fields that do not travel in each direction."""
        texts = (str(side.document.data) for side in (self.writer, self._reader))
        return any(word in text for text in texts for word in _HIDING)

    def _is_plain(self, side: Side) -> bool:
        """Whether equal texts mean the same: no reference depends on where it stands."""
        known = self._plain.get(id(side))
        if known is None:
            known = self._plain[id(side)] = (side, not side.document.rebased)
        return known[1]

    def judged(self, literal: Literal, value: Any) -> bool:
        """Whether a value meets a claim; one that cannot be judged is met."""
        if self.is_opaque(literal):
            return True
        return self._judges[id(literal.side)].allows((literal.node,), value) is literal.holds

    def is_opaque(self, literal: Literal) -> bool:
        """Whether a schema, or one below it, makes a demand that no validator knows."""
        key = (id(literal.side), id(literal.node))
        if key not in self._opaque:
            self._opaque[key] = (literal.node, _opaque_below(literal.side, literal.node))
        return self._opaque[key][1]


def _without_words(node: Any, names: bool) -> Any:
    if isinstance(node, list):
        return [_without_words(one, False) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value if key in DATA and not names else _without_words(value, key in _MAPS and not names)
        for key, value in node.items()
        if names or key not in WORDS["schema"]
    }


def _opaque_below(side: Side, node: Any) -> bool:
    seen: set[int] = set()
    pending = [node]
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        view = side.view(current)
        if OPAQUE in view or "contentSchema" in view:
            return True
        pending += [side.target(view)] if "$ref" in view else []
        pending += [part for word in LISTS for part in view.get(word, ())]
        pending += [part for word in MAPS for part in view.get(word, {}).values()]
        pending += [view[word] for word in SINGLE if word in view]
    return False


_DENIED = {"opaque": "not-opaque", "enum": "not-enum", "format": "not-format", "lacks": "has"}


def _clash(one: Atom, other: Atom) -> bool:
    for claim, denial in ((one, other), (other, one)):
        if _DENIED.get(claim.kind) == denial.kind:
            value = claim.value[1][claim.kind] if claim.kind in ("enum", "format") else claim.value
            if equal(value, denial.value) if claim.kind != "opaque" else value == denial.value:
                return True
    return False
