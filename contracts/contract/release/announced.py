"""Removals within a major version: which were announced, since which release and until which day.

What can be announced is what OpenAPI 3.1 gives `deprecated`: an operation, a parameter, a header, and a schema, which
is a field, an alternative of `oneOf` or `anyOf`, or a value where each value is an alternative with a `const`. The day
is `x-sunset`, a full-date of RFC 3339; the meaning is that of RFC 8594: from this day on it may be gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contract.findings.difference import Notice
from contract.findings.finding import Finding, Touch, Verdict
from contract.findings.sentences import removed_part
from contract.openapi.document import Document
from contract.openapi.elements import Cut, CutKey, Element, elements_of, push_down

# More combinations of schemas than real documents have. What is beyond counts as not announced.
_LIMIT = 200_000
# More ways to one removed field within an operation than are told.
_WAYS = 100


@dataclass
class Removal:
    """An element that a document no longer has, and its announcement. `since` is empty if there was none."""

    element: Element
    last: str
    since: str
    until: dt.date | None
    due: bool
    # The releases that have it.
    held: list[str]
    # The same element in other operations.
    touches: list[Touch] = field(default_factory=list)

    @property
    def finding(self) -> Finding:
        """The removal as a finding of grade source: clients had notice."""
        place = self.element.place
        return Finding(
            verdict=Verdict.SOURCE,
            rule=f"{self.element.kind}-removed",
            place=place,
            path=self.element.path,
            before=self.element.name,
            notice=Notice(True, self.since, self.until),
            operations=list(dict.fromkeys([place.operation, *(touch.place.operation for touch in self.touches)])),
            touches=[Touch(place, self.element.path), *self.touches],
            kind="Removed",
        )

    def refusal(self, today: dt.date) -> str:
        """Why it may not be removed yet, in one sentence; empty if nothing was deprecated."""
        if self.due or not self.element.deprecated:
            return ""
        place = self.element.place
        name = " ".join(part for part in (place.operation, place.where, removed_part(self.finding)) if part)
        if not self.since:
            return f"{name} is deprecated in {self.last} without an `x-sunset` of the form 2027-01-31: add it"
        return f"{name} may be removed from {self.until} on (announced since {self.since}); today is {today}"


def take_out(releases: Sequence[tuple[str, Document]], new: Document, today: dt.date) -> list[Removal]:
    """Remove from each release what `new` no longer has and what was announced in time. Changes these documents.

    `releases` are those of one major before `new`, oldest first, each with its version.
    An element may be removed when the last release that has it announces it, and the latest announced day has come.
    """
    walk = _Walk(releases, today)
    if any(_says_deprecated(document.data) for _, document in releases):
        for _, document in releases:
            push_down(document)
        walk.visit([elements_of(document) for _, document in releases], elements_of(new, wide=True))
        walk.finish()
    return walk.removals


def _says_deprecated(node: Any) -> bool:
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if one.get("deprecated") is True:
                return True
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return False


class _Walk:
    """Walks all releases and the new document in step, by the names of elements."""

    def __init__(self, releases: Sequence[tuple[str, Document]], today: dt.date) -> None:
        self.versions = [version for version, _ in releases]
        self.today = today
        self.removals: list[Removal] = []
        self._cuts: dict[CutKey, Cut] = {}
        self._by_cut: dict[CutKey, Removal] = {}
        self._seen: dict[tuple[Any, ...], Element] = {}
        # Other ways to what was visited, each with the first one, by operation.
        self._again: dict[str, list[tuple[Element, Element]]] = {}

    def visit(self, olds: list[Element | None], new: Element) -> None:
        """Visit one place in all documents. Each combination of schemas is visited once for an operation."""
        key = (*(tuple(map(id, one.nodes)) if one else None for one in (*olds, new)), new.place.operation)
        if new.nodes and (key in self._seen or len(self._seen) > _LIMIT):
            self._again.setdefault(new.place.operation, []).append((self._seen.get(key, new), new))
            return
        self._seen[key] = new
        below = [one.elements() if one else {} for one in olds]
        there = new.elements()
        for name in dict.fromkeys(name for parts in below for name in parts):
            held = [parts.get(name) for parts in below]
            gone = name not in there and not (name[0] == "value" and not any(one[0] == "value" for one in there))
            self._vote(held, gone)
            if name in there:
                self.visit(held, there[name])

    def _vote(self, held: list[Element | None], gone: bool) -> None:
        known = [part for part in held if part and part.cuts]
        if not known:
            return
        removal = self._removal(held) if gone else None
        for own in (cut for part in known for cut in part.cuts):
            cut = self._cuts.setdefault(own.key, own)
            cut.agreed = cut.agreed and bool(removal and removal.due)
        if removal:
            self._note(removal, known[-1].cuts[0].key)

    def _note(self, removal: Removal, key: CutKey) -> None:
        """One removal for each place in the documents, with every operation that it touches."""
        known = self._by_cut.setdefault(key, removal)
        if known is removal:
            self.removals.append(removal)
        elif removal.element.place.operation:
            known.touches.append(Touch(removal.element.place, removal.element.path))

    def _removal(self, held: list[Element | None]) -> Removal:
        last = max(index for index, part in enumerate(held) if part)
        first = last + 1
        while first and (part := held[first - 1]) and part.day:
            first -= 1
        until = max(filter(None, (part.day for part in held if part)), default=None)
        part = held[last]
        assert part is not None  # noqa: S101 - for the type checker
        since = self.versions[first] if first <= last else ""
        due = bool(since and until and until <= self.today)
        having = [version for version, one in zip(self.versions, held, strict=True) if one]
        return Removal(part, having[-1], since, until, due, having)

    def finish(self) -> None:
        """Remove the elements on which every use agrees. The others are not due."""
        for cut in self._cuts.values():
            if cut.agreed:
                cut.apply()
        for key, removal in self._by_cut.items():
            removal.due = removal.due and self._cuts[key].agreed
            removal.touches += self._elsewhere(removal) if removal.due else []

    def _elsewhere(self, removal: Removal) -> list[Touch]:
        """The other ways within an operation to what was removed."""
        own = removal.finding.touches
        found: dict[Touch, None] = {}
        for touch in own:
            known = {touch: None}
            for first, again in self._again.get(touch.place.operation, ()) if touch.path else ():
                for one in list(known) if len(known) <= _WAYS else ():
                    if one.place.within(first.place) and one.path[: len(first.path)] == first.path:
                        known[replace(one, path=(*again.path, *one.path[len(first.path) :]))] = None
            found.update(known)
        return [touch for touch in found if touch not in own]
