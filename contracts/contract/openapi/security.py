"""What a caller needs: security requirements by what they are, not by the names of their schemes."""

from __future__ import annotations

import json
from typing import Any

from contract.openapi.document import Document, Operation

# OpenAPI, Security Requirement Object: each scheme that has to be satisfied, described as JSON, with its scopes.
Requirement = dict[str, frozenset[str]]


def requirements_of(document: Document, operation: Operation) -> list[Requirement]:
    """The requirements of which a caller has to meet one; an empty one asks for nothing."""
    raw = operation.data.get("security", document.data.get("security"))
    found = [_requirement(document, one) for one in raw or () if isinstance(one, dict)]
    return found or [{}]


def _requirement(document: Document, raw: dict[str, Any]) -> Requirement:
    return {_scheme(document, name): frozenset(map(str, scopes or ())) for name, scopes in raw.items()}


def _scheme(document: Document, name: str) -> str:
    """What a scheme asks of a client. Its name and the addresses of token endpoints do not count."""
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


def suffices(held: Requirement, wanted: Requirement) -> bool:
    """Whether credentials for the one requirement meet the other."""
    return all(scheme in held and scopes <= held[scheme] for scheme, scopes in wanted.items())


def names_and_scopes(requirement: Requirement) -> dict[str, list[str]]:
    """A requirement by the names that people know: `bearer`, a header's name, the type of a scheme."""
    return {_short(scheme): sorted(scopes) for scheme, scopes in requirement.items()}


def _short(scheme: str) -> str:
    if not scheme.startswith("{"):
        return scheme
    described = json.loads(scheme)
    return str(described.get("scheme") or described.get("name") or described.get("type", ""))
