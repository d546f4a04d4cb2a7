"""Whether nodes of two documents have the same text, with everything that they refer to."""

from __future__ import annotations

from typing import Any

from contract.openapi.document import Document, DocumentError
from contract.openapi.grammar import descend
from contract.openapi.values import equal

_LINKS = ("$ref", "$dynamicRef")


class Sameness:
    """Compares texts. It is fast, so that large documents take seconds."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self._known: dict[str, bool] = {}
        # The nodes are kept too, so that no other object gets their ids.
        self._strict: dict[tuple[int, int], tuple[Any, Any, bool]] = {}
        self._references: dict[tuple[int, bool], tuple[Any, frozenset[str]]] = {}

    def equal(self, one: Any, other: Any) -> bool:
        """Whether both nodes have the same text, and refer to the same text."""
        if (
            (self.old.version == "3.0") is not (self.new.version == "3.0")
            or one != other
            or not self._strictly(one, other)
        ):
            return False
        return all(self.unchanged(reference) for reference in self.references(one))

    def _strictly(self, one: Any, other: Any) -> bool:
        """What Python calls equal may still be `1` beside `true`."""
        if not isinstance(one, dict | list):
            return equal(one, other)
        key = (id(one), id(other))
        if key not in self._strict:
            self._strict[key] = (one, other, equal(one, other))
        return self._strict[key][2]

    def unchanged(self, reference: str) -> bool:
        """Whether a reference leads to the same in both documents."""
        if reference not in self._known:
            self._judge(reference)
        return self._known[reference]

    def _judge(self, reference: str) -> None:
        """Decide for a reference and for all below it. A schema that refers to a changed one has changed."""
        above: dict[str, list[str]] = {}
        changed, seen, pending = [], {reference}, [reference]
        while pending:
            current = pending.pop()
            inner = self._inner(current)
            if inner is None:
                changed.append(current)
                continue
            for below in inner:
                above.setdefault(below, []).append(current)
            pending += inner - seen
            seen |= inner
        self._known.update({one: self._known.get(one, True) for one in seen})
        while changed:
            current = changed.pop()
            self._known[current] = False
            changed += [one for one in above.pop(current, ()) if self._known[one]]

    def _inner(self, reference: str) -> frozenset[str] | None:
        if reference in self._known:
            return frozenset() if self._known[reference] else None
        try:
            one, other = self.old.lookup(reference), self.new.lookup(reference)
        except DocumentError:
            return None
        return self.references(one) if one == other and self._strictly(one, other) else None

    def references(self, node: Any) -> frozenset[str]:
        """Every `$ref` within a node."""
        return self._within(node, False)

    def _within(self, node: Any, names: bool) -> frozenset[str]:
        if not isinstance(node, dict | list):
            return frozenset()
        known = self._references.get((id(node), names))
        if known is None:
            found: set[str] = set()
            if isinstance(node, dict) and not names:
                found |= {self._written_out(key, node) for key in _LINKS if isinstance(node.get(key), str)}
            for inner, named in descend(node, names):
                found |= self._within(inner, named)
            known = self._references[id(node), names] = (node, frozenset(found))
        return known[1]

    def _written_out(self, key: str, node: dict[str, Any]) -> str:
        """A reference as it reads from the top of the one document or the other."""
        if key == "$dynamicRef":
            return str(node[key])
        first = self.old.reference(node)
        return first if first != node[key] else self.new.reference(node)
