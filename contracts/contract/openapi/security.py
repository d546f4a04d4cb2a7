"""What a caller has to have: the alternatives that let one in, by what they are and not by their names."""

from __future__ import annotations

import json
from typing import Any

from contract.openapi.document import Document, Operation

# One way in: each scheme that has to be satisfied, described as JSON, with its scopes.
Way = dict[str, frozenset[str]]


def ways_in(document: Document, operation: Operation) -> list[Way]:
    """The alternatives that let a caller in; an empty one asks for nothing."""
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
    described = {key: scheme[key] for key in ("type", "in", "scheme", "name") if key in scheme}
    if scheme.get("type") == "http":
        described["scheme"] = str(described.get("scheme", "")).lower()
    if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
        # RFC 9110 section 5.1: field names ignore case.
        described["name"] = str(described.get("name", "")).lower()
    return json.dumps(described, sort_keys=True)


def suffices(held: Way, wanted: Way) -> bool:
    """Whether who holds the one is let in by the other."""
    return all(scheme in held and scopes <= held[scheme] for scheme, scopes in wanted.items())


def names_and_scopes(way: Way) -> dict[str, list[str]]:
    """A way in by the names that people know: `bearer`, a header's name, the type of a scheme."""
    return {_short(scheme): sorted(scopes) for scheme, scopes in way.items()}


def _short(scheme: str) -> str:
    if not scheme.startswith("{"):
        return scheme
    described = json.loads(scheme)
    return str(described.get("scheme") or described.get("name") or described.get("type", ""))
