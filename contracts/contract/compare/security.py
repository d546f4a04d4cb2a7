"""Security: whether what let an old client in still does."""

from __future__ import annotations

import json
from typing import Any

from contract.compare.report import Place, Report
from contract.document import Document, Operation
from contract.finding import Verdict

# One way in: each scheme that has to be satisfied (by what it is, not by its name) with its scopes.
Way = dict[str, frozenset[str]]


def ways(document: Document, operation: Operation) -> list[Way]:
    """The alternatives that let a caller in; an empty one is a door that stands open."""
    raw = operation.data.get("security", document.data.get("security"))
    found = [_way(document, one) for one in raw or () if isinstance(one, dict)]
    return found or [{}]


def _way(document: Document, raw: dict[str, Any]) -> Way:
    return {_scheme(document, name): frozenset(map(str, scopes or ())) for name, scopes in raw.items()}


def _scheme(document: Document, name: str) -> str:
    """What a client has to do, whatever the scheme is called; addresses of token endpoints may move."""
    components = document.data.get("components") or {}
    scheme = document.resolve((components.get("securitySchemes") or {}).get(name))
    if not scheme:
        return name
    told = {key: scheme[key] for key in ("type", "in", "scheme", "name") if key in scheme}
    if scheme.get("type") == "http":
        told["scheme"] = str(told.get("scheme", "")).lower()
    if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
        # RFC 9110 section 5.1: field names ignore case.
        told["name"] = str(told.get("name", "")).lower()
    return json.dumps(told, sort_keys=True)


def security(report: Report, place: Place, pair: tuple[Operation, Operation]) -> None:
    """Every way in of the old document has to be one of the new."""
    old, new = ways(report.old, pair[0]), ways(report.new, pair[1])
    place = place.at("security")
    for way in old:
        if any(_suffices(way, wanted) for wanted in new):
            continue
        text = f"a caller now needs {' or '.join(_said(wanted) for wanted in new)}"
        report.wire("security", place, text, f"{place.name} with {_said(way)}")
        return
    if old != new:
        report.add(Verdict.COMPATIBLE, "security-relaxed", place, "more callers are let in")


def _suffices(held: Way, wanted: Way) -> bool:
    return all(scheme in held and scopes <= held[scheme] for scheme, scopes in wanted.items())


def _said(way: Way) -> str:
    if not way:
        return "no credentials"
    return " and ".join(_one(scheme, scopes) for scheme, scopes in way.items())


def _one(scheme: str, scopes: frozenset[str]) -> str:
    if not scheme.startswith("{"):
        name = scheme
    else:
        told = json.loads(scheme)
        name = told.get("scheme") or told.get("name") or told.get("type", "")
    return f"{name} ({', '.join(sorted(scopes))})" if scopes else f"{name}"
