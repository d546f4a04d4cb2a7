"""Bodies: media types, whether there has to be one, and what is in it."""

from __future__ import annotations

from typing import Any

from contract.compare.forms import forms
from contract.compare.report import Place, Report, short
from contract.compare.texts import written_as_text
from contract.finding import Verdict
from contract.schema.prove import Prover
from contract.schema.sample import NoValueError

ANY: Any = True
Content = dict[str, Any]


def bare(media_type: str) -> str:
    """A media type without its parameters (RFC 9110 section 8.3.1: type and subtype ignore case)."""
    return media_type.split(";")[0].strip().lower()


def covers(offered: str, wanted: str) -> bool:
    """Whether a media range takes in a media type, or names the same."""
    one, other = bare(offered), bare(wanted)
    return bool(one in (other, "*/*") or (one.endswith("/*") and other.startswith(one[:-1])))


def match(content: Content, wanted: str) -> Any:
    """The entry for a media type: the same text, else the same type, else a range; None when there is none."""
    if wanted in content:
        return content[wanted]
    found = sorted((key for key in content if covers(key, wanted)), key=lambda key: bare(key) != bare(wanted))
    return content[found[0]] if found else None


def refined(content: Content, wanted: str) -> Any:
    """A more special type that a reader of the general one copes with: `application/x+json` for `application/json`."""
    suffix = bare(wanted).partition("/")[2]
    return next((value for key, value in content.items() if bare(key).endswith(f"+{suffix}")), None)


def bodies(report: Report, prover: Prover, place: Place, old: Any, new: Any) -> None:
    """Compare the content of two bodies of which the sender chooses the media type."""
    sends = (old.get("content") or {}, new.get("content") or {})
    if prover is report.responses:
        _sent(report, prover, place, *sends)
        return
    for media_type, before in sends[0].items():
        after = match(sends[1], media_type)
        if after is None:
            text = f"{media_type} is no longer accepted"
            witness = f"{place.name} with Content-Type: {media_type}"
            report.wire("media-type-removed", place, text, witness, field=media_type, kind="Removed")
            continue
        here = place.at(_named(place.where, media_type, len(sends[0])))
        schema_pair(report, prover, here, (before, after), media_type)
        forms(report, here, (before, after), media_type)
    _added_types(report, place, *sends)


def _sent(report: Report, prover: Prover, place: Place, old: Content, new: Content) -> None:
    """What a server may send to a client on its own: each media type has to be one that the client knows."""
    for media_type, after in new.items():
        before = match(old, media_type)
        if before is None:
            before = next((entry for known, entry in old.items() if refined({media_type: after}, known)), None)
        if before is None:
            witness = f"{place.name} with Content-Type: {media_type}"
            text = f"{media_type} may now be sent"
            report.wire("media-type-added", place, text, witness, field=media_type, kind="Added")
            continue
        here = place.at(_named(place.where, media_type, len(new)))
        schema_pair(report, prover, here, (before, after), media_type)
        forms(report, here, (before, after), media_type)
    for media_type in old:
        if not any(covers(media_type, known) or covers(known, media_type) for known in new):
            text = f"{media_type} is no longer sent"
            report.add(Verdict.SOURCE, "media-type-removed", place, text, field=media_type, kind="Removed")


def answers(report: Report, prover: Prover, place: Place, old: Any, new: Any) -> None:
    """Compare the content of two responses: what the old one offered must still be there, and hold what it held."""
    before_all, after_all = old.get("content") or {}, new.get("content") or {}
    for media_type, before in before_all.items():
        after = match(after_all, media_type)
        if after is None:
            after = refined(after_all, media_type)
        if after is None:
            text = f"{media_type} is no longer answered"
            witness = f"{place.name} with Accept: {media_type}"
            report.wire("media-type-removed", place, text, witness, field=media_type, kind="Removed")
            continue
        here = place.at(_named(place.where, media_type, len(before_all)))
        schema_pair(report, prover, here, (before, after), media_type)
        forms(report, here, (before, after), media_type)
    _added_types(report, place, before_all, after_all)


def _named(where: str, media_type: str, count: int) -> str:
    return where if count == 1 else f"{where} {media_type}"


def _added_types(report: Report, place: Place, old: Content, new: Content) -> None:
    for media_type in new:
        if not any(covers(known, media_type) for known in old):
            text = f"{media_type} was added"
            report.add(Verdict.COMPATIBLE, "media-type-added", place, text, field=media_type, kind="Added")


def schema_pair(report: Report, prover: Prover, place: Place, pair: tuple[Any, Any], media_type: str) -> None:
    """Compare what two media types say of the body."""
    old, new = pair
    before = old.get("schema", ANY) if isinstance(old, dict) else ANY
    after = new.get("schema", ANY) if isinstance(new, dict) else ANY
    pair = (before, after) if prover is report.requests else (after, before)
    comparison = prover.compare((pair[0],), pair[1])
    report.schemas(prover, place, comparison, written=written_as_text(prover, media_type))
    # OpenAPI 3.2, Media Type Object: each item of a stream.
    items = [entry.get("itemSchema", ANY) if isinstance(entry, dict) else ANY for entry in (old, new)]
    if items != [ANY, ANY]:
        pair = (items[0], items[1]) if prover is report.requests else (items[1], items[0])
        report.schemas(prover, place.at(f"{place.where}, each item"), prover.compare((pair[0],), pair[1]))


def request_body(report: Report, prover: Prover, place: Place, old: Any, new: Any) -> None:
    """Compare two request bodies (either may be absent)."""
    place = place.at("request body")
    if prover is report.responses:
        _called(report, prover, place, old, new)
        return
    if not old and not new:
        return
    if not old:
        if new.get("required") is True:
            report.wire("body-required", place, "a body must now be sent", f"{place.name} without a body")
        else:
            report.add(Verdict.COMPATIBLE, "body-added", place, "a body may now be sent", kind="Added")
        return
    if not new:
        report.wire(
            "body-removed",
            place,
            "no body is accepted any more",
            _example(prover, place, old),
            kind="Removed",
        )
        return
    if new.get("required") is True and old.get("required") is not True:
        report.wire("body-required", place, "a body must now be sent", f"{place.name} without a body")
    bodies(report, prover, place, old, new)


def _called(report: Report, prover: Prover, place: Place, old: Any, new: Any) -> None:
    """Compare two bodies (either may be absent) with which the server calls the client."""
    needed, needs = (bool(one) and one.get("required") is True for one in (old, new))
    if needed and not needs:
        rule, text = ("body-optional", "the body may now be absent") if new else ("body-removed", "no body is sent")
        report.wire(rule, place, text, f"{place.name} without a body", kind="Changed" if new else "Removed")
    elif old and not new:
        report.add(Verdict.SOURCE, "body-removed", place, "no body is sent any more", kind="Removed")
    elif new and not old:
        report.add(Verdict.COMPATIBLE, "body-added", place, "a body may now be sent", kind="Added")
    if old and new:
        bodies(report, prover, place, old, new)


def _example(prover: Prover, place: Place, body: Any) -> str:
    for media_type, entry in (body.get("content") or {}).items():
        try:
            value = prover.sampler.smallest((entry.get("schema", ANY),))
        except NoValueError:
            continue
        return f"{place.name} with {media_type} {short(value)}"
    return f"{place.name} with a body"
