"""The entry of a release in Keep a Changelog form, written from the differences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from contract.findings.finding import Finding, Verdict
from contract.openapi.document import Document
from contract.release.plan import Plan
from contract.release.store import Version, format_version, parse_version

TEXTS = frozenset({"description", "summary", "title", "example", "examples", "externalDocs", "contact", "license"})
# The keys of these are names, not keywords: a field may be called `title`.
NAMES = frozenset({"properties", "patternProperties", "schemas", "responses", "parameters", "headers", "requestBodies"})
_SHOWN = 12
_SECTION = r"^(?=## \[\d+\.\d+\.\d+\])"
KINDS = ("Added", "Changed", "Deprecated", "Removed")
TITLE = """# Changelog

All releases of the contract, newest first, in the form of Keep a Changelog 1.1.
Versions follow Semantic Versioning 2.0.
"""


def entry(made: Plan, heading: str, words: str, before: Document | None = None) -> str:
    """The section of one release; `before` is the release that it follows."""
    lines = [f"## {heading}", ""]
    if words:
        lines += [words, ""]
    if made.latest is None:
        lines += ["### Added", ""]
        lines += [f"- `{one.data.get('operationId', one.name)}` ({one.name})" for one in made.draft.operations()]
        return "\n".join([*lines, ""])
    ids = {one.name: str(one.data.get("operationId", "")) for one in made.draft.operations()}
    for kind in dict.fromkeys([*KINDS, *(finding.kind for finding in made.findings)]):
        chosen = [finding for finding in made.findings if finding.kind == kind]
        if chosen:
            lines += [
                f"### {kind}",
                "",
                *dict.fromkeys(_line(finding, ids) for finding in chosen),
                "",
            ]
    if not made.findings:
        lines += ["### Changed", "", _elsewhere(before.data if before else {}, made.draft.data), ""]
    return "\n".join(lines)


def _line(finding: Finding, ids: dict[str, str]) -> str:
    operation = finding.place.operation
    name = ids.get(operation)
    where = ", ".join(filter(None, [f"`{name}` ({operation})" if name else operation, finding.place.where]))
    mark = "**Breaking:** " if finding.stops else ""
    others = [ids.get(one) or one for one in finding.operations[1:]]
    also = f" (also {', '.join(f'`{one}`' for one in others[:6])}{' …' if len(others) > 6 else ''})" if others else ""
    note = "; regenerated code needs edits" if finding.verdict is Verdict.SOURCE else ""
    waived = f"; accepted: {finding.waiver}" if finding.waiver else ""
    return f"- {mark}{where}{': ' if where else ''}{finding.text}{note}{waived}{also}"


def _elsewhere(old: Any, new: Any) -> str:
    """Name the places that differ although the comparison found nothing."""
    places = [place for place in _places(old, new, "") if place != "/info/version"]
    told = ", ".join(f"`{place}`" for place in places[:_SHOWN])
    more = f" and {len(places) - _SHOWN} more" if places[_SHOWN:] else ""
    if all(map(_is_text, places)):
        return f"- Texts and examples only: {told}{more}."
    return f"- No difference in what is sent or answered was found; what differs: {told}{more}."


def _places(old: Any, new: Any, place: str) -> Iterator[str]:
    """Where two documents differ, as JSON pointers (RFC 6901), down to texts and examples as a whole."""
    if isinstance(old, dict) and isinstance(new, dict) and not _is_text(place):
        for key in dict.fromkeys([*old, *new]):
            yield from _places(old.get(key), new.get(key), f"{place}/{key.replace('~', '~0').replace('/', '~1')}")
    elif json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True):
        yield place


def _is_text(place: str) -> bool:
    parent, _, name = place.rpartition("/")
    return name in TEXTS and parent.rpartition("/")[2] not in NAMES


def insert(before: str, words: str) -> str:
    """The changelog with a new section, before those of older versions.

    It replaces a section that an interrupted release of it left.
    """
    version = _version(words)
    head, *parts = re.split(_SECTION, before or TITLE, flags=re.MULTILINE)
    kept = [part for part in parts if _version(part) != version]
    place = next((index for index, one in enumerate(kept) if _version(one) < version), len(kept))
    return "\n\n".join(part.rstrip() for part in [head, *kept[:place], words, *kept[place:]]) + "\n"


def sections(text: str) -> dict[str, str]:
    """The section of each version, with its heading."""
    return {format_version(_version(part)): part for part in re.split(_SECTION, text, flags=re.MULTILINE)[1:]}


def _version(section: str) -> Version:
    return parse_version(section[len("## [") : section.index("]")])
