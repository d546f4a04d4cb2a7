"""Whatever differs is told: no leaf of a document can be edited and the documents be called the same."""

import copy
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from contract.compare import compare
from contract.openapi.document import Document, DocumentError
from contract.tests.building import EXAMPLE, obj
from contract.tests.everything import edited, edits, everything, kind
from contract.tests.pairs import PAIRS, asks, param, takes, tells
from contract.tests.sampling import SEED, sample
from contract.tests.schemas import MORE, SCHEMAS

PATH = Path("all.json")
VERSIONS = ("3.0", "3.1", "3.2")


def beside(data):
    """The same with one more operation: another difference, behind which an edit must not vanish."""
    made = copy.deepcopy(data)
    made["paths"]["/beside"] = {"get": {"responses": {"204": {"description": "Beside."}}}}
    return made


def told(old, data):
    """What is said, or None when the document is refused."""
    try:
        return compare(old, Document(data, PATH))
    except DocumentError:
        return None


def said(findings):
    return {(one.verdict, one.rule, one.text, one.place.where, one.field, *one.operations) for one in findings}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_with_every_key_is_read_and_the_same_as_itself(version):
    assert told(Document(everything(version), PATH), everything(version)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_edit_of_a_leaf_is_told_or_refused_also_beside_another_one(version, tell, long):
    old, counts, silent = Document(everything(version), PATH), Counter(), []
    alone = said(told(old, beside(everything(version))))
    ways = sample(edited(everything(version)), lambda edit: kind(edit)[-2:], 1, long)
    for way, how, data in edits(everything(version), ways):
        findings = told(old, beside(data))
        counts["refused" if findings is None else "told"] += 1
        if findings is not None and not said(findings) - alone:
            silent.append((way, how))
    tell(f"leaves of {version}: {counts['told']} edits told, {counts['refused']} refused, {len(silent)} silent")
    assert silent == []


def by_itself(old, version, edit):
    """What is found for an edit alone."""
    [(_, _, data)] = edits(everything(version), [edit])
    return told(old, data) or ()


def within_another_parameter(way, other):
    """Whether the first edit made another parameter of one, and the second is within it: it is told as a new one."""
    return "parameters" in way and way[-1] in ("in", "name") and other[: len(way) - 1] == way[:-1]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_edit_is_told_beside_any_other_one(version, tell, long):
    """Sampled by seed; `--long` tries far more pairs."""
    tries, every = (60, 7) if long else (6, 53)
    old, counts, silent = Document(everything(version), PATH), Counter(), []
    firsts = [one for one in edits(everything(version)) if "securitySchemes" not in one[0]]
    for way, how, data in random.Random(SEED).sample(firsts, tries):
        findings = told(old, data)
        alone = said(findings or ())
        for other, also, both in edits(data, edited(data)[::every]) if findings is not None else ():
            added_twice = also == "added" and (other, also) == (way, how)
            if added_twice or within_another_parameter(way, other):
                continue
            findings = told(old, both)
            counts["refused" if findings is None else "told"] += 1
            is_silent = findings is not None and both != everything(version) and not said(findings) - alone
            # Two edits of the same words at one place have one sentence.
            if is_silent and not said(by_itself(old, version, (other, also))) <= alone:
                silent.append((way, how, other, also))
    tell(f"two edits of {version}: {counts['told']} pairs told, {counts['refused']} refused, {len(silent)} silent")
    assert silent == []


def test_every_edit_of_a_leaf_of_a_whole_contract_is_told_or_refused(tell, long):
    data = json.loads(EXAMPLE.read_text())
    old, counts = Document(data, PATH), Counter()
    ways = sample(edited(data), lambda edit: kind(edit)[-2:], 1, long)
    for _, _, made in edits(data, ways[::17] if long else ways):
        findings = told(old, made)
        counts["refused" if findings is None else "told" if findings else "silent"] += 1
    tell(f"leaves of a contract: {counts['told']} edits told, {counts['refused']} refused, {counts['silent']} silent")
    assert counts["silent"] == 0


def small_documents(count):
    """The small pairs, and schemas of every keyword put together at random, in each place."""
    chance = random.Random(SEED)
    made = [data for *_, old, new in PAIRS for data in (old, new)]
    for _ in range(count):
        picked = [SCHEMAS[chance.choice(list(SCHEMAS))] for _ in range(chance.randint(1, 4))]
        whole = obj(**{f"f{index}": schema for index, schema in enumerate(picked)})
        made += [asks(whole, **MORE), tells(whole, **MORE), takes(param(picked[0]), **MORE)]
    chance.shuffle(made)
    return made


def test_no_edit_of_a_leaf_of_small_documents_is_called_the_same(tell, long):
    """A hundred thousand edits with `--long`."""
    most, every, counts, silent = (100_000, 1, Counter(), []) if long else (160, 17, Counter(), [])
    for data in small_documents(2000 if long else 40):
        if counts.total() >= most:
            break
        try:
            old = Document(data, PATH)
        except DocumentError:
            continue
        for way, how, made in edits(data, edited(data)[::every]):
            findings = told(old, made)
            counts["refused" if findings is None else "told" if findings else "silent"] += 1
            silent += [(way, how, data)] if findings == [] else []
    tell(f"leaves of small documents: {counts['told']} edits told, {counts['refused']} refused, {len(silent)} silent")
    assert silent == []
