"""What a request wishes for by `Prefer` (RFC 7240): `code=409`, `example=empty`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contract.mock.problems import Problem
from contract.mock.routes import declared
from contract.openapi.document import Document, Operation

_PREFERENCE = re.compile(r'(?:^|[,;])\s*(code|example)\s*=\s*("[^"]*"|[^\s,;]+)', re.IGNORECASE)


@dataclass(frozen=True)
class Preference:
    """A status and the name of an example; None and empty where nothing is wished for."""

    status: int | None = None
    example: str = ""

    @property
    def applied(self) -> dict[str, str]:
        """The header that says what was done (RFC 7240, section 3)."""
        told = [f"code={self.status}"] if self.status else []
        told += [f'example="{self.example}"'] if self.example else []
        return {"Preference-Applied": ", ".join(told)}


def preference(document: Document, operation: Operation, header: str) -> Preference | None:
    """Read the header; None when it wishes for nothing; raises Problem 400 for a status that is not declared."""
    found = {name.lower(): value.strip('"') for name, value in _PREFERENCE.findall(header)}
    if not found:
        return None
    code = found.get("code", "")
    if not code:
        return Preference(None, found["example"])
    statuses = [str(one) for one in operation.data.get("responses") or {}]
    known = code.isdigit() and 200 <= int(code) <= 599 and declared(document, operation, int(code)) is not None
    if not known:
        raise Problem(400, f"Prefer: code={code} is not declared for {operation.name}; there is {', '.join(statuses)}.")
    return Preference(int(code), found.get("example", ""))
