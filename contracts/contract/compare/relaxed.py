"""Differences that harm nobody: what is newly allowed, and what is newly promised."""

from __future__ import annotations

from collections.abc import Iterator

from contract.findings.difference import ABSENT
from contract.findings.finding import Finding, Verdict


def relaxed(backwards: list[Finding], told: list[Finding]) -> Iterator[Finding]:
    """Turn each break of the way back into a compatible finding of the way there."""
    known = {finding.identity for finding in told}
    for finding in backwards:
        is_proven = finding.witness is not None and finding.witness.value is not ABSENT
        if is_proven and finding.identity not in known:
            yield Finding(
                verdict=Verdict.COMPATIBLE,
                rule=finding.rule,
                place=finding.place,
                direction=finding.direction,
                path=finding.path,
                before=finding.after,
                after=finding.before,
                loosened=True,
                operations=finding.operations,
                touches=finding.touches,
            )
