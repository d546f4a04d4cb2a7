"""Servers: the base path under which an API is served. A host belongs to a deployment and may change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from contract.compare.change import Change, Pair, place_of
from contract.compare.report import Report
from contract.findings.finding import Finding, Touch, Verdict
from contract.openapi.direction import Direction
from contract.openapi.document import Document, Operation
from contract.openapi.place import Part

_VARIABLE = re.compile(r"\{([^}]*)\}")
# RFC 3986, section 3: the scheme and the authority of a URL.
_HOST = re.compile(r"^([a-zA-Z][\w+.-]*:)?(//[^/?#]*)?")
_MOST = 60
# The findings so far; operations with the same key share one.
_Told = dict[tuple[str, str, tuple[str, ...]], Finding]


def compare_servers(report: Report, pairs: list[Pair[Operation]]) -> None:
    """Every old base path of an operation has to be one still. All operations share one finding."""
    told: _Told = {}
    for pair in pairs:
        old, new = _addresses_of(report.old, pair.old), _addresses_of(report.new, pair.new)
        if not old or not new or old == new:
            continue
        change = Change(report, Direction.REQUEST, place_of(pair.old)).at(Part.SERVERS)
        gone = [base for base in map(_base, old) if base not in set(map(_base, new))]
        for base in dict.fromkeys(gone):
            _once(told, change, "base-path-removed", base, sorted({_base(url) or "/" for url in new}))
        for url in old if not gone else ():
            if url not in new:
                _once(told, change, "server-removed", url, new)


def _once(told: _Told, change: Change, rule: str, before: str, after: list[str]) -> None:
    key = (rule, before, tuple(after) if rule == "base-path-removed" else ())
    if key in told:
        told[key].operations.append(change.place.operation)
        told[key].touches.append(Touch(change.place))
    elif rule == "base-path-removed":
        told[key] = change.add_break(rule, before=before, after=after, kind="Removed")
    else:
        told[key] = change.add(Verdict.SOURCE, rule, before=before, after=after, kind="Removed")


def _addresses_of(document: Document, operation: Operation) -> list[str]:
    """The addresses of an operation with their variables filled in; none if the document names none."""
    for holder in (operation.data, operation.item, document.data):
        if holder.get("servers"):
            return [url for server in holder["servers"] for url in islice(_addresses(server), _MOST)]
    return []


def _addresses(server: dict[str, Any]) -> Iterator[str]:
    """OpenAPI, Server Object: each variable has a default, and may list all its values."""
    url, variables = str(server.get("url", "/")), server.get("variables") or {}
    names = [name for name in dict.fromkeys(_VARIABLE.findall(url)) if isinstance(variables.get(name), dict)]
    choices = [variables[name].get("enum") or [variables[name].get("default", "")] for name in names]
    for values in product(*choices):
        filled = dict(zip(names, map(str, values), strict=True))
        yield _VARIABLE.sub(lambda found, known=filled: known.get(found[1], found[0]), url)  # type: ignore[misc]


def _base(url: str) -> str:
    path = re.split(r"[?#]", _HOST.sub("", url), maxsplit=1)[0].strip("/.")
    return f"/{path}" if path else ""
