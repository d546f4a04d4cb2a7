"""Security: whether what let an old client in still does."""

from __future__ import annotations

from contract.compare.change import Change
from contract.findings.finding import Verdict
from contract.openapi.place import Part
from contract.openapi.security import names_and_scopes, suffices, ways_in


def security(change: Change) -> None:
    """Every way in of the old operation has to be one of the new."""
    old, new = ways_in(change.report.old, change.old), ways_in(change.report.new, change.new)
    here, after = change.at(Part.SECURITY), list(map(names_and_scopes, new))
    for way in old:
        if not any(suffices(way, wanted) for wanted in new):
            here.add_break("security", before=names_and_scopes(way), after=after)
            return
    if old != new:
        here.add(Verdict.COMPATIBLE, "security-relaxed", before=list(map(names_and_scopes, old)), after=after)
