"""The entry of a release in Keep a Changelog form, written from the differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.finding import Finding, Verdict

if TYPE_CHECKING:
    from contract.release import Plan

KINDS = ("Added", "Changed", "Deprecated", "Removed")
TITLE = """# Changelog

All releases of the contract, newest first, in the form of Keep a Changelog 1.1.
Versions follow Semantic Versioning 2.0.
"""


def entry(made: Plan, heading: str, words: str) -> str:
    """The section of one release."""
    lines = [f"## {heading}", ""]
    if words:
        lines += [words, ""]
    if made.latest is None:
        lines += ["### Added", ""]
        lines += [f"- `{one.data.get('operationId', one.name)}` ({one.name})" for one in made.draft.operations()]
        return "\n".join([*lines, ""])
    ids = {one.name: str(one.data.get("operationId", "")) for one in made.draft.operations()}
    for kind in KINDS:
        chosen = [finding for finding in made.findings if finding.kind == kind]
        if chosen:
            lines += [
                f"### {kind}",
                "",
                *dict.fromkeys(_line(finding, ids) for finding in chosen),
                "",
            ]
    if not made.findings:
        lines += [
            "### Changed",
            "",
            "- Descriptions, examples or order only; nothing that is sent or answered.",
            "",
        ]
    return "\n".join(lines)


def _line(finding: Finding, ids: dict[str, str]) -> str:
    name = ids.get(finding.operation)
    place = f"`{name}` ({finding.operation})" if name else finding.operation
    where = f", {finding.where}" if finding.where else ""
    mark = "**Breaking:** " if finding.stops else ""
    others = [ids.get(one) or one for one in finding.operations[1:]]
    also = f" (also {', '.join(f'`{one}`' for one in others[:6])}{' …' if len(others) > 6 else ''})" if others else ""
    note = "; regenerated code needs edits" if finding.verdict is Verdict.SOURCE else ""
    waived = f"; accepted: {finding.waiver}" if finding.waiver else ""
    return f"- {mark}{place}{where}: {finding.text}{note}{waived}{also}"


def insert(before: str, words: str) -> str:
    """The changelog with a new section before all others."""
    text = before or TITLE
    head, mark, rest = text.partition("\n## ")
    return f"{head.rstrip()}\n\n{words.rstrip()}\n" + (f"\n## {rest}" if mark else "")
