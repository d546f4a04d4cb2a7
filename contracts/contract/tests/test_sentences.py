"""Sentences are made of the fields of a finding: what something is called changes its name in them and nothing else."""

import json
import re
from functools import cache
from typing import Any, NamedTuple
from zlib import crc32

import pytest

from contract.compare import compare
from contract.findings.rules import RULES
from contract.findings.sentences import DEMANDS, SENTENCES
from contract.openapi.direction import Direction
from contract.openapi.place import Part
from contract.output.data import as_json
from contract.output.markdown import markdown
from contract.output.text import text
from contract.release.changelog import _line
from contract.tests.building import S, document, obj, tells
from contract.tests.naming import CALLERS, ODD, kinds_of, pairs

# A letter that no sentence has: a name made of it can be found in them, and replaced.
LETTER = "ӝ"
# Rules about documents too wide or too deep to be compared, or about the version of a document.
ELSEWHERE = frozenset({"version", "alternatives"})
# Whether the client sends a part where the client calls; where a server calls, it is the other way round.
SENT = {Part.PARAMETER: True, Part.BODY: True, Part.RESPONSE: False, Part.HEADER: False}
WAYS = ("there", "back")
# What is said of one direction alone.
OF_REQUESTS = ("no longer accepted", "must now be", "no longer read", "may now be left out")
OF_RESPONSES = ("no longer guaranteed", "may now be absent", "no longer answered")


class Tried(NamedTuple):
    """A kind of difference, and what is found where its name is an odd one and where it is a plain one."""

    name: str
    kind: str
    odd: Any
    plain: Any


@cache
def tried(by, long):
    """Every kind of difference, there and back, with each odd name; else each kind with one name.

    A server's calls are compared by the same code as a client's, so that a third of their kinds is enough.
    """
    if long:
        return [case for name in ODD for case in with_name(name, by, lambda kind: True)]
    kinds = [f"{kind}, {way}" for kind in kinds_of(by) for way in WAYS]
    numbers = {kind: crc32(kind.encode()) for kind in kinds}
    left = {kind for kind in kinds if by == "client" or numbers[kind] % 3 == CALLERS.index(by)}
    cases = []
    for shift, name in enumerate(ODD):
        own = {kind for kind in left if (numbers[kind] + shift) % len(ODD) == 0}
        cases += with_name(name, by, own.__contains__)
    # Some kinds take no name but one of letters.
    return cases + with_name("request", by, (left - {case.kind for case in cases}).__contains__)


def with_name(name, by, wanted):
    plain = dict(both_ways(LETTER * len(name), by, wanted))
    return [Tried(name, kind, findings, plain[kind]) for kind, findings in both_ways(name, by, wanted)]


def both_ways(name, by, wanted):
    for kind, old, new in pairs(name, by, lambda kind: any(wanted(f"{kind}, {way}") for way in WAYS)):
        for way, one, other in zip(WAYS, (old, new), (new, old), strict=True):
            if wanted(f"{kind}, {way}"):
                yield f"{kind}, {way}", compare(one, other)


def written(findings, name=""):
    """Every sentence and every field of findings, with LETTER's name replaced.

    Without case, as headers have none, and in no order of words, as samples have none.
    """
    data = json.loads(as_json(findings))["findings"]
    lines = [*text(findings).splitlines(), *markdown(findings).splitlines()]
    lines += [json.dumps(finding, ensure_ascii=False) for finding in data]
    lines += [_line(finding, {}) for finding in findings]
    lines = [line.replace(LETTER * len(name), name).lower() for line in lines] if name else lines
    return sorted(sorted(re.split(r"[^\w.\[\]{}]+", line.lower().replace("`", "'"))) for line in lines)


@pytest.mark.parametrize("by", CALLERS)
def test_a_name_changes_nothing_but_itself(by, tell, long):
    cases = tried(by, long)
    wrong = [(one.name, one.kind) for one in cases if written(one.odd) != written(one.plain, one.name)]
    kinds = len({one.kind for one in cases})
    tell(
        f"sentences, the {by} calls: {kinds} differences, {len(ODD)} odd names, {len(cases)} pairs, {len(wrong)} wrong"
    )
    assert wrong == []


@pytest.mark.parametrize("by", CALLERS)
def test_the_direction_is_that_of_who_sends_and_so_is_the_sentence(by, tell, long):
    wrong, counts = [], dict.fromkeys(Direction, 0)
    for case in tried(by, long):
        for finding in case.plain:
            if finding.place.part not in SENT or not finding.direction:
                continue
            counts[finding.direction] += 1
            by_client = SENT[finding.place.part] is (by == "client")
            expected, other = (Direction.REQUEST, OF_RESPONSES) if by_client else (Direction.RESPONSE, OF_REQUESTS)
            if finding.direction is not expected or any(words in text([finding]) for words in other):
                wrong.append((case.kind, text([finding])))
    told = ", ".join(f"{count} of {direction}s" for direction, count in counts.items())
    tell(f"directions, the {by} calls: findings {told}; {len(wrong)} wrong")
    assert wrong == []


def test_each_rule_that_has_a_sentence_is_tried(long):
    rules = {finding.rule for by in CALLERS for case in tried(by, long) for finding in case.odd}
    assert {*SENTENCES, *DEMANDS} - rules - ELSEWHERE == set()


def test_each_finding_has_a_grade_that_its_rule_names(tell, long):
    graded = {(one.rule, one.verdict) for by in CALLERS for case in tried(by, long) for one in case.odd}
    tell(f"rules: {len(RULES)}; grades met: {len(graded)}")
    assert {(rule, verdict) for rule, verdict in graded if verdict not in RULES[rule].grades} == set()


TAGS = [{"name": name, "description": f"All about the {name} of the shop."} for name in ("products", "stock")]
OTHER = {**TAGS[0], "description": "Something else is said about the products of the shop."}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (TAGS[:1], TAGS, "tags has more: stock"),
        (TAGS, TAGS[:1], "tags no longer has stock"),
        (TAGS[:1], [OTHER], "tags differs in products"),
        (TAGS, [OTHER], "tags no longer has stock; differs in products"),
        (TAGS, TAGS[::-1], "tags is written in another way"),
    ],
)
def test_a_long_list_says_which_of_its_members_changed(old, new, words):
    assert [one.text for one in compare(document(tags=old), document(tags=new))] == [words]


NAMES = ("a", "ab", "a.b", "at", "header a", "request", "X-Request-Id")


@pytest.mark.parametrize("name", NAMES)
def test_a_field_that_went_is_told_beside_one_whose_name_begins_alike(name):
    old = {**obj(**{name: S, f"{name}{name}": S}), "required": [f"{name}{name}"]}
    fields = {finding.field for finding in compare(tells(old), tells(obj(other=S))) if finding.verdict != "words"}
    assert {name, f"{name}{name}"} <= fields


@pytest.mark.parametrize("where", ["query", "header", "cookie"])
def test_each_parameter_with_the_same_unproven_difference_is_told(where):
    odd = {**S, "format": "made-up"}
    old, new = ({"parameters": [{"name": name, "in": where, "schema": {**one}} for name in NAMES]} for one in (S, odd))
    assert len([finding for finding in compare(document(old), document(new)) if finding.stops]) == len(NAMES)


def test_each_header_with_the_same_unproven_difference_is_told():
    odd = {**S, "format": "made-up"}
    old, new = (
        {"responses": {"200": {"description": "Done.", "headers": {name: {"schema": {**one}} for name in NAMES}}}}
        for one in (odd, S)
    )
    assert len([finding for finding in compare(document(old), document(new)) if finding.stops]) == len(NAMES)
