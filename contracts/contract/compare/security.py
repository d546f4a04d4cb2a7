"""Security: whether credentials that were enough still are."""

from __future__ import annotations

from contract.compare.change import Change
from contract.findings.finding import Verdict
from contract.openapi.place import Part
from contract.openapi.security import names_and_scopes, requirements_of, suffices


def compare_security(change: Change) -> None:
    """Whoever meets a requirement of the old operation has to meet one of the new."""
    old, new = requirements_of(change.report.old, change.old), requirements_of(change.report.new, change.new)
    here, after = change.at(Part.SECURITY), list(map(names_and_scopes, new))
    for requirement in old:
        if not any(suffices(requirement, wanted) for wanted in new):
            here.add_break("security", before=names_and_scopes(requirement), after=after)
            return
    if old != new:
        here.add(Verdict.COMPATIBLE, "security-relaxed", before=list(map(names_and_scopes, old)), after=after)
