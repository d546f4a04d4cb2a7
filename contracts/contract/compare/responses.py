"""Responses: their statuses, bodies, headers and links."""

from __future__ import annotations

from typing import Any

from contract.compare.change import Change
from contract.compare.content import compare_answers, compare_bodies
from contract.compare.parameters import compare_media_types, compare_styles, compare_texts
from contract.findings.difference import ABSENT
from contract.findings.finding import Verdict
from contract.findings.sentences import REQUIRED
from contract.openapi.grammar import WORDS
from contract.openapi.parameters import schema_of
from contract.openapi.place import Part
from contract.openapi.values import equal

Responses = dict[str, Any]


def compare_responses(change: Change) -> None:
    """Compare the responses of an operation."""
    old, new = _by_status(change.old), _by_status(change.new)
    for status, before in old.items():
        here = change.at(Part.RESPONSE, status=status)
        after = new.get(status, new.get(f"{status[0]}XX", None if status[0] == "2" else new.get("default")))
        if after is None:
            _gone(here, new)
        elif not here.of(before, after).is_equal():
            _response(here.of(before, after))
    for status, after in new.items():
        if status not in old:
            expected = old.get(f"{status[0]}XX", old.get("default"))
            _added(change.at(Part.RESPONSE, status=status).of(expected, after), old)


def _by_status(raw: Responses) -> Responses:
    named = {str(key): value for key, value in raw.items() if not str(key).startswith("x-")}
    return {key if key == "default" else key.upper(): value for key, value in named.items()}


def _gone(change: Change, new: Responses) -> None:
    status, answering = change.place.status, not change.is_request
    special = status == "2XX" and any(key.startswith("2") for key in new)
    if status.startswith("2") and not (special and answering):
        change.add_break("status-removed", subject=status, kind="Removed")
    elif status != "2XX":
        change.add(Verdict.COMPATIBLE, "status-removed", kind="Removed")


def _added(change: Change, old: Responses) -> None:
    """Report a new status, and compare it with the old range or default that covered it (None: none did)."""
    status, expected = change.place.status, change.old
    # Generated code has no branch for a success that was not declared.
    success = status[0] == "2" and any(known[0] == "2" for known in old)
    unforeseen = success and expected is None and not change.is_request
    verdict = Verdict.SOURCE if unforeseen else Verdict.COMPATIBLE
    change.add(verdict, "status-added", kind="Added")
    if expected is not None and status != "default":
        _response(change)


def _response(change: Change) -> None:
    report = change.report
    change = change.of(report.old.resolve(change.old), report.new.resolve(change.new))
    (compare_bodies if change.is_request else compare_answers)(change)
    old, new = _headers(change.old), _headers(change.new)
    for name in dict.fromkeys([*old, *new]):
        here = change.at(Part.HEADER, name, status=change.place.status).of(old.get(name), new.get(name))
        if name not in old:
            _header_added(here)
        elif not here.is_equal():
            _header(here)
    _links(change)


def _links(change: Change) -> None:
    """Compare links. A link is a hint for those who write or generate clients; no request depends on it."""
    old, new = change.old.get("links") or {}, change.new.get("links") or {}
    for name in dict.fromkeys([*old, *new]):
        here = change.at(Part.LINK, name, status=change.place.status)
        if name not in new:
            here.add(Verdict.SOURCE, "link-removed", kind="Removed")
        elif name not in old:
            here.add(Verdict.COMPATIBLE, "link-added", kind="Added")
        else:
            _link(here.of(*map(_effects, (change.report.old.resolve(old[name]), change.report.new.resolve(new[name])))))


def _link(change: Change) -> None:
    for key in dict.fromkeys([*change.old, *change.new]):
        before, after = change.old.get(key, ABSENT), change.new.get(key, ABSENT)
        if not equal(before, after):
            change.add(Verdict.SOURCE, "link-changed", keyword=key, before=before, after=after)


def _effects(link: dict[str, Any]) -> dict[str, Any]:
    """A link without its words, which are told by themselves."""
    return {key: value for key, value in link.items() if key not in WORDS["link"] and not key.startswith("x-")}


def _headers(response: dict[str, Any]) -> dict[str, Any]:
    # RFC 9110 section 5.1: field names ignore case. OpenAPI: a Content-Type header is described elsewhere.
    found = response.get("headers") or {}
    return {name.lower(): header for name, header in found.items() if name.lower() != "content-type"}


def _header_added(change: Change) -> None:
    if change.is_request and change.report.new.resolve(change.new).get("required") is True:
        change.add_break("header-required", after=REQUIRED, kind="Added")
    else:
        change.add(Verdict.COMPATIBLE, "header-added", kind="Added")


def _header(change: Change) -> None:
    report = change.report
    before = report.old.resolve(change.old)
    needed = before.get("required") is True
    if change.new is None:
        if needed and not change.is_request:
            change.add_break("header-removed", before=REQUIRED, kind="Removed")
        else:
            change.add(Verdict.SOURCE, "header-removed", before={"required": False}, kind="Removed")
        return
    after = report.new.resolve(change.new)
    needs = after.get("required") is True
    values: dict[str, Any] = {"before": {"required": needed}, "after": {"required": needs}}
    if needed and not needs and not change.is_request:
        change.add_break("header-optional", **values)
    if needs and not needed and change.is_request:
        change.add_break("header-required", **values)
    own = {"name": change.place.name, "in": "header"}
    both = change.of({**before, **own}, {**after, **own})
    if not compare_media_types(both):
        compare_styles(both)
        content = {key: after[key] for key in ("content",) if key in after}
        compare_texts(change.of(schema_of(before)[0], schema_of(after)[0]), content)
