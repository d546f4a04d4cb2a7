"""Sentences are made of the fields of a finding: what something is called changes its name in them and nothing else."""

import json
import re
from functools import cache
from zlib import crc32

import pytest

from contract.compare import compare
from contract.findings import output
from contract.findings.sentences import DEMANDS, SENTENCES
from contract.openapi.direction import Direction
from contract.openapi.place import Part
from contract.release.changelog import _line
from contract.tests.naming import CALLERS, ODD, pairs

# A letter that no sentence has: a name made of it can be found in them, and replaced.
LETTER = "ӝ"
# The default run tries each kind of difference with one odd name, and each name with one kind in STEP.
STEP = len(ODD)
# Rules about documents too wide or too deep to be compared, or about the version of a document.
ELSEWHERE = frozenset({"version", "alternatives"})
# Whether the client sends a part where the client calls; where a server calls, it is the other way round.
SENT = {Part.PARAMETER: True, Part.BODY: True, Part.RESPONSE: False, Part.HEADER: False}
# What is said of one direction alone.
OF_REQUESTS = ("no longer accepted", "must now be", "no longer read", "may now be left out")
OF_RESPONSES = ("no longer sure", "may now be absent", "no longer answered")


def judged(name, by, wanted=lambda kind: True):
    """What is found for each kind of difference, and for the same one the other way round."""
    for kind, old, new in pairs(name, by, wanted):
        yield (kind, "there"), compare(old, new)
        yield (kind, "back"), compare(new, old)


@cache
def everything(name, by):
    return dict(judged(name, by))


def written(findings, name=""):
    """Every sentence and every field of findings, with LETTER's name replaced.

    Without case, as headers have none, and in no order of words, as samples have none.
    """
    data = json.loads(output.as_json(findings))["findings"]
    lines = [*output.text(findings).splitlines(), *output.markdown(findings).splitlines()]
    lines += [json.dumps(finding, ensure_ascii=False) for finding in data]
    lines += [_line(finding, {}) for finding in findings]
    lines = [line.replace(LETTER * len(name), name).lower() for line in lines] if name else lines
    return sorted(sorted(re.split(r"[^\w.\[\]{}]+", line.lower().replace("`", ""))) for line in lines)


@pytest.mark.parametrize("by", CALLERS)
def test_a_name_changes_nothing_but_itself(by, tell, request):
    step = 1 if request.config.getoption("--long") else STEP
    wrong, kinds, count = [], set(), 0
    for shift, name in enumerate(ODD):

        def wanted(kind, shift=shift):
            return (crc32(kind.encode()) + shift) % step == 0

        plain = dict(judged(LETTER * len(name), by, wanted))
        for key, findings in judged(name, by, wanted):
            kinds.add(key)
            count += 1
            if written(findings) != written(plain[key], name):
                wrong.append((name, key))
    tell(
        f"sentences, the {by} calls: {len(kinds)} differences, {len(ODD)} odd names, {count} pairs, {len(wrong)} wrong"
    )
    assert wrong == []


@pytest.mark.parametrize("by", CALLERS)
def test_the_direction_is_that_of_who_sends_and_so_is_the_sentence(by, tell):
    wrong, counts = [], dict.fromkeys(Direction, 0)
    for key, findings in everything("X-Request-Id", by).items():
        for finding in findings:
            if finding.place.part not in SENT or not finding.direction:
                continue
            counts[finding.direction] += 1
            by_client = SENT[finding.place.part] is (by == "client")
            expected, other = (Direction.REQUEST, OF_RESPONSES) if by_client else (Direction.RESPONSE, OF_REQUESTS)
            if finding.direction is not expected or any(words in output.text([finding]) for words in other):
                wrong.append((key, output.text([finding])))
    told = ", ".join(f"{count} of {direction}s" for direction, count in counts.items())
    tell(f"directions, the {by} calls: findings {told}; {len(wrong)} wrong")
    assert wrong == []


def test_each_rule_that_has_a_sentence_is_tried():
    tried = (findings for by in CALLERS for findings in everything("X-Request-Id", by).values())
    rules = {finding.rule for findings in tried for finding in findings}
    assert {*SENTENCES, *DEMANDS} - rules - ELSEWHERE == set()
