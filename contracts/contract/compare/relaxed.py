"""The differences that harm nobody: what is allowed now and was not, what is promised now and was not."""

from __future__ import annotations

from collections.abc import Iterator

from contract.finding import Finding, Verdict

_WORDS = (("must now be", "need no longer be"), ("is no longer sure to be", "is now sure to be"))


def relaxed(backwards: list[Finding], told: list[Finding]) -> Iterator[Finding]:
    """Breaks on the way back are what got easier on the way there."""
    known = {(finding.operation, finding.where, finding.field, finding.rule) for finding in told}
    for finding in backwards:
        proven = finding.witness is not None and finding.witness.value is not None
        if not proven or (finding.operation, finding.where, finding.field, finding.rule) in known:
            continue
        text = finding.text
        for before, after in _WORDS:
            text = text.replace(before, after)
        yield Finding(
            Verdict.COMPATIBLE, finding.rule, text, finding.operation, finding.where, finding.field,
            operations=finding.operations,
            operation_id=finding.operation_id,
        )  # fmt: skip
