"""The sentence of each rule, made from the fields of a difference and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from contract.findings.difference import ABSENT, Difference
from contract.findings.effect import Effect, Harm, Use
from contract.findings.excerpt import excerpt
from contract.openapi.direction import Direction
from contract.openapi.grammar import known
from contract.openapi.lifecycle import LEVELS, day_of, is_level
from contract.openapi.place import Part, Path, format_path
from contract.schema.gap import TooMuch
from contract.schema.sample import UNLISTED
from contract.schema.view import HIDDEN

Sentence = Callable[[Difference], str]
_MOST = 6
_LONG = 80


def sentence(difference: Difference) -> str:
    """What differs, as a sentence that follows the operation and its part."""
    notice = difference.notice
    if notice and notice.since:
        what = removed_part(difference)
        return f"{what} was removed".lstrip() + f"; announced since {notice.since} until {notice.until}"
    text = SENTENCES.get(difference.rule, _demand)(difference)
    if notice:
        text += "; its end was announced" if notice.given else ", and no end was announced that has come"
    return text


def edit_sentence(difference: Difference) -> str:
    """The sentence with the field named from the schema in which the documents differ."""
    if not difference.schema or difference.also:
        return sentence(difference)
    path = (difference.schema, *difference.within)
    return sentence(replace(difference, path=path, edited=None if difference.edited is None else path))


def removed_part(difference: Difference) -> str:
    """What was removed, if the place does not name it: a field, a value or an alternative."""
    path = format_path(difference.path)
    kind = difference.rule.removesuffix("-removed")
    return f"{path} {kind} {difference.before}".lstrip() if kind in ("value", "alternative") else path


def _is_request(difference: Difference) -> bool:
    return difference.direction is Direction.REQUEST


def _name(difference: Difference) -> str:
    return difference.place.name


# Operations, and the document around them.


def _operation_added(difference: Difference) -> str:
    return "new operation" if difference.after is ABSENT else str(difference.after)


def _operation_removed(difference: Difference) -> str:
    reason = "; was never promised" if difference.before is not ABSENT else ""
    return f"was removed{reason}"


def _operation_id(difference: Difference) -> str:
    return f"operationId was {difference.before}, is {_or_gone(difference.after)}"


def _tag(difference: Difference) -> str:
    return f"tags were {difference.before}, are {_or_gone(difference.after)}"


def _or_gone(value: Any) -> str:
    return str(value) if value not in (ABSENT, None, []) else "gone"


def _callback_removed(difference: Difference) -> str:
    return f"{' '.join(difference.before)} is no longer called"


def _security(difference: Difference) -> str:
    return f"a caller now needs {' or '.join(map(credentials, difference.after))}"


def credentials(way: dict[str, list[str]]) -> str:
    """The credentials of a security requirement, each scheme with its scopes."""
    schemes = [f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in way.items()]
    return " and ".join(schemes) or "no credentials"


def _base_path_removed(difference: Difference) -> str:
    return f"is no longer served under {difference.before or '/'}, only under {', '.join(difference.after)}"


def _dialect(difference: Difference) -> str:
    old, new = difference.before, difference.after
    user, other, age = (old, new, "old") if "place" in old else (new, old, "new")
    return (
        f"`{difference.keyword}` has no meaning in OpenAPI {user['openapi']}, and has one in {other['openapi']}: "
        f"{user['place']} of the {age} document"
    )


# Promises about time.


def _which(difference: Difference) -> str:
    """The field that a sentence begins with; nothing where it is about the whole place."""
    return f"{format_path(difference.path)}: " if difference.path else ""


def _deprecated(difference: Difference) -> str:
    if difference.keyword:
        return _words(difference)
    return f"{format_path(difference.path)} is deprecated" if difference.path else "is deprecated"


def _sunset(difference: Difference) -> str:
    old, new = difference.before, difference.after
    before, after = day_of(old), day_of(new)
    if _unreadable_day(difference) is not None:
        return "x-sunset is not a date: nobody can tell what is promised"
    if before is None:
        return f"its end is announced for {after}, which is over: nobody had notice"
    if after is None:
        return f"the end on {before} is no longer promised"
    return f"the end was moved from {before} to {after}"


def _unreadable_day(difference: Difference) -> Any:
    """The first value that is no date; None where there is none."""
    values = [value for value in (difference.after, difference.before) if value is not ABSENT]
    return next((value for value in values if day_of(value) is None), None)


def _stability(difference: Difference) -> str:
    old, new = difference.before, difference.after
    if _unknown_level(difference) is not None:
        removed = "was removed; " if difference.kind == "Removed" else ""
        return f"{removed}x-stability-level is none of {', '.join(LEVELS)}"
    level = new if new is not ABSENT else "without a level"
    return f"the promise of stability was lowered: it was {old}, is {level}"


def _unknown_level(difference: Difference) -> Any:
    """The first value that is no level; None where there is none."""
    values = [value for value in (difference.before, difference.after) if value is not ABSENT]
    return next((value for value in values if not is_level(value)), None)


# Parameters and headers.


def _declared_no_more(difference: Difference, gone: str) -> str:
    """`gone` is the verb for what was required; anything else was only declared."""
    return f"{_name(difference)} is no longer {gone if difference.before == REQUIRED else 'declared'}"


REQUIRED = {"required": True}


def _parameter_removed(difference: Difference) -> str:
    return (
        f"{_name(difference)} is no longer read" if _is_request(difference) else _declared_no_more(difference, "sent")
    )


def _required(difference: Difference) -> str:
    if _is_request(difference):
        return f"{_name(difference)} must now be sent"
    return f"{_name(difference)} is now always sent"


def _optional(difference: Difference) -> str:
    return f"{_name(difference)} may now be {'left out' if _is_request(difference) else 'absent'}"


def _empty_value(difference: Difference) -> str:
    return f"{_name(difference)} {'must no longer' if _is_request(difference) else 'may now'} be empty"


def _style(difference: Difference) -> str:
    now = "must now be" if _is_request(difference) else "is now"
    return f"{_name(difference)} {now} written as `{difference.after}`"


def _read_as_text(difference: Difference) -> str:
    """Both documents take a text; the old one also told other types apart."""
    return f"what was read as {' or '.join(difference.before)} would now be read as a string"


# Bodies and responses.


def _media_type_removed(difference: Difference) -> str:
    answered = "answered" if difference.place.part is Part.RESPONSE else "sent"
    return f"{difference.subject} is no longer {'accepted' if _is_request(difference) else answered}"


def _media_type_added(difference: Difference) -> str:
    """A client has to know each media type that a server sends by itself."""
    sent = not _is_request(difference) and difference.place.part is Part.BODY
    return f"{difference.subject} {'may now be sent' if sent else 'was added'}"


def _status_removed(difference: Difference) -> str:
    return f"{difference.place.status} is no longer {'understood' if _is_request(difference) else 'answered'}"


def _body_removed(difference: Difference) -> str:
    return "no body is accepted any more" if _is_request(difference) else "no body is sent any more"


def _discriminator(difference: Difference) -> str:
    subject = format_path(difference.path) or "it"
    old, new = difference.before, difference.after
    name = old.get("propertyName")
    if new is ABSENT:
        return f"{subject} is no longer told apart by {name}"
    if "mapping" not in old:
        return f"{subject} is told apart by {new.get('propertyName')}, no more by {name}"
    [(value, schema)] = old["mapping"].items()
    now = new["mapping"].get(value)
    instead = f"stands for {_last(now)}, no more for" if now else "no longer stands for"
    return f"{subject}: {name} {value!r} {instead} {_last(schema)}"


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]


# Words, and whatever else is written in another way.


def _words(difference: Difference) -> str:
    old, new = difference.before, difference.after
    if not difference.keyword:
        if difference.place.part is Part.DOCUMENT:
            return "references or components are written in another way"
        return f"{format_path(difference.path) or 'its schema'} is written in another way"
    if difference.also:
        return f"`{difference.keyword}` differs: {_few([difference.path, *difference.also])}"
    whole = difference.place.part is Part.DOCUMENT
    prefix = "info." if difference.holder == "info" else ""
    name = f"{prefix}{difference.keyword}" if whole else f"`{difference.keyword}`"
    subject = f"{name} of {format_path(difference.path)}" if difference.path else name
    unknown = difference.holder and not known(difference.holder, difference.keyword)
    return f"{subject} {_changed(old, new)}{'; no such keyword is known' if unknown else ''}"


def _changed(old: Any, new: Any) -> str:
    if old is ABSENT or new is ABSENT:
        value = new if old is ABSENT else old
        shown = "" if _is_long(value) else f": {excerpt(value)}"
        return f"was {'added' if old is ABSENT else 'removed'}{shown}"
    if _is_long(old) or _is_long(new):
        return _members_changed(old, new) or "is written in another way"
    return f"was {excerpt(old)}, is {excerpt(new)}"


def _members_changed(old: Any, new: Any) -> str:
    """Which members of a long list or map came, went or differ; empty where only their order does."""
    if type(old) is not type(new):
        return ""
    one, two = _members(old), _members(new)
    came, went = ([name for name in these if name not in those] for these, those in ((two, one), (one, two)))
    differ = [name for name in one if name in two and one[name] != two[name]]
    groups = (("has more: ", came), ("no longer has ", went), ("differs in ", differ))
    return "; ".join(f"{words}{_first(names)}" for words, names in groups if names)


def _members(value: Any) -> dict[str, Any]:
    """The members of a list by their name, or by their text."""
    if isinstance(value, dict):
        return value
    return {str(one["name"]) if isinstance(one, dict) and "name" in one else excerpt(one): one for one in value}


def _is_long(value: Any) -> bool:
    return isinstance(value, dict | list) and len(json.dumps(value, ensure_ascii=False)) > _LONG


def _few(paths: list[Path]) -> str:
    return _first(list(dict.fromkeys(map(format_path, paths))))


def _first(names: list[str]) -> str:
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


# What a schema demands.


def _demand(difference: Difference) -> str:
    """A demand of the reader: of the new document on requests, of the old one on responses. Or one that was dropped."""
    request = _is_request(difference)
    value = difference.after if request is not difference.loosened else difference.before
    subject = format_path(difference.path) or "it"
    if isinstance(value, TooMuch):
        return f"{subject} {value}"
    if difference.edited is not None:
        return f"{format_path(difference.edited) or 'it'}{_moved(difference)}"
    if difference.rule == "additionalProperties" and difference.path[-1:] == (UNLISTED,):
        return f"{format_path(difference.path[:-1]) or 'it'} {_UNDECLARED[request, difference.loosened]}"
    if difference.rule == "contradiction":
        return f"{subject} {_CONTRADICTIONS[difference.direction]}"
    if edit := _EDITS.get(difference.rule, _no_edit)(difference):
        return f"{subject}{edit}"
    other = difference.before if request is not difference.loosened else difference.after
    now = f" (it {'was' if request is not difference.loosened else 'is'} {other})" if _is_limit(other, value) else ""
    return f"{subject} {_MODALS[request, difference.loosened]} {demanded(difference.rule, value)}{now}"


def _is_limit(other: Any, value: Any) -> bool:
    return isinstance(other, int | float) and not isinstance(other, bool) and other != value


_UNDECLARED = {
    (True, False): "may no longer have fields that are not declared",
    (True, True): "may now have fields that are not declared",
    (False, False): "may now have fields that are not declared",
    (False, True): "can no longer have fields that are not declared",
}
_MODALS = {
    (True, False): "must now be",
    (True, True): "need no longer be",
    (False, False): "is no longer guaranteed to be",
    (False, True): "is now guaranteed to be",
}
_CONTRADICTIONS = {
    Direction.REQUEST: "could have no value, because the old schema contradicts itself; now it can",
    Direction.RESPONSE: "can have no value, because the new schema contradicts itself",
    None: "can have no value, because its schema contradicts itself",
}


# What somebody changed, in words that follow the field. An empty text: it is told by what is demanded.


def _no_edit(difference: Difference) -> str:
    return ""


def _type(difference: Difference) -> str:
    came, went = difference.came, difference.went
    narrower = _is_request(difference) is not difference.loosened
    if came and went:
        return f" was {_types(went, ' or ')}, is {_types(came, ' or ')}"
    if narrower and went:
        return f" {'may' if _is_request(difference) else 'can'} no longer be {_types(went, ' or ')}"
    return f" may now be {_types(came, ' or ')}" if came and not narrower else ""


def _types(names: Sequence[Any], between: str) -> str:
    article = {"null": "null", "integer": "an integer", "array": "an array", "object": "an object"}
    return between.join(article.get(name, f"a {name}") for name in names)


def _enum(difference: Difference) -> str:
    narrower = _is_request(difference) is not difference.loosened
    if not (difference.went if narrower else difference.came):
        return ""
    gone = "no longer accepted" if _is_request(difference) else "no longer sent"
    parts = [_of("value", difference.came, "new")] if difference.came else []
    parts += [_of("value", difference.went, gone)] if difference.went else []
    return ": " + "; ".join(parts[::-1] if narrower else parts)


def _of(what: str, values: Sequence[Any], now: str) -> str:
    names = [f"`{value}`" if isinstance(value, str) else f"`{excerpt(value)}`" for value in values]
    return f"{what}{'s' if names[1:] else ''} {_first(names)} {'are' if names[1:] else 'is'} {now}"


def _union(difference: Difference) -> str:
    narrower = _is_request(difference) is not difference.loosened
    if not (difference.went if narrower else difference.came):
        return ""
    value = difference.after if narrower else difference.before
    taken = difference.rule == "alternative" and isinstance(value, dict)
    return _moved(difference) + (f"; {value['sent']} would be taken for {value['taken_for']}" if taken else "")


def _moved(difference: Difference) -> str:
    """The alternatives that came and went."""
    parts = [_of("alternative", difference.came, "new")] if difference.came else []
    gone = _of("alternative", difference.went, "").rsplit(" ", 2)[0] if difference.went else ""
    if gone:
        parts.append(f"{gone} {'were' if difference.went[1:] else 'was'} removed")
    return ": " + "; ".join(parts[::-1] if _is_request(difference) else parts)


def _presence(difference: Difference) -> str:
    value = difference.after if _is_request(difference) is not difference.loosened else difference.before
    if not isinstance(value, str) or not difference.is_edit:
        return ""
    if _is_request(difference):
        now = "is new and required" if difference.came else "is now required"
        return " is no longer required" if difference.loosened else f" {now}"
    if difference.loosened:
        return " is new and always there" if difference.came else " is now always there"
    return " was removed" if difference.went else " is no longer required: it may be absent"


_EDITS: dict[str, Sentence] = {
    "type": _type,
    "enum": _enum,
    "oneOf": _union,
    "anyOf": _union,
    "alternative": _union,
    "required": _presence,
}


def demanded(rule: str, value: Any) -> str:
    """What a keyword demands, in words that follow `must be`."""
    words = DEMANDS.get(rule)
    return (words(value) if words else "") or f"as `{rule}` says"


def _listed(values: Any) -> str:
    if not isinstance(values, list):
        return "one of the listed values"
    words = [json.dumps(value, ensure_ascii=False) for value in values]
    return "one of " + ", ".join(words[:8]) + (f" and {len(words) - 8} more" if len(words) > 8 else "")


def _digits(value: dict[str, Any]) -> str:
    return ", ".join(f"{digits} minor digits in {name}" for name, digits in list(value.items())[:_MOST])


def _alternative(value: Any) -> str:
    return f"one of {', '.join(value['alternatives'])}: {value['sent']} would be taken for {value['taken_for']}"


def _count(value: Any, words: str) -> str:
    return words.format(value) if isinstance(value, int) and not isinstance(value, bool) else ""


# Each takes the keyword's value. An empty text means that there are no words for such a value.
DEMANDS: dict[str, Callable[[Any], str]] = {
    "enum": _listed,
    "type": lambda value: "of type " + (" or ".join(value) if isinstance(value, list) else str(value)),
    "minimum": lambda value: f"at least {value}",
    "exclusiveMinimum": lambda value: f"more than {value}",
    "maximum": lambda value: f"at most {value}",
    "exclusiveMaximum": lambda value: f"less than {value}",
    "multipleOf": lambda value: f"a multiple of {value}",
    "minLength": lambda value: f"at least {value} characters long",
    "maxLength": lambda value: f"at most {value} characters long",
    "minItems": lambda value: f"at least {value} items long",
    "maxItems": lambda value: f"at most {value} items long",
    "items": lambda value: _count(value, "at most {} items long"),
    "uniqueItems": lambda value: "without repeated items",
    "minContains": lambda value: f"with at least {value} items that `contains` describes",
    "maxContains": lambda value: f"with at most {value} items that `contains` describes",
    "pattern": lambda value: f"as the pattern {value} says",
    "format": lambda value: f"of format {value}",
    "format-dropped": lambda value: f"of format {value}",
    "x-minor-digits": lambda value: f"with {_digits(value)}" if isinstance(value, dict) else "",
    "contentEncoding": lambda value: f"of contentEncoding {value}",
    "contentMediaType": lambda value: f"of contentMediaType {value}",
    "unreadable": lambda value: f"as {value} says, which cannot be read",
    "required": lambda value: "present" if isinstance(value, str) else "",
    "read-only": lambda value: "present",
    "additionalProperties": lambda value: "left out" if value == HIDDEN else "",
    "dependentRequired": lambda value: f"present together with {value}" if isinstance(value, str) else "",
    "minProperties": lambda value: f"of at least {value} fields",
    "maxProperties": lambda value: f"of at most {value} fields",
    "not": lambda value: "left out" if value in (True, {}) else "outside of what `not` excludes",
    "oneOf": lambda value: "exactly one of the alternatives",
    "anyOf": lambda value: _count(value, "one of the {} alternatives") or "one of the alternatives",
    "alternative": _alternative,
}

SENTENCES: dict[str, Sentence] = {
    "operation-added": _operation_added,
    "operation-removed": _operation_removed,
    "operation-id": _operation_id,
    "tag": _tag,
    "not-compared": lambda difference: "is marked as not to be relied on; not compared",
    "callback-removed": _callback_removed,
    "security": _security,
    "security-relaxed": lambda difference: "more callers are let in",
    "base-path-removed": _base_path_removed,
    "server-removed": lambda difference: f"{difference.before} is no longer named as a server",
    "dialect": _dialect,
    "deprecated": _deprecated,
    "sunset": lambda difference: _which(difference) + _sunset(difference),
    "stability": lambda difference: _which(difference) + _stability(difference),
    "parameter-added": lambda difference: "may now be sent",
    "parameter-declared": lambda difference: "is now declared; the path always had it",
    "parameter-removed": _parameter_removed,
    "parameter-required": _required,
    "parameter-optional": _optional,
    "path-parameter": lambda difference: f"{_name(difference)} is declared, but the path has no place for it",
    "allowEmptyValue": _empty_value,
    "style": _style,
    "type": lambda difference: _read_as_text(difference) if difference.keyword else _demand(difference),
    "x-minor-digits": lambda difference: _words(difference) if difference.keyword else _demand(difference),
    "body-added": lambda difference: "a body may now be sent",
    "body-removed": _body_removed,
    "body-required": lambda difference: "a body must now be sent",
    "body-optional": lambda difference: "the body may now be absent",
    "media-type-added": _media_type_added,
    "media-type-removed": _media_type_removed,
    "encoding": lambda difference: "its parts are encoded in another way (`encoding` is not compared further)",
    "xml": lambda difference: "its XML has other names (`xml` is not compared further)",
    "status-added": lambda difference: f"{difference.place.status} may now be answered",
    "status-removed": _status_removed,
    "header-added": lambda difference: f"{_name(difference)} was added",
    "header-removed": lambda difference: _declared_no_more(difference, "sent"),
    "header-required": _required,
    "header-optional": _optional,
    "link-added": lambda difference: f"{_name(difference)} was added",
    "link-removed": lambda difference: f"{_name(difference)} is no longer declared",
    "link-changed": _words,
    "field-added": lambda difference: f"{format_path(difference.path)} was added",
    "field-removed": lambda difference: f"{format_path(difference.path)} is no longer declared",
    "discriminator": _discriminator,
    **dict.fromkeys(("words", "version", "default", "x-default"), _words),
    **dict.fromkeys(("x-extensible-enum", "x-sunset", "x-stability-level"), _words),
}


# What a consumer does with what changed. Each takes the names: of fields, parameters, headers.
USES: dict[Use, Callable[[str], str]] = {
    Use.READS: lambda names: f"reads {names}",
    Use.EXPECTS: lambda names: f"expects {names}",
    Use.SENDS: lambda names: f"sends {names}",
    Use.OMITS: lambda names: f"does not always send {names}",
    Use.CALLS: lambda names: "calls it",
    Use.HEADERS: lambda names: (
        f"calls it, and may read the header {names}: a usage does not name headers that are read"
    ),
    Use.RECEIVES: lambda names: "receives this call",
    Use.EVERYTHING: lambda names: "handed in no usage, so that it counts as using everything",
    Use.DOCUMENT: lambda names: "uses the document",
}


def effect_sentences(effect: Effect) -> list[str]:
    """What a difference does to one consumer: one sentence for each operation at which it breaks."""
    name = f"{effect.consumer} {effect.version}"
    return [f"breaks {name}{harm_sentence(harm)}" for harm in effect.harms] or [f"harmless to {name}"]


def harm_sentence(harm: Harm) -> str:
    """Where and why a consumer breaks, after its name."""
    callers = f" ({_first(list(harm.by))})" if harm.by else ""
    place = f" at {harm.operation_id}{callers}" if harm.operation_id else ""
    return f"{place}: {USES[harm.use](_quoted(harm.names))}"


def _quoted(names: Sequence[str]) -> str:
    return _first([f"`{name}`" for name in names])


def deployment_harm(effect: Effect, harm: Harm, releases: tuple[str, str], difference: Difference) -> str:
    """Why a consumer breaks where it runs: `releases` are the one that it pins, and the one that the API speaks."""
    pin, api = releases
    name = f"{effect.consumer} {effect.version} (pins {pin}; the API speaks {api})"
    place = " ".join(filter(None, [difference.place.operation, difference.place.where]))
    return f"breaks {name}{harm_sentence(harm)}: {place}{': ' if place else ''}{sentence(difference)}"


def no_api(consumer: str) -> str:
    """A consumer would run where no API does."""
    return f"breaks {consumer}: no API runs there"


def older_api(consumer: str, pin: str, api: str) -> str:
    """Nothing that the consumer uses is missing, but the API is older than its pin."""
    return (
        f"{consumer} pins {pin}, and the API speaks {api}: a client that compares releases when it starts, as the UI "
        "does, is not ready before the API speaks its pin"
    )


def request(difference: Difference) -> str:
    """The request or response that proves a break without a schema; raises KeyError for rules that need one."""
    return REQUESTS[difference.rule](difference)


def _content_type(difference: Difference) -> str:
    asked = not _is_request(difference) and difference.place.part is Part.RESPONSE
    return f"{difference.place.operation} with {'Accept' if asked else 'Content-Type'}: {difference.subject}"


def _without_body(difference: Difference) -> str:
    return f"{difference.place.operation} without a body"


def _without_parameter(difference: Difference) -> str:
    return f"{difference.place.operation} without {_name(difference)}"


def _without_header(difference: Difference) -> str:
    return f"{'an answer' if _is_request(difference) else 'a response'} without {_name(difference)}"


def _a_call(difference: Difference) -> str:
    text = _unreadable_day(difference)
    if text is not None:
        return f"{difference.place.operation} has x-sunset {text!r}"
    before, after = day_of(difference.before), day_of(difference.after)
    return f"a call between {after} and {before}" if after else f"a call on {before}"


def _relying(difference: Difference) -> str:
    level = _unknown_level(difference)
    if level is not None:
        return f"{difference.place.operation} has x-stability-level {level!r}"
    return f"a client that relies on {difference.before}"


def _base_path(difference: Difference) -> str:
    method, _, path = difference.place.operation.partition(" ")
    return f"{method} {difference.before}{path}"


def _status(difference: Difference) -> str:
    verb = "is answered with" if _is_request(difference) else "no longer answers"
    return f"{difference.place.operation} {verb} {difference.place.status}"


REQUESTS: dict[str, Sentence] = {
    "operation-removed": lambda difference: difference.place.operation,
    "callback-removed": lambda difference: " ".join(difference.before),
    "security": lambda difference: f"{difference.place.operation} with {credentials(difference.before)}",
    "base-path-removed": _base_path,
    "sunset": _a_call,
    "stability": _relying,
    "path-parameter": lambda difference: difference.place.operation,
    "parameter-removed": _without_parameter,
    "parameter-required": _without_parameter,
    "parameter-optional": _without_parameter,
    "allowEmptyValue": lambda difference: f"{difference.place.operation}?{_name(difference)}=",
    "style": lambda difference: f"{difference.place.operation}{difference.before}",
    "body-removed": _without_body,
    "body-required": _without_body,
    "body-optional": _without_body,
    "media-type-added": _content_type,
    "media-type-removed": _content_type,
    "status-removed": _status,
    "header-removed": _without_header,
    "header-required": _without_header,
    "header-optional": _without_header,
}
