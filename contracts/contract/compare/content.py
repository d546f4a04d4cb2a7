"""Bodies: their media types, whether they are required, and their schemas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract.compare.as_text import excuses_text, without_null
from contract.compare.change import Change
from contract.compare.encodings import compare_encodings
from contract.compare.schemas import report_schemas
from contract.findings.excerpt import excerpt
from contract.findings.finding import Verdict, Witness
from contract.openapi.media_types import Content, covers, is_form, match, match_suffix
from contract.openapi.parameters import ANY
from contract.openapi.place import Part
from contract.schema.sample import NoValueError
from contract.schema.witness import Wire


def compare_bodies(change: Change) -> None:
    """Compare two bodies whose media type the sender chooses."""
    old, new = _content(change.old), _content(change.new)
    if not change.is_request:
        _sent(change, old, new)
        return
    for media_type, before in old.items():
        after = match(new, media_type)
        if after is None:
            change.add_break("media-type-removed", subject=media_type, kind="Removed")
        else:
            _entries(change.of(before, after), media_type, len(old))
    _added(change, old, new)


def _content(body: Any) -> Content:
    found: Content = (body or {}).get("content") or {}
    return found


def _sent(change: Change, old: Content, new: Content) -> None:
    """Compare two bodies that a server sends by itself: the client has to know each media type."""
    for media_type, after in new.items():
        before = match(old, media_type)
        if before is None:
            before = next((entry for known, entry in old.items() if match_suffix({media_type: after}, known)), None)
        if before is None:
            change.add_break("media-type-added", subject=media_type, kind="Added")
        else:
            _entries(change.of(before, after), media_type, len(new))
    for media_type in old:
        if not any(covers(media_type, known) or covers(known, media_type) for known in new):
            change.add(Verdict.SOURCE, "media-type-removed", subject=media_type, kind="Removed")


def compare_answers(change: Change) -> None:
    """Compare the content of two responses: each media type of the old one must still be offered."""
    old, new = _content(change.old), _content(change.new)
    for media_type, before in old.items():
        after = match(new, media_type)
        if after is None:
            after = match_suffix(new, media_type)
        if after is None:
            change.add_break("media-type-removed", subject=media_type, kind="Removed")
        else:
            _entries(change.of(before, after), media_type, len(old))
    _added(change, old, new)


def _added(change: Change, old: Content, new: Content) -> None:
    for media_type in new:
        if not any(covers(known, media_type) for known in old):
            change.add(Verdict.COMPATIBLE, "media-type-added", subject=media_type, kind="Added")


def _entries(change: Change, media_type: str, count: int) -> None:
    """Compare the schemas of one media type; the place names the type where there are several."""
    if count > 1:
        change = replace(change, place=replace(change.place, media_type=media_type))
    old, new = (entry if isinstance(entry, dict) else {} for entry in (change.old, change.new))
    whole = change.of(old.get("schema", ANY), new.get("schema", ANY))
    if is_form(media_type):
        prover = change.prover
        written, read = without_null(prover.writer, whole.written), without_null(prover.reader, whole.read)
        whole = change.of(written, read) if change.is_request else change.of(read, written)
    report_schemas(whole, whole.compare(), Wire(excused=excuses_text(change.prover) if is_form(media_type) else None))
    # OpenAPI 3.2, Media Type Object: each item of a stream.
    items = change.of(old.get("itemSchema", ANY), new.get("itemSchema", ANY))
    if [items.old, items.new] != [ANY, ANY]:
        items = replace(items, place=replace(change.place, each_item=True))
        report_schemas(items, items.compare())
    compare_encodings(change, media_type)


def compare_request_body(change: Change) -> None:
    """Compare two request bodies (either may be absent)."""
    change = change.at(Part.BODY)
    if not change.is_request:
        _called(change)
        return
    old, new = change.old, change.new
    if not old and not new:
        return
    needed, needs = (bool(body) and body.get("required") is True for body in (old, new))
    if needs and not needed:
        change.add_break("body-required")
    elif new and not old:
        change.add(Verdict.COMPATIBLE, "body-added", kind="Added")
    if old and not new:
        change.add_break("body-removed", Witness(_example(change)), kind="Removed")
    elif old and new:
        compare_bodies(change)


def _called(change: Change) -> None:
    """Compare two bodies (either may be absent) with which the server calls the client."""
    old, new = change.old, change.new
    needed, needs = (bool(body) and body.get("required") is True for body in (old, new))
    if needed and not needs:
        change.add_break("body-optional" if new else "body-removed", kind="Changed" if new else "Removed")
    elif old and not new:
        change.add(Verdict.SOURCE, "body-removed", kind="Removed")
    elif new and not old:
        change.add(Verdict.COMPATIBLE, "body-added", kind="Added")
    if old and new:
        compare_bodies(change)


def _example(change: Change) -> str:
    for media_type, entry in _content(change.old).items():
        try:
            value = change.prover.sampler.smallest((entry.get("schema", ANY),))
        except NoValueError:
            continue
        return f"{change.place.operation} with {media_type} {excerpt(value)}"
    return f"{change.place.operation} with a body"
