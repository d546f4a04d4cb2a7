"""Whom a difference breaks, by what a consumer sends and reads.

A consumer that hands in a usage reads as RFC 9413 and OpenAPI advise: unknown fields are ignored, an enum may know one
more value, a text may be longer. What a usage cannot say counts as used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contract.consumers.usage import Usage, concern, is_within, steps_of
from contract.findings.effect import Effect, Harm, Use
from contract.findings.finding import Finding, Touch, Verdict
from contract.openapi.direction import Direction
from contract.openapi.media_types import bare, is_form
from contract.openapi.place import Part

# Rules about values that a tolerant reader does not look at.
LOOSE = frozenset({
    "maxLength", "minLength", "maximum", "minimum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern",
    "maxItems", "minItems", "uniqueItems", "minContains", "maxContains", "enum", "minProperties", "maxProperties",
    "additionalProperties", "value-removed", "alternative-removed",
})  # fmt: skip
_STOPS = (Verdict.WIRE, Verdict.UNPROVEN)
# What is only a matter of source on the wire, and takes away what a consumer may use.
_TAKEN = frozenset({
    "operation-removed", "parameter-removed", "field-removed", "value-removed", "alternative-removed",
    "read-only",
})  # fmt: skip
# Rules whose findings name fields of an object.
_OF_FIELDS = frozenset({"required", "dependentRequired", "read-only", "additionalProperties"})
_NEEDS = frozenset({"required", "dependentRequired", "read-only"})
Found = tuple[Use, Iterable[str]]
_NONE: Iterable[Found] = ()


def matters(finding: Finding) -> bool:
    """Whether a difference may break a consumer: it stops a release, or takes something away."""
    return finding.verdict in _STOPS or (finding.verdict is Verdict.SOURCE and finding.rule in _TAKEN)


def effect(finding: Finding, usage: Usage) -> Effect:
    """What a difference does to a consumer."""
    return Effect(usage.consumer, usage.version, tuple(_harms(finding, usage)))


def _harms(finding: Finding, usage: Usage) -> Iterator[Harm]:
    """The harm at each operation that is called, with all that is used of it."""
    if usage.operations is None:
        yield Harm(Use.EVERYTHING)
    elif not finding.touches:
        yield Harm(Use.DOCUMENT)
    else:
        found: dict[tuple[str, Use], dict[str, None]] = {}
        for touch in finding.touches:
            use = usage.operations.get(touch.operation_id)
            for how, names in _at(finding, touch, use, usage.refusals) if use is not None else ():
                found.setdefault((touch.operation_id, how), {}).update(dict.fromkeys(names))
        for (operation_id, how), names in found.items():
            by = tuple(usage.operations[operation_id].get("by", ()))
            yield Harm(how, operation_id, by, tuple(names))


def _at(finding: Finding, touch: Touch, use: Mapping[str, Any], refusals: Iterable[str]) -> Iterable[Found]:
    """What is used of one place."""
    if _is_received(finding, touch):
        return [(Use.RECEIVES, ())]
    match touch.place.part:
        case Part.RESPONSE:
            return _in_answer(finding, touch, use, refusals)
        case Part.PARAMETER:
            return _in_parameter(finding.rule, touch, use)
        case Part.BODY:
            sent = use.get("body", ())
            return _in_body(finding.rule, touch, sent) if _is_about(finding, touch, sent) else _NONE
        case Part.HEADER | Part.LINK as part:
            is_read = part is Part.HEADER and finding.rule not in LOOSE
            return [(Use.HEADERS, [touch.place.name])] if is_read else _NONE
    return [(Use.CALLS, ())]


def _is_received(finding: Finding, touch: Touch) -> bool:
    """Whether the server calls: a webhook or a callback."""
    sent, answered = (Part.PARAMETER, Part.BODY), (Part.RESPONSE, Part.HEADER)
    called = {Direction.RESPONSE: sent, Direction.REQUEST: answered, None: ()}[finding.direction]
    return touch.place.part in (*called, Part.CALLBACK)


def _reads(use: Mapping[str, Any], refusals: Iterable[str], status: str) -> dict[str, list[str]]:
    """What is read of a status, a range of statuses or `default`, by status."""
    status = status.upper()
    reads: Mapping[str, list[str]] = use.get("reads", {})
    if status[0] in "45":
        return {status: list(refusals)}
    if status == "DEFAULT":
        return {**reads, "default": list(refusals)}
    ranged = f"{status[0]}XX"
    found = {
        own: paths
        for own, paths in reads.items()
        if own in (status, ranged) or (status == ranged and own[0] == status[0])
    }
    # Who lists no redirect reads one as any answer that is no success.
    return found or ({status: list(refusals)} if status[0] == "3" else {})


def _is_about(finding: Finding, touch: Touch, sent: Iterable[str]) -> bool:
    """Whether an object that is sent may have the fields without which the demand does not hold."""
    above = touch.field.rpartition(".")[0] if finding.rule in _OF_FIELDS else touch.field
    names = [path.removesuffix("?") for path in sent]
    held = (all(any(concern(path, f"{above}.{name}") for path in names) for name in one) for one in finding.given)
    return touch.deeper or not finding.given or any(held)


def _in_answer(finding: Finding, touch: Touch, use: Mapping[str, Any], refusals: Iterable[str]) -> Iterable[Found]:
    rule = finding.rule
    if rule == "status-removed":
        # A usage that reads nothing lists no statuses.
        is_expected = not use.get("reads") or _reads(use, (), touch.place.status)
        return [(Use.EXPECTS, [touch.place.status])] if is_expected else _NONE
    if rule in LOOSE:
        return _NONE
    reads = _reads(use, refusals, touch.place.status)
    if rule == "media-type-removed":
        is_read = any(reads.values()) or not _has_fields(touch.subject)
        return [(Use.EXPECTS, [touch.subject])] if is_read else _NONE
    # What a demand on a whole object is about; the other fields are read as before.
    decisive = sorted(finding.about) if rule not in _OF_FIELDS and not touch.deeper else []
    places = [f"{touch.field}.{name}" for name in decisive] or [touch.field]
    hit = [
        path
        for paths in reads.values()
        for path in paths
        if any(concern(place, path) for place in places) and not _is_listed(touch, path)
    ]
    return [(Use.READS, hit)] if hit else _NONE


def _in_parameter(rule: str, touch: Touch, use: Mapping[str, Any]) -> Iterable[Found]:
    name, location = touch.place.name, touch.place.location
    if location not in ("query", "header"):
        return [(Use.SENDS, [name])]  # A path always has its parameters; of the others a usage says nothing.
    sent = {one.removesuffix("?").lower(): one for one in use.get(location, ())}
    own = sent.get(name.lower())
    if rule == "parameter-required":
        return _NONE if own and not own.endswith("?") else [(Use.OMITS, [name])]
    return [(Use.SENDS, [name])] if own else _NONE


def _in_body(rule: str, touch: Touch, sent: Iterable[str]) -> Iterable[Found]:
    names = {one.removesuffix("?"): one.endswith("?") for one in sent}
    if rule == "body-required":
        return _NONE if names else [(Use.OMITS, ["a body"])]
    if rule in _NEEDS and not touch.deeper:
        return _needed(touch, names)
    if rule.startswith("media-type-") and not _has_fields(touch.subject):
        return [(Use.SENDS, [touch.subject])]
    if rule.startswith(("body-", "media-type-")):
        return [(Use.SENDS, sorted(names))] if names else _NONE
    hit = sorted(path for path in names if concern(touch.field, path) and not _is_apart(touch, path, names))
    return [(Use.SENDS, hit)] if hit else _NONE


def _is_apart(touch: Touch, path: str, names: Iterable[str]) -> bool:
    """Whether a path does not mean what changed below it: its own fields are listed, or have names of their own."""
    if len(steps_of(path)) < len(steps_of(touch.field)):
        return any(is_within(other, path) for other in names if other != path)
    return _is_listed(touch, path)


def _is_listed(touch: Touch, path: str) -> bool:
    """Whether a path has a name that is declared, where only fields of other names changed."""
    unlisted = (own for own, changed in zip(steps_of(path), touch.path, strict=False) if changed == "*")
    return any(own in declared for own, declared in zip(unlisted, touch.declared, strict=False))


def _has_fields(media_type: str) -> bool:
    """Whether a body of a media type has fields that a usage can name."""
    return bare(media_type).endswith(("json", "xml")) or is_form(media_type)


def _needed(touch: Touch, names: Mapping[str, bool]) -> Iterable[Found]:
    """A field that has to be sent now, where what is around it is sent."""
    above = ".".join(touch.field.split(".")[:-1])
    around = any(is_within(path, above) or is_within(above, path) for path in names)
    always = any(is_within(path, touch.field) and not optional for path, optional in names.items())
    return [(Use.OMITS, [touch.field])] if around and not always else _NONE
