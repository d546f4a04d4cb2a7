"""Whether two nodes of two documents say the same, with everything that they refer to."""

from __future__ import annotations

from typing import Any

from contract.document import DATA, Document, DocumentError


class Sameness:
    """Equality of meaning by equality of text: fast, and the reason why large documents take seconds."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self._known: dict[str, bool] = {}
        self._references: dict[int, tuple[Any, frozenset[str]]] = {}

    def equal(self, one: Any, other: Any) -> bool:
        """Whether both nodes are written alike and refer to what is alike."""
        if self.old.version != self.new.version or one != other or isinstance(one, bool) != isinstance(other, bool):
            return False
        return all(self.unchanged(reference) for reference in self.references(one))

    def unchanged(self, reference: str) -> bool:
        """Whether a reference leads to the same in both documents."""
        if reference in self._known:
            return self._known[reference]
        closure, pending = {reference}, [reference]
        while pending:
            current = pending.pop()
            if self._known.get(current) is True:
                continue
            inner = self._inner(current)
            if inner is None:
                self._known[current] = self._known[reference] = False
                return False
            pending += inner - closure
            closure |= inner
        self._known.update(dict.fromkeys(closure, True))
        return True

    def _inner(self, reference: str) -> frozenset[str] | None:
        if self._known.get(reference) is False:
            return None
        try:
            one, other = self.old.lookup(reference), self.new.lookup(reference)
        except DocumentError:
            return None
        return self.references(one) if one == other else None

    def references(self, node: Any) -> frozenset[str]:
        """Every `$ref` within a node."""
        if not isinstance(node, dict | list):
            return frozenset()
        known = self._references.get(id(node))
        if known is None:
            found: set[str] = set()
            for key, value in node.items() if isinstance(node, dict) else enumerate(node):
                if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                    found.add(value)
                elif key not in DATA:
                    found |= self.references(value)
            known = self._references[id(node)] = (node, frozenset(found))
        return known[1]
