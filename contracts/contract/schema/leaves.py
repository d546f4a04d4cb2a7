"""Whether no value meets the claims of single keywords: the leaves of a tableau, type by type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from typing import Any, Protocol

from contract.schema.formats import FORMATS
from contract.schema.kinds import ATOMS
from contract.schema.kinds import atoms as kinds
from contract.schema.languages import apart, contains, lengths
from contract.schema.literals import NUMBERS, Atom, Literal
from contract.schema.multiples import divides
from contract.schema.texts import search, universal
from contract.schema.unevaluated import Known, evaluated

# So many whole numbers are tried one by one.
_FEW = 400
_Above = tuple[Any, ...]


class Asks(Protocol):
    """What a leaf asks of the tableau it is in."""

    def closes(self, literals: list[Literal], above: _Above) -> bool:
        """Whether no value meets all of these."""

    def judged(self, literal: Literal, value: Any) -> bool:
        """Whether a value meets a claim; one that cannot be judged is met."""


class Leaves:
    """Closes branches in which only claims of single keywords are left."""

    def __init__(self, tableau: Asks) -> None:
        self._tableau = tableau

    def types(self, atoms: list[Atom]) -> frozenset[str]:
        """The types that are left."""
        found = frozenset(ATOMS)
        for atom in atoms:
            if atom.kind == "types":
                found &= atom.value
            elif atom.kind == "type":
                found &= kinds(atom.value[1]["type"])
        return found

    def close(self, done: list[Literal], atoms: list[Atom], above: _Above) -> bool:
        """Whether no value is left."""
        listed: list[list[Any]] = list(_said(atoms, "enum"))
        if listed:
            shortest = min(listed, key=len)
            return not self._any(done, shortest)
        for kind in self.types(atoms):
            if kind in ("boolean", "null"):
                closed = not self._any(done, (False, True) if kind == "boolean" else (None,))
            elif kind in NUMBERS:
                closed = self._number(done, atoms, kind)
            elif kind == "string":
                closed = self._string(done, atoms)
            else:
                closed = self._array(atoms, above) if kind == "array" else self._object(done, atoms, above)
            if not closed:
                return False
        return True

    def _any(self, done: list[Literal], values: Iterable[Any]) -> bool:
        """Whether one of these values meets everything."""
        return any(all(self._tableau.judged(one, value) for one in done) for value in values)

    # Numbers

    def _number(self, done: list[Literal], atoms: list[Atom], kind: str) -> bool:
        formats = list(_said(atoms, "format"))
        low, high = _bounds(atoms, [known for name in formats if (known := FORMATS[name].bounds)])
        if low[0] > high[0] or (low[0] == high[0] and (low[1] or not high[1])):
            return True
        own = list(_said(atoms, "multipleOf"))
        if self._not_multiple(atoms, own, kind) or self._not_format(atoms, formats, (low[0], high[0])):
            return True
        if kind == "fraction":
            return any(divides(1, one) for one in own)
        if high[0] - low[0] > _FEW:
            return False
        first = int(-(-low[0] // 1))
        return not self._any(done, (value for value in range(first, int(high[0] // 1) + 1)))

    def _not_multiple(self, atoms: list[Atom], own: list[Any], kind: str) -> bool:
        steps = [*own, *([1] if kind == "integer" else [])]
        return any(divides(atom.value, step) for atom in atoms if atom.kind == "not-multiple" for step in steps)

    def _not_format(self, atoms: list[Atom], own: list[str], bounds: tuple[float, float] | None) -> bool:
        for atom in atoms:
            if atom.kind == "not-format":
                known = FORMATS[atom.value]
                if any(atom.value == name or atom.value in FORMATS[name].within for name in own):
                    return True
                if known.bounds and bounds and known.bounds[0] <= bounds[0] and bounds[1] <= known.bounds[1]:
                    return True
        return False

    # Texts

    def _string(self, done: list[Literal], atoms: list[Atom]) -> bool:
        formats = [name for name in _said(atoms, "format") if FORMATS[name].kind == "string"]
        own = [*_said(atoms, "pattern"), *(FORMATS[name].pattern for name in formats if FORMATS[name].pattern)]
        refused = [atom.value for atom in atoms if atom.kind == "not-pattern"]
        known = [lengths(pattern) for pattern in own]
        low = max([0, *_said(atoms, "minLength"), *(one[0] for one in known)])
        high = min([inf, *_said(atoms, "maxLength"), *(one[1] for one in known)])
        if low > high or any(universal(one) or one in own for one in refused):
            return True
        if self._not_format(atoms, formats, None) or any(contains(one, other) for one in own for other in refused):
            return True
        if high == 0:
            return not self._any(done, ("",))
        sizes = _sizes(int(max([0, *_said(atoms, "minLength")])), min([inf, *_said(atoms, "maxLength")]))
        return len(own) + len(refused) + len(sizes) > 1 and apart((*own, *sizes), tuple(refused))

    # Arrays

    def _array(self, atoms: list[Atom], above: _Above) -> bool:
        fixed, rest = self._items(atoms)
        certain = [(one, count) for one, count in _counts(atoms, "at-most") if count == 0]
        rest += [(0, one.denied()) for one, _ in certain]
        places = max([0, *(index + 1 for index, _ in fixed), *(start for start, _ in rest)])

        def item(index: int) -> list[Literal]:
            return [one for place, one in fixed if place == index] + [one for start, one in rest if index >= start]

        low = max([0, *_said(atoms, "minItems"), *(2 for atom in atoms if atom.kind == "twice"),
                   *(count for _, count in _counts(atoms, "at-least")),
                   *(atom.value[0] + 1 for atom in atoms if atom.kind == "item")])  # fmt: skip
        high = min([inf, *_said(atoms, "maxItems")])
        if low > high:
            return True
        for index in range(places + 1):
            if index < high and self._tableau.closes(item(index), above):
                high = index
        if low > high or (any(atom.kind == "twice" for atom in atoms) and self._unique(atoms)):
            return True
        indexes = [index for index in range(places + 1) if index < high]
        return self._item_fails(atoms, item, indexes, places, above) or self._count_fails(atoms, item, low, high, above)

    def _unique(self, atoms: list[Atom]) -> bool:
        return any(_said(atoms, "uniqueItems"))

    def _items(self, atoms: list[Atom]) -> tuple[list[tuple[int, Literal]], list[tuple[int, Literal]]]:
        """What each item must be: at one place, and from a place on."""
        fixed, rest = [], []
        for atom in atoms:
            if atom.kind == "prefixItems":
                side, view = atom.value
                fixed += [(index, Literal(side, node, True)) for index, node in enumerate(view["prefixItems"])]
            elif atom.kind == "items":
                side, view = atom.value
                rest.append((len(view.get("prefixItems", ())), Literal(side, view["items"], True)))
            elif atom.kind == "unevaluatedItems":
                side, view = atom.value
                start = evaluated(side, view, "unevaluatedItems")
                if isinstance(start, int) and not isinstance(start, bool):
                    rest.append((start, Literal(side, view["unevaluatedItems"], True)))
        return fixed, rest

    def _item_fails(self, atoms: list[Atom], item: Any, indexes: list[int], places: int, above: _Above) -> bool:
        for atom in atoms:
            if atom.kind == "item":
                index, one = atom.value
                if self._tableau.closes([*item(index), one], above):
                    return True
            elif atom.kind == "some-item":
                start, one = atom.value
                where = [index for index in range(start, max(start, places) + 1) if index in indexes or index > places]
                if all(self._tableau.closes([*item(index), one], above) for index in where):
                    return True
        return False

    def _count_fails(self, atoms: list[Atom], item: Any, low: float, high: float, above: _Above) -> bool:
        fixed, rest = self._items(atoms)
        places = max([0, *(index + 1 for index, _ in fixed), *(start for start, _ in rest)])
        least, most = list(_counts(atoms, "at-least")), list(_counts(atoms, "at-most"))
        for one, count in least:
            possible = [i for i in range(places + 1) if i < high and not self._tableau.closes([*item(i), one], above)]
            room = (
                inf
                if places in possible and high == inf
                else len([i for i in possible if i < places]) + (max(0, high - places) if places in possible else 0)
            )
            if room < count:
                return True
            for other, limit in most:
                if count > limit and self._tableau.closes([one, other.denied()], above):
                    return True
        for one, limit in most:
            forced = [i for i in range(places + 1) if self._tableau.closes([*item(i), one.denied()], above)]
            sure = len([i for i in forced if i < min(places, low)]) + (max(0, low - places) if places in forced else 0)
            if sure > limit:
                return True
        return False

    # Objects

    def _object(self, done: list[Literal], atoms: list[Atom], above: _Above) -> bool:
        return _Object(self._tableau, atoms, above).is_empty()


class _Object:
    """The claims about an object."""

    def __init__(self, tableau: Asks, atoms: list[Atom], above: _Above) -> None:
        self._tableau, self._atoms, self._above = tableau, atoms, above
        self._members: list[tuple[str, Literal]] = []
        self._patterns: list[tuple[str, Literal]] = []
        self._extras: list[tuple[Known, Literal]] = []
        self._names: list[Literal] = []
        self._needed = {name for names in _said(atoms, "required") for name in names}
        self._lacking = {atom.value for atom in atoms if atom.kind == "lacks"}
        for atom in atoms:
            self._take(atom)
        self._needed |= {atom.value for atom in atoms if atom.kind == "has"}
        self._known = sorted(
            self._needed
            | {name for name, _ in self._members}
            | {name for known, _ in self._extras for name in known.names}
        )
        self._missing: dict[str, bool] = {}

    def _take(self, atom: Atom) -> None:
        if atom.kind == "member":
            self._members.append(atom.value)
            return
        if atom.kind not in (
            "properties",
            "patternProperties",
            "additionalProperties",
            "propertyNames",
            "unevaluatedProperties",
        ):
            return
        side, view = atom.value
        said = view[atom.kind]
        if atom.kind == "properties":
            self._members += [(name, Literal(side, node, True)) for name, node in said.items()]
        elif atom.kind == "patternProperties":
            self._patterns += [(pattern, Literal(side, node, True)) for pattern, node in said.items()]
        elif atom.kind == "propertyNames":
            self._names.append(Literal(side, said, True))
        else:
            known: Any = Known(frozenset(view.get("properties", ())), tuple(view.get("patternProperties", ())))
            if atom.kind == "unevaluatedProperties":
                known = evaluated(side, view, atom.kind)
            if isinstance(known, Known):
                self._extras.append((known, Literal(side, said, True)))

    def is_empty(self) -> bool:
        """Whether there is no such object."""
        least = max([len(self._needed), *_said(self._atoms, "minProperties")])
        most = min([inf, *_said(self._atoms, "maxProperties")])
        if least > most or any(self._is_missing(name) for name in sorted(self._needed)):
            return True
        closed = self._closed_names()
        if closed is not None:
            possible = [name for name in closed if not self._is_missing(name)]
            if len(possible) < least:
                return True
        return any(self._nowhere(atom, most, closed) for atom in self._atoms if atom.kind.startswith("some-"))

    def _member(self, name: str) -> list[Literal]:
        found = [one for own, one in self._members if own == name]
        found += [one for pattern, one in self._patterns if search(pattern, name)]
        return found + [one for known, one in self._extras if not _speaks(known, name)]

    def _is_missing(self, name: str) -> bool:
        """Whether no such object has a field of this name."""
        if name not in self._missing:
            unnamed = not all(self._tableau.judged(one, name) for one in self._names)
            self._missing[name] = (
                name in self._lacking or unnamed or self._tableau.closes(self._member(name), self._above)
            )
        return self._missing[name]

    def _closed_names(self) -> frozenset[str] | None:
        """All names that a field may have, if they are listed."""
        for known, one in self._extras:
            if not known.patterns and self._tableau.closes([one], self._above):
                return known.names
        return None

    def _nowhere(self, atom: Atom, most: float, closed: frozenset[str] | None) -> bool:
        """Whether no field can be the one that a claim says there is."""
        if most == 0:
            return True
        if atom.kind == "some-name":
            one: Literal = atom.value
            if closed is not None:
                return not any(self._tableau.judged(one, name) and not self._is_missing(name) for name in closed)
            text = Literal(one.side, _TEXT, True)
            return self._tableau.closes([*self._names, one, text], self._above)
        if atom.kind == "some-match":
            pattern, one = atom.value
            named = [name for name in self._known if search(pattern, name)]
            sure = [own for other, own in self._patterns if contains(pattern, other) or universal(other)]
            sure += [own for known, own in self._extras if not known.patterns]
        else:
            spoken, one = atom.value
            named = [name for name in self._known if not _speaks(spoken, name)]
            sure = [own for other, own in self._patterns if universal(other)]
            sure += [own for known, own in self._extras if set(known.patterns) <= set(spoken.patterns)]
        if not self._tableau.closes([*sure, one], self._above) and (closed is None):
            return False
        return all(
            self._is_missing(name) or self._tableau.closes([*self._member(name), one], self._above) for name in named
        )


def _bounds(atoms: list[Atom], formats: list[tuple[float, float]]) -> tuple[tuple[float, bool], tuple[float, bool]]:
    """The least number, and whether it is left out; the greatest, and whether it is taken in."""
    low = [(value, False) for value in (-inf, *_said(atoms, "minimum"), *(bounds[0] for bounds in formats))]
    high = [(value, True) for value in (inf, *_said(atoms, "maximum"), *(bounds[1] for bounds in formats))]
    low += [(value, True) for value in _said(atoms, "exclusiveMinimum")]
    high += [(value, False) for value in _said(atoms, "exclusiveMaximum")]
    return max(low), min(high)


_TEXT = {"type": "string"}


def _speaks(known: Known, name: str) -> bool:
    return name in known.names or any(search(pattern, name) for pattern in known.patterns)


def _said(atoms: list[Atom], word: str) -> Iterator[Any]:
    """What a keyword says, each time it is claimed."""
    return (atom.value[1][word] for atom in atoms if atom.kind == word)


def _counts(atoms: list[Atom], kind: str) -> Iterator[tuple[Literal, int]]:
    """How many items there must be (`at-least`) or may be (`at-most`) that meet a claim."""
    for atom in atoms:
        if atom.kind == kind:
            yield atom.value
        elif atom.kind == "contains":
            side, view = atom.value
            count = view.get("minContains", 1) if kind == "at-least" else view.get("maxContains")
            if count is not None:
                yield Literal(side, view["contains"], True), count


def _sizes(low: int, high: float) -> tuple[str, ...]:
    if not low and high == inf:
        return ()
    return (f"^[\\s\\S]{{{low},{'' if high == inf else int(high)}}}$",)
