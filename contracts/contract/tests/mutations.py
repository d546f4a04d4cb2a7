"""Every schema node of a contract, what travels through it, and the contract with that node edited."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.lint.rule import components, within
from contract.openapi.document import Document
from contract.schema.same import Sameness
from contract.tests.schema_edits import KINDS, Kind


@dataclass(frozen=True)
class Site:
    """A schema node by its way from the top, and what travels through it."""

    place: str
    way: tuple[Any, ...]
    asks: bool
    tells: bool


def sites(document: Document) -> list[Site]:
    """Every schema node, with whether requests or responses go through it."""
    asked, told = _reached(document, "requestBody"), _reached(document, "responses")
    found = []
    for name, schema in components(document).items():
        base = ("components", "schemas", name)
        for place, node in within(schema, name):
            found.append(Site(place, _way(schema, node, base), name in asked, name in told))
    for one in document.operations():
        for index, raw in enumerate(one.data.get("parameters") or ()):
            if "schema" in raw:
                way = ("paths", one.path, one.method, "parameters", index, "schema")
                found.append(Site(f"{one.name} {raw['name']}", way, True, False))
    return found


def _reached(document: Document, key: str) -> set[str]:
    links = Sameness(document, document)
    pending = {ref for one in document.operations() for ref in links.references(one.data.get(key))}
    seen: set[str] = set()
    while pending:
        reference = pending.pop()
        seen.add(reference)
        pending |= links.references(document.lookup(reference)) - seen
    return {reference.rpartition("/")[2] for reference in seen}


def _way(root: Any, wanted: Any, way: tuple[Any, ...]) -> tuple[Any, ...]:
    if root is wanted:
        return way
    inner = root.items() if isinstance(root, dict) else enumerate(root) if isinstance(root, list) else ()
    for key, value in inner:
        found = _way(value, wanted, (*way, key))
        if found:
            return found
    return ()


def at(data: Any, way: tuple[Any, ...]) -> Any:
    """What is at the end of a way."""
    for key in way:
        data = data[key]
    return data


def schema_mutants(document: Document) -> Iterator[tuple[Kind, Site, dict[str, Any]]]:
    """Every edit at every node that it fits."""
    for site in sites(document):
        original = at(document.data, site.way)
        for kind in KINDS:
            node = copy.deepcopy(original)
            if kind.edit(node):
                yield kind, site, _with(document.data, site.way, node)


def _with(data: Any, way: tuple[Any, ...], node: Any) -> Any:
    """The same document with another node; everything beside the way is shared, not copied."""
    if not way:
        return node
    made = list(data) if isinstance(data, list) else dict(data)
    made[way[0]] = _with(data[way[0]], way[1:], node)
    return made
